#include <gtest/gtest.h>

#include "../../src/pch/std.hpp"
