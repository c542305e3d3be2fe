// Static tables far larger than what is touched of them.
#include <bits/extc++.h>
#include <cstdio>

static long long table[1 << 27];
static int filled[100000] = {1, 2, 3};

int main() {
    __gnu_pbds::gp_hash_table<int, int> counts;
    int n = 0;
    if (scanf("%d", &n) != 1) return 1;
    counts[n] = 2;
    table[n] = n;
    printf("%lld\n", table[n] * counts[n] * filled[0]);
}
