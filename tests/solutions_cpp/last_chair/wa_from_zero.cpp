// Numbers the chairs from 0.
#include <iostream>

int main() {
    int n, k, last = 0;
    std::cin >> n >> k;
    for (int circle = 2; circle <= n; ++circle) last = (last + k) % circle;
    std::cout << last << '\n';
}
