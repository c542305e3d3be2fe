#include <sys/wait.h>
#include <unistd.h>

int main() {
    for (int i = 0; i < 3; ++i)
        if (fork() == 0)
            for (volatile unsigned long n = 0;; n = n + 1) {
            }
    while (wait(nullptr) > 0) {
    }
}
