// A file and a variable that no later run may find.
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

int main() {
    FILE* file = fopen("/tmp/left", "w");
    fputs("left", file);
    fclose(file);
    setenv("LEFT", "1", 1);
    puts("42");
}
