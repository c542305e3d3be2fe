// Never moves on when a sum fits.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n, k;
    std::cin >> n >> k;
    std::vector<int> a(n);
    for (int& x : a) std::cin >> x;
    std::sort(a.begin(), a.end());
    volatile long long pairs = 0;
    for (int low = 0, high = n - 1; low < high;) {
        if (a[low] + a[high] < k) ++low;
        else if (a[low] + a[high] > k) --high;
        else pairs = pairs + 1;
    }
    std::cout << pairs << '\n';
}
