template <int N>
struct Deeper {
    using type = typename Deeper<N + 1>::type;
};
Deeper<0>::type endless;
int main() {}
