/* What is left when nothing is to be done: start-up and memory. */
#include <stdio.h>

int main(void) {
    puts("hello world");
    return 0;
}
