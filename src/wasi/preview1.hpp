// The functions of wasi_snapshot_preview1.
#pragma once

#include <span>

#include "wasi/bind.hpp"

namespace waxwing::wasi {

std::span<const Function> preview1();

}  // namespace waxwing::wasi
