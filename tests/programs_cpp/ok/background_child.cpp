// The answer is out; what the child still does changes nothing.
#include <cstdio>
#include <unistd.h>

int main() {
    if (fork() == 0) {
        setsid();
        sleep(3600);
        return 0;
    }
    puts("42");
}
