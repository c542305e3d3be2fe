#include <vector>

int main() {
    std::vector<char*> all;
    for (;;) {
        char* block = new char[1 << 20];
        for (int at = 0; at < 1 << 20; at += 4096) block[at] = 1;
        all.push_back(block);
    }
}
