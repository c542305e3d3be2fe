// Takes as balanced what has as many of one as of the other, in any order.
#include <iostream>
#include <string>

int main() {
    std::string line;
    std::cin >> line;
    int depth = 0, deepest = 0;
    for (char c : line) {
        depth += c == '(' ? 1 : -1;
        if (depth > deepest) deepest = depth;
    }
    std::cout << (depth == 0 ? deepest : -2) << '\n';
}
