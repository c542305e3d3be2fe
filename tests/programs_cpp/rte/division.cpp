#include <iostream>

int main() {
    int n = 0;
    std::cin >> n;
    std::cout << 42 / (n - 21) << std::endl;
}
