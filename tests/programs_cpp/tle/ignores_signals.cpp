#include <csignal>

int main() {
    for (int number = 1; number < 65; ++number) signal(number, SIG_IGN);
    for (volatile unsigned long n = 0;; n = n + 1) {
    }
}
