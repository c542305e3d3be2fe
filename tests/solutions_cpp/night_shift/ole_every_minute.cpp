// Shows the clock, and never stops.
#include <cstdio>

int main() {
    for (long long minutes = 0;; ++minutes) printf("%02lld:%02lld\n", minutes / 60 % 24, minutes % 60);
}
