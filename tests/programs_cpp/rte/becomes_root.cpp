#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>

int main() {
    bool refused = setuid(0) != 0 && setgid(0) != 0 && unshare(CLONE_NEWNS) != 0 && chroot("/tmp") != 0 &&
                   mount("none", "/tmp", "tmpfs", 0, nullptr) != 0;
    if (refused) return 1;
    puts("42");
}
