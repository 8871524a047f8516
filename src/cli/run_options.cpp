#include "cli/run_options.hpp"

#include <fmt/core.h>

#include <cstdlib>

#include "cli/console.hpp"
#include "cli/feature_options.hpp"
#include "cli/options.hpp"
#include "waxwing/policy.hpp"

namespace waxwing::cli {
namespace {

constexpr const char* description =
    R"(Runs a WebAssembly module, in binary or text form, as a command: calls its _start
with everything after FILE as arguments. With --invoke it calls another function
and prints what that returns. FILE may be - for standard input.

The module sees no files and no environment but what is granted here. Its
standard streams are those of the command.
)";

constexpr const char* examples =
    R"(  waxwing run hello.wasm                            run a command
  waxwing run --dir . grep.wasm -n main a.c         options after FILE are the guest's
  waxwing run --dir ~/data::/data:ro app.wasm       another name for it, and read-only
  waxwing run --invoke fib math.wat 30              call a function, print its result
  waxwing run --fuel 1000000 --timeout 2s app.wasm  stop it if it takes too long
)";

constexpr const char* exit_codes =
    R"(
Exit status: the guest's own (its low eight bits, or 255 if those are 0 but it is not);
124 when the time is over, 125 when the fuel is, 126 for a module that is rejected,
127 for a file or function that is not there, 134 for a trap, 2 for wrong usage.
)";

std::string base_name(const std::string& file) { return file.substr(file.find_last_of('/') + 1); }

// "N=V", or "N" for the value of the host's N, if it has one.
bool add_env(WasiConfig& wasi, const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || text.empty()) return false;
    if (equals != text.npos) {
        wasi.env.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    } else if (const char* value = std::getenv(text.c_str())) {
        wasi.env.emplace_back(text, value);
    }
    return true;
}

}  // namespace

std::optional<Preopen> parse_preopen(std::string_view text) {
    Preopen preopen;
    for (bool more = true; more;) {
        const std::size_t colon = text.rfind(':');
        const std::string_view last = colon == text.npos ? "" : text.substr(colon + 1);
        if (last == "ro") {
            preopen.read_only = true;
        } else if (last.starts_with("max=")) {
            preopen.max_bytes = parse_size(last.substr(4));
            if (!preopen.max_bytes) return std::nullopt;
        } else if (last != "rw") {
            more = false;
        }
        if (more) text = text.substr(0, colon);
    }
    const std::size_t colons = text.find("::");
    preopen.host = text.substr(0, colons);
    preopen.guest = colons == text.npos ? preopen.host : text.substr(colons + 2);
    if (preopen.host.empty() || preopen.guest.empty()) return std::nullopt;
    return preopen;
}

std::optional<Preopen> parse_temp_dir(std::string_view text) {
    Preopen preopen;
    const std::size_t equals = text.rfind('=');
    preopen.guest = text.substr(0, equals);
    if (preopen.guest.empty()) return std::nullopt;
    if (equals == text.npos) {
        preopen.files = FileTree();
    } else {
        const auto size = parse_size(text.substr(equals + 1));
        if (!size) return std::nullopt;
        preopen.files = FileTree(*size);
    }
    return preopen;
}

