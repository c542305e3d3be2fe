// A tree of 2^60 types, no path in it longer than 60.
template <int N, unsigned long Path>
struct Node : Node<N - 1, 2 * Path>, Node<N - 1, 2 * Path + 1> {};
template <unsigned long Path>
struct Node<0, Path> {};
Node<60, 1> tree;
int main() {}
