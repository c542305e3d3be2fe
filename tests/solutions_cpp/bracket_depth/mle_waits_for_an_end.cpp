// Keeps what it reads until a mark that never comes.
#include <iostream>
#include <vector>

int main() {
    std::vector<long long> all;
    for (char c; std::cin.get(c), c != '$';) all.push_back(c);
    std::cout << all.size() << '\n';
}
