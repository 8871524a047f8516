/* Compiled when the build is set up, to see whether a compiler can make WASI commands. */
#include <stdio.h>

int main(void) { return puts("ok") < 0; }
