// What a Runtime may do for its guests: which files it loads, whether it runs
// them, and which host directories they may see.
#pragma once

#include <concepts>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "waxwing/error.hpp"
#include "waxwing/module.hpp"
#include "waxwing/wasi.hpp"

#pragma GCC visibility push(default)
namespace waxwing {

// Nothing, everything, or what a list names.
class Grant {
public:
    Grant() = default;
    Grant(std::same_as<bool> auto everything) : everything_(everything) {}
    static Grant only(std::vector<std::string> list) {
        Grant grant;
        grant.is_list_ = true;
        grant.list_ = std::move(list);
        return grant;
    }

    bool everything() const { return everything_; }
    bool nothing() const { return !everything_ && !is_list_; }
    bool is_list() const { return is_list_; }
    const std::vector<std::string>& list() const { return list_; }

private:
    bool everything_ = false;
    bool is_list_ = false;
    std::vector<std::string> list_;
};

// A file that a policy lets be loaded.
struct CheckedFile {
    std::filesystem::path path;
    // False: the path is absolute and resolved, and is opened as it is. A link on it
    // by then is an error, so that nothing else is loaded than what was judged.
    bool follow_links = true;

    // Errors: as Module::load_file().
    Result<Module> load(const LoadOptions& options = {}) const;
};

// Every question is answered with Code::permission_denied, naming the capability
// and the path, or with what may be opened: a path without `..` and symbolic links,
// which is compared, and which is then opened without following any, whoever
// exchanges directories and links meanwhile. Patterns and directories may start
// with `~` (the user's home); relative ones are looked up from `base`. One that
// leads over a link grants what the link leads to when the question is asked, so
// list none in a directory where others may put links.
class Policy {
public:
    static Policy allow_all();
    static Policy deny_all();
    // As an application declares it, with what is left unsaid filled in: `execute`
    // follows `load`; `preopens` follows a plain `load = true`, but a list of
    // files to load grants no directory. Nothing declared is nothing granted. The
    // host's root directory must be listed by name. `deterministic` is false.
    static Policy declared(std::optional<Grant> load, std::optional<bool> execute,
                           std::optional<Grant> preopens, std::filesystem::path base = {},
                           std::optional<bool> deterministic = {});

    // Which files may be loaded: a list holds globs (`*` and `?` within a name,
    // `**` for any number of directories). Bytes may be loaded unless nothing may.
    Policy& load(Grant grant);
    // Instantiating and calling.
    Policy& execute(bool allowed);
    // Which directories guests may see: a list holds directories, which grant
    // what is under them too.
    Policy& preopens(Grant grant);
    // Whether "/" itself may be seen, if preopens() grants it.
    Policy& host_root(bool allowed);
    // Makes every guest deterministic, whatever its WasiConfig says.
    Policy& deterministic(bool always);
    Policy& base(std::filesystem::path directory);

    Result<void> check_load() const;
    Result<CheckedFile> check_load(const std::filesystem::path& file) const;
    Result<void> check_execute() const;
    Result<Preopen> check_preopen(const Preopen& preopen) const;
    bool is_deterministic() const { return deterministic_; }

    // True if the directory is, once resolved, the root of the host's files.
    static bool is_host_root(const std::filesystem::path& directory);

private:
    Policy() = default;

    Grant load_;
    bool execute_ = false;
    Grant preopens_;
    bool host_root_ = false;
    bool deterministic_ = false;
    std::filesystem::path base_;
};

}  // namespace waxwing
#pragma GCC visibility pop
