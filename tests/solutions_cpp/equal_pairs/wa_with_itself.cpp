// Pairs a parcel with itself.
#include <iostream>
#include <map>

int main() {
    int n, k;
    std::cin >> n >> k;
    std::map<int, long long> seen;
    long long pairs = 0;
    while (n--) {
        int a;
        std::cin >> a;
        ++seen[a];
        pairs += seen[k - a];
    }
    std::cout << pairs << std::endl;
}