std::optional<int> read_run_options(const Args& args, RunOptions& options) {
    Options cli("run", description, std::string(examples) + exit_codes);
    std::vector<std::string> dirs, temp_dirs, listen, env;
    std::optional<std::string> argv0, results, fuel, timeout, max_memory;
    const auto wrong = [](std::string_view option, std::string_view value, const char* wanted) {
        return usage_error("run", fmt::format("{} {}: expected {}", option, value, wanted));
    };

    cli.group("What the guest may see");
    cli.list("--dir", "HOST[::GUEST][:ro][:max=SIZE]", dirs,
             "Let the guest see the directory HOST, under the name GUEST if one is given; "
             "with :ro it cannot change it, with :max=64M not make its files grow by more. "
             "Repeatable.");
    cli.list("--temp-dir", "GUEST[=SIZE]", temp_dirs,
             "Give the guest an empty directory GUEST, kept in memory until it ends; its files "
             "may take SIZE, 64M if unset. Repeatable.");
    cli.list("--listen", "ADDRESS", listen,
             "Let the guest accept connections to ADDRESS, such as 127.0.0.1:8080 or :8080: a "
             "descriptor after those of the directories. Repeatable.");
    cli.list("--env", "N[=V]", env,
             "Set the variable N to V in the guest's environment, or to its value here. "
             "Repeatable.");
    cli.value("--argv0", "NAME", argv0,
              "The guest's name for itself; the base name of FILE if unset.");
    cli.flag("--deterministic", options.wasi.deterministic,
             "Let runs with the same input be the same: a clock that counts looks at it, random "
             "bytes from a seed, files without inode numbers and times of the host.");
    cli.flag("--walk-paths", options.wasi.force_path_walk,
             "Confine paths by walking them, not by asking the kernel (openat2).");
    cli.group("What to run");
    cli.value("--invoke", "F", options.invoke,
              "Call the exported function F. The arguments after FILE are read by its "
              "signature: 7, -1, 0xff, 1.5, nan:0x1, null, or with a type: i64:5.");
    cli.value("--results", "STYLE", results,
              "How to print results: plain (3), typed (i32:3) or json; plain if unset.");
    cli.group("Limits");
    cli.value("--fuel", "N", fuel, "Stop after N instructions.");
    cli.value("--timeout", "DURATION", timeout, "Stop after a time: 300ms, 2s, 1.5m.");
    cli.value("--max-memory", "SIZE", max_memory,
              "The most that the guest may hold: 64M, 1G; 5G if unset. Memories, tables, objects, "
              "globals and the stack count together; the files of --temp-dir do not.");
    FeatureOptions switches;
    switches.add_to(cli);

    Args rest;
    if (const auto done = cli.read_until_operand(args, rest)) return done;
    if (rest.empty()) return usage_error("run", "no FILE given");
    options.file = rest.front();
    options.args.assign(rest.begin() + 1, rest.end());

    if (const std::string fault = switches.fault(); !fault.empty())
        return usage_error("run", fault);
    options.features = switches.applied_to({});
    for (const std::string& dir : dirs) {
        const auto preopen = parse_preopen(dir);
        if (!preopen) return wrong("--dir", dir, "HOST[::GUEST][:ro][:max=SIZE]");
        if (Policy::is_host_root(preopen->host))
            print_warning(
                fmt::format("--dir {}: the guest can reach every file of this system", dir));
        options.wasi.preopens.push_back(*preopen);
    }
    for (const std::string& dir : temp_dirs) {
        const auto preopen = parse_temp_dir(dir);
        if (!preopen) return wrong("--temp-dir", dir, "GUEST or GUEST=SIZE");
        options.wasi.preopens.push_back(*preopen);
    }
    for (const std::string& address : listen)
        options.wasi.listeners.push_back(Listener::tcp(address));
    for (const std::string& variable : env)
        if (!add_env(options.wasi, variable)) return wrong("--env", variable, "N=V or N");
    if (results == "typed") {
        options.results = ResultStyle::typed;
    } else if (results == "json") {
        options.results = ResultStyle::json;
    } else if (results && results != "plain") {
        return wrong("--results", *results, "plain, typed or json");
    }
    if (fuel) {
        options.fuel = parse_count(*fuel);
        if (!options.fuel) return wrong("--fuel", *fuel, "a number");
    }
    if (timeout) {
        options.timeout = parse_duration(*timeout);
        if (!options.timeout) return wrong("--timeout", *timeout, "a time such as 300ms or 2s");
    }
    if (max_memory) {
        const auto size = parse_size(*max_memory);
        if (!size) return wrong("--max-memory", *max_memory, "a size such as 64M or 1G");
        options.limits.max_total_bytes = *size;
    }

    WasiConfig& wasi = options.wasi;
    wasi.argv0 = argv0.value_or(base_name(options.file));
    wasi.args = options.args;
    wasi.inherit_stdin = options.file != "-";  // the module has been there already
    wasi.inherit_stdout = true;
    wasi.inherit_stderr = true;
    return std::nullopt;
}

}  // namespace waxwing::cli
