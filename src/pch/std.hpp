// Headers of the C++ library that most files include, compiled once for all of them: reading
// them takes longer than what is ours. Files include what they need all the same; builds with
// -Db_pch=false show whether they do.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>
