#include <bits/stdc++.h>
using namespace std;

int main() {
    int n, before, here, gap = 0;
    cin >> n >> before;
    while (--n) {
        cin >> here;
        gap = max(gap, abs(here - before));
        before = here;
    }
    cout << gap << endl;
}
