// An honest depth of two million, more than 128 MB of stack: contest judges allow it up to the memory limit.
#include <cstdio>

static long long deep(int n) {
    volatile long long here[8] = {n};
    return n == 0 ? 0 : deep(n - 1) + (here[0] > 0);
}

int main() {
    int n = 0;
    if (scanf("%d", &n) != 1) return 1;
    printf("%lld\n", deep(2000000) / 2000000 * 2 * n);
}
