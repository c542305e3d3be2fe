#include <cstdio>

int main() {
    puts("42");
    return 3;
}
