#include <algorithm>
#include <iostream>
#include <string>

int main() {
    std::string line;
    std::cin >> line;
    int depth = 0, deepest = 0;
    for (char c : line) {
        depth += c == '(' ? 1 : -1;
        if (depth < 0) break;
        deepest = std::max(deepest, depth);
    }
    std::cout << (depth == 0 ? deepest : -1) << '\n';
}
