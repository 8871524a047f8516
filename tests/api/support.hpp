// Verbs for the tests of the handle layer.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "waxwing/runtime.hpp"
#include "waxwing/text.hpp"

namespace waxwing::test {

inline std::vector<std::byte> wat(std::string_view text) {
    auto bytes = parse_wat(text);
    if (!bytes) {
        ADD_FAILURE() << bytes.error().message();
        return {};
    }
    return *std::move(bytes);
}

// The value of a result that must be there.
template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().format();
        std::abort();
    }
    return *std::move(result);
}

template <class T>
void expect_error(const Result<T>& result, Code code, std::string_view text) {
    ASSERT_FALSE(result) << "expected error " << static_cast<int>(code);
    EXPECT_EQ(result.error().code(), code) << result.error().format();
    EXPECT_NE(result.error().message().find(text), std::string_view::npos)
        << "message: " << result.error().message() << "\nexpected in it: " << text;
}

inline InstanceRef make(Runtime& runtime, std::string_view text,
                        const InstanceOptions& options = {}) {
    return must(runtime.instantiate(must(runtime.compile(wat(text))), options));
}

// A folder of its own for a test, removed afterwards.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "waxwing-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::string& name, std::string_view contents) const {
        const auto file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << contents;
        return file;
    }
    std::filesystem::path write(const std::string& name,
                                const std::vector<std::byte>& bytes) const {
        return write(name,
                     std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    }

private:
    std::filesystem::path path_;
};

inline constexpr std::string_view add_module = R"((module
  (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)))";

}  // namespace waxwing::test
