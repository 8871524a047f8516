// Patterns for paths.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace waxwing::api {

// "/a//b/" -> {"a", "b"}
std::vector<std::string> split_path(std::string_view path);

// True if `name` is what `pattern` says: `*` is any run of characters, `?` any one.
// Takes time proportional to the product of the lengths at most.
bool matches_name(std::string_view pattern, std::string_view name);

// The same for whole paths: a component `**` is any number of components.
bool matches_path(std::span<const std::string> pattern, std::span<const std::string> path);

bool has_wildcard(std::string_view component);

}  // namespace waxwing::api
