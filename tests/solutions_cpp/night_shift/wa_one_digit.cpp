// Prints 0:5 for five past midnight.
#include <iostream>

int main() {
    int hours, minutes, n, task;
    char colon;
    std::cin >> hours >> colon >> minutes >> n;
    minutes += 60 * hours;
    while (n--) {
        std::cin >> task;
        minutes += task;
    }
    minutes %= 1440;
    std::cout << minutes / 60 << ':' << minutes % 60 << '\n';
}
