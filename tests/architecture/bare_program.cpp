// Built without any protection, to see that hardening_test finds none.
#include <cstdio>
#include <cstring>

int main(int, char** argv) {
  char copy[64];
  std::strncpy(copy, argv[0], sizeof copy - 1);
  copy[sizeof copy - 1] = '\0';
  return std::puts(copy) < 0 ? 1 : 0;
}
