#include <iostream>
#include <string>

int main() {
    int rows, columns, free = 0;
    std::cin >> rows >> columns;
    for (std::string row; rows-- && std::cin >> row;) free += row.find('#') == std::string::none;
    std::cout << free << std::endl;
}
