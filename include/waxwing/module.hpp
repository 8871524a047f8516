// A compiled module: decoded, validated, ready to be instantiated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
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

template <class Info>
class InfoList;

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
    InfoList<ImportInfo> imports() const;
    InfoList<ExportInfo> exports() const;
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
    friend class InfoList<ImportInfo>;
    friend class InfoList<ExportInfo>;
    void describe(std::size_t index, ImportInfo& info) const;
    void describe(std::size_t index, ExportInfo& info) const;

    std::shared_ptr<const Impl> impl_;
};

// What a module imports or exports. An element is made each time it is asked for, so
// that a list takes no memory, however large the types in it are. Keeps the module.
template <class Info>
class InfoList {
public:
    class Iterator {
    public:
        using value_type = Info;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        Iterator(const InfoList* list, std::size_t index) : list_(list), index_(index) {}
        Info operator*() const { return (*list_)[index_]; }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        Iterator operator++(int) { return {list_, index_++}; }
        friend bool operator==(const Iterator&, const Iterator&) = default;

    private:
        const InfoList* list_ = nullptr;
        std::size_t index_ = 0;
    };

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    // Requires: index < size().
    Info operator[](std::size_t index) const {
        Info info;
        module_.describe(index, info);
        return info;
    }
    // Valid as long as the list.
    Iterator begin() const { return {this, 0}; }
    Iterator end() const { return {this, size_}; }

    InfoList(Module module, std::size_t size) : module_(std::move(module)), size_(size) {}

private:
    Module module_;
    std::size_t size_;
};

}  // namespace waxwing
#pragma GCC visibility pop
