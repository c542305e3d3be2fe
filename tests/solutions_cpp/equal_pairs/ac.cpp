#include <bits/stdc++.h>
using namespace std;

int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n, k;
    cin >> n >> k;
    vector<long long> seen(1000001);
    long long pairs = 0;
    while (n--) {
        int a;
        cin >> a;
        if (a < k) pairs += seen[k - a];
        ++seen[a];
    }
    cout << pairs << '\n';
}
