// A compiled module: decoded, validated, ready to be instantiated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "waxwing/error.hpp"
#include "waxwing/features.hpp"
#include "waxwing/types.hpp"

#pragma GCC visibility push(default)
namespace waxwing {

using Bytes = std::span<const std::byte>;

struct LoadOptions {
    Features features{};
    // Translate every function now instead of when it is first called.
    bool eager = false;
    // There will be one instance at most: it takes the bytes of active data
    // segments over, and their memory is given back. Another one is refused.
    bool single_instance = false;
};

// What translation has made of function bodies so far. A function counts twice if
// it was called with and without fuel, a deadline or a cancel token.
struct CodeStats {
    std::uint64_t functions = 0;
    std::uint64_t wasm_bytes = 0;  // of these functions' instructions
    std::uint64_t code_bytes = 0;  // of what is executed
};

// Immutable and shared: copies are cheap and refer to the same module, and any
// number of threads may use one at the same time. It owns its bytes.
class Module {
public:
    // Decodes and validates. Errors: Code::compile.
    static Result<Module> load(Bytes bytes, const LoadOptions& options = {});
    // Keeps the vector instead of a copy.
    static Result<Module> load(std::vector<std::byte>&& bytes, const LoadOptions& options = {});
    // Errors: Code::io if the file cannot be read, else as load().
    static Result<Module> load_file(const std::filesystem::path& path,
                                    const LoadOptions& options = {});
    // As load(), without keeping anything.
    static Result<void> validate(Bytes bytes, const Features& features = {});

    // In the order of the module. Concrete references in types are canonical ids.
    const std::vector<ImportInfo>& imports() const;
    const std::vector<ExportInfo>& exports() const;
    // From the name section; empty if there is none.
    std::string_view name() const;
    // The first custom section of that name. Valid as long as a copy of the module lives.
    std::optional<Bytes> custom_section(std::string_view name) const;

    // Grows while functions are called for the first time.
    CodeStats code_stats() const;

    struct Impl;
    const std::shared_ptr<const Impl>& impl() const { return impl_; }
    explicit Module(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

private:
    std::shared_ptr<const Impl> impl_;
};

}  // namespace waxwing
#pragma GCC visibility pop
