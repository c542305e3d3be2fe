// Goes on when nobody is left.
#include <iostream>
#include <vector>

int main() {
    int n, k;
    std::cin >> n >> k;
    std::vector<int> chairs;
    for (int i = 1; i <= n; ++i) chairs.push_back(i);
    std::size_t at = 0;
    for (int taken = 0; taken <= n; ++taken) {
        at = (at + k - 1) % chairs.size();
        if (chairs.size() == 1) std::cout << chairs[at] << std::endl;
        chairs.erase(chairs.begin() + at);
    }
}
