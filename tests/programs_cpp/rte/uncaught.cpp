#include <iostream>
#include <vector>

int main() {
    std::cout << "42" << std::endl;
    std::vector<int> none;
    return none.at(3);
}
