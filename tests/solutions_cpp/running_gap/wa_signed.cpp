// Takes the difference with its sign.
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> h(n);
    for (int& x : h) std::cin >> x;
    int gap = 0;
    for (int i = 1; i < n; ++i) gap = std::max(gap, h[i] - h[i - 1]);
    std::cout << gap << '\n';
}
