#include <cstdio>

int main() {
    long long hours, minutes, n, task;
    if (scanf("%lld:%lld %lld", &hours, &minutes, &n) != 3) return 1;
    minutes += 60 * hours;
    while (n-- && scanf("%lld", &task) == 1) minutes += task;
    minutes %= 1440;
    printf("%02lld:%02lld\n", minutes / 60, minutes % 60);
}
