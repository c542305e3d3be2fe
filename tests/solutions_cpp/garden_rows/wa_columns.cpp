// Counts columns.
#include <iostream>
#include <string>
#include <vector>

int main() {
    int rows, columns;
    std::cin >> rows >> columns;
    std::vector<bool> stone(columns);
    for (std::string row; rows-- && std::cin >> row;)
        for (int i = 0; i < columns; ++i) stone[i] = stone[i] || row[i] == '#';
    int free = 0;
    for (bool blocked : stone) free += !blocked;
    std::cout << free << '\n';
}
