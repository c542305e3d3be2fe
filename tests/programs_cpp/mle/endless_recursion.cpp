// The stack may fill the memory limit, and then it has.
#include <cstdio>

static int deep(volatile int* above) {
    volatile int here[64] = {*above};
    return deep(here) + here[0];
}

int main() {
    volatile int start = 1;
    printf("%d\n", deep(&start));
}
