#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstdio>

int main() {
    int made = socket(AF_INET, SOCK_STREAM, 0);
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    if (made < 0 && local < 0) return 1;
    puts("42");
}
