#pragma once

#include <fmt/format.h>

#include "std.hpp"
