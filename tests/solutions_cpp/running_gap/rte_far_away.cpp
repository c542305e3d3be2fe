// Reads far outside of the array.
#include <cstdio>
#include <vector>

int main() {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    std::vector<long> h(n);
    for (long& x : h)
        if (scanf("%ld", &x) != 1) return 1;
    printf("%ld\n", h[n] - h[-1000000000L]);
}
