constexpr unsigned long spin() {
    unsigned long sum = 0;
    for (unsigned long n = 0; n < 1UL << 60; ++n) sum += n;
    return sum;
}
constexpr unsigned long endless = spin();
int main() {}
