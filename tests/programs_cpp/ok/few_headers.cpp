#include <iostream>
#include <numeric>
#include <ranges>
#include <vector>

int main() {
    int n = 0;
    std::cin >> n;
    std::vector<int> ones(2 * n, 1);
    auto all = ones | std::views::all;
    std::cout << std::accumulate(all.begin(), all.end(), 0) << std::endl;
}
