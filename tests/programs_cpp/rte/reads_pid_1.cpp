#include <fcntl.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include <cstdio>
#include <initializer_list>

int main() {
    int opened = 0;
    for (const char* path : {"/proc/1/mem", "/proc/1/environ", "/proc/1/fd/0", "/proc/1/fd/1", "/proc/1/maps"})
        opened += open(path, O_RDWR) >= 0 || open(path, O_RDONLY) >= 0;
    if (opened == 0 && ptrace(PTRACE_ATTACH, 1, nullptr, nullptr) != 0) return 1;
    puts("42");
}
