// Is there a C++ library for WASI?
#include <string>

int main(int argc, char**) { return std::to_string(argc) == "0"; }
