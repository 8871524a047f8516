#include <fmt/format.h>

#include "std.hpp"
