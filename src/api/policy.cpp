#include "waxwing/policy.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "api/glob.hpp"
#include "core/guard.hpp"
#include "core/int.hpp"
#include "core/try.hpp"

namespace waxwing {
namespace {

namespace fs = std::filesystem;

Error denied(std::string_view capability, std::string_view what, const fs::path& path = {}) {
    std::string message = "permission denied: ";
    message += what;
    if (!path.empty()) message.append(" ").append(path.native());
    message += " (capability ";
    message += capability;
    message += ")";
    return Error(Code::permission_denied, ErrorKind::usage, std::move(message));
}

// Absolute, without `..` and symbolic links as far as the path exists; none if
// the host will not say.
std::optional<fs::path> resolve(const fs::path& path) {
    if (path.empty() || path.native().find('\0') != std::string::npos) return std::nullopt;
    std::error_code failed;
    const fs::path absolute = fs::absolute(path, failed);
    if (failed) return std::nullopt;
    fs::path resolved = fs::weakly_canonical(absolute, failed);
    if (failed) return std::nullopt;
    return resolved;
}

fs::path expand_home(const std::string& written) {
    if (written != "~" && !written.starts_with("~/")) return written;
    const char* home = std::getenv("HOME");
    return std::string(home ? home : "/nonexistent") + written.substr(1);
}

// What a declared path or pattern means: absolute, and resolved up to its first
// wildcard, so that it can be compared with resolved paths.
std::vector<std::string> declared_path(const std::string& written, const fs::path& base) {
    fs::path path = expand_home(written);
    if (path.is_relative()) {
        std::error_code failed;
        path = (base.empty() ? fs::current_path(failed) : base) / path;
    }
    const auto parts = api::split_path(path.lexically_normal().native());
    const auto wild = std::ranges::find_if(parts, api::has_wildcard);
    fs::path fixed = "/";
    for (auto part = parts.begin(); part != wild; ++part)
        fixed /= *part;
    auto result = api::split_path(resolve(fixed).value_or(fixed).native());
    result.insert(result.end(), wild, parts.end());
    return result;
}

bool is_within(const std::vector<std::string>& directory, const std::vector<std::string>& path) {
    return directory.size() <= path.size() &&
           std::ranges::equal(directory, std::span(path).first(directory.size()));
}

}  // namespace

Policy Policy::allow_all() {
    return Policy().load(true).execute(true).preopens(true).host_root(true);
}

Policy Policy::deny_all() { return Policy(); }

Policy Policy::declared(std::optional<Grant> load, std::optional<bool> execute,
                        std::optional<Grant> preopens, fs::path base,
                        std::optional<bool> deterministic) {
    const Grant loads = load.value_or(Grant(false));
    const Grant directories = preopens.value_or(Grant(loads.everything()));
    const bool root = std::ranges::any_of(directories.list(), [&](const std::string& listed) {
        return declared_path(listed, base).empty();
    });
    return Policy()
        .load(loads)
        .execute(execute.value_or(!loads.nothing()))
        .preopens(directories)
        .host_root(root)
        .deterministic(deterministic.value_or(false))
        .base(std::move(base));
}

Policy& Policy::load(Grant grant) {
    load_ = std::move(grant);
    return *this;
}
Policy& Policy::execute(bool allowed) {
    execute_ = allowed;
    return *this;
}
Policy& Policy::preopens(Grant grant) {
    preopens_ = std::move(grant);
    return *this;
}
Policy& Policy::host_root(bool allowed) {
    host_root_ = allowed;
    return *this;
}
Policy& Policy::deterministic(bool always) {
    deterministic_ = always;
    return *this;
}
Policy& Policy::base(fs::path directory) {
    base_ = std::move(directory);
    return *this;
}

Result<void> Policy::check_load() const {
    return guard(Code::permission_denied, [&]() -> Result<void> {
        if (load_.nothing()) return std::unexpected(denied("load", "compiling a module"));
        return {};
    });
}

Result<CheckedFile> Policy::check_load(const fs::path& file) const {
    return guard(Code::permission_denied, [&]() -> Result<CheckedFile> {
        if (load_.everything()) return CheckedFile{file};
        const auto resolved = resolve(file);
        if (resolved && load_.is_list()) {
            const auto parts = api::split_path(resolved->native());
            for (const std::string& listed : load_.list())
                if (api::matches_path(declared_path(listed, base_), parts))
                    return CheckedFile{*resolved, false};
        }
        return std::unexpected(denied("load", "loading", file));
    });
}

Result<void> Policy::check_execute() const {
    return guard(Code::permission_denied, [&]() -> Result<void> {
        if (!execute_) return std::unexpected(denied("execute", "running a module"));
        return {};
    });
}

Result<Preopen> Policy::check_preopen(const Preopen& preopen) const {
    return guard(Code::permission_denied, [&]() -> Result<Preopen> {
        if (preopen.files) return preopen;  // nothing of the host
        const auto resolved = resolve(preopen.host);
        if (!resolved) {
            // Whoever opens it will say what is wrong, or find that nothing is any more.
            if (preopens_.everything() && host_root_) return preopen;
            return std::unexpected(denied("preopens", "directory", preopen.host));
        }
        const auto parts = api::split_path(resolved->native());
        if (parts.empty() && !host_root_)
            return std::unexpected(
                denied("preopens", "the root of the host's files as directory", preopen.host));
        const bool granted = preopens_.everything() ||
                             std::ranges::any_of(preopens_.list(), [&](const std::string& listed) {
                                 return is_within(declared_path(listed, base_), parts);
                             });
        if (!granted) return std::unexpected(denied("preopens", "directory", preopen.host));
        Preopen result = preopen;
        result.host = resolved->string();
        result.follow_links = false;
        return result;
    });
}

bool Policy::is_host_root(const fs::path& directory) {
    const auto resolved = resolve(directory);
    return resolved && api::split_path(resolved->native()).empty();
}

}  // namespace waxwing
