// Reads, sorts nothing much, and answers: what most contest programs look like.
#include <bits/stdc++.h>
using namespace std;

int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    long long n;
    cin >> n;
    cout << 2 * n << '\n';
}
