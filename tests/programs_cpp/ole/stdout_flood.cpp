#include <cstdio>

int main() {
    for (;;) puts("once more");
}
