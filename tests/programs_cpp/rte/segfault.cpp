#include <cstdio>

int main() {
    puts("42");
    fflush(stdout);
    int* volatile nowhere = nullptr;
    return *nowhere;
}
