#include <iostream>

int main() {
    for (;;) std::cerr << "once more\n";
}
