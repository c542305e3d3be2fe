// Refused at once, so that nothing of it was ever used.
#include <iostream>
#include <vector>

int main() {
    std::vector<long long> all(1LL << 36);
    std::cout << all[5] << std::endl;
}
