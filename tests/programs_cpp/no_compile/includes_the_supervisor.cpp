#include "/proc/1/environ"
#include "/proc/1/mem"
int main() {}
