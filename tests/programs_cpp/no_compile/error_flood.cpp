template <typename T>
void flood(T t) {
    flood(t, t);
    flood<T*>(&t);
}
int main() { flood(1); }
