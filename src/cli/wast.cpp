// waxwing wast: runs the specification's test scripts.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <new>
#include <optional>
#include <thread>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "cli/wast_files.hpp"
#include "cli/wast_report.hpp"
#include "cli/wast_runner.hpp"
#include "core/printable.hpp"

namespace waxwing::cli {

namespace {

namespace fs = std::filesystem;

int complain(std::string_view what) {
    print_err("waxwing wast: {}\n", printable(what));
    return exit_code::usage;
}

std::optional<std::string> read_file(const std::string& path) {
    const auto bytes = read_input(path);
    if (!bytes) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

// The files named, and every .wast file below the folders named, in order.
std::optional<std::vector<std::string>> find_scripts(const std::vector<std::string>& paths,
                                                     bool recursive) {
    std::vector<std::string> scripts;
    for (const std::string& path : paths) {
        std::error_code error;
        if (!fs::is_directory(path, error)) {
            if (!fs::exists(path, error)) {
                complain(fmt::format("no such file: {}", path));
                return std::nullopt;
            }
            scripts.push_back(path);
            continue;
        }
        const auto first = static_cast<std::ptrdiff_t>(scripts.size());
        for (auto entry = fs::recursive_directory_iterator(path, error);
             !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
            std::error_code ignored;
            if (!recursive && entry->is_directory(ignored)) entry.disable_recursion_pending();
            if (entry->path().extension() == ".wast") scripts.push_back(entry->path().string());
        }
        if (error) {
            complain(fmt::format("{}: {}", path, error.message()));
            return std::nullopt;
        }
        std::sort(scripts.begin() + first, scripts.end());
    }
    return scripts;
}

WastReport run_file(const std::string& script, const WastOptions& options) {
    const char* fault = "the file cannot be read";
    try {
        const std::optional<std::string> source = read_file(script);
        if (source) return run_wast_script(script, *source, options);
    } catch (const std::bad_alloc&) {
        fault = "out of memory";
    }
    WastReport report;
    report.path = script;
    report.failed = 1;
    report.failures.push_back({0, "script", "", fault});
    return report;
}

// One line on the terminal that says how far the run is.
class Progress {
public:
    explicit Progress(std::size_t count) : count_(count), shown_(isatty(STDERR_FILENO)) {}
    void show(std::size_t done, const std::string& name) const {
        if (shown_) print_err("\r\x1b[K[{}/{}] {}", done, count_, printable(name));
    }
    void clear() const {
        if (shown_) print_err("\r\x1b[K");
    }

private:
    std::size_t count_;
    bool shown_;
};

// Runs the scripts on `jobs` threads and hands their reports to the printer in
// the scripts' order.
void run_all(const std::vector<std::string>& scripts, const WastOptions& options, unsigned jobs,
             WastPrinter& printer) {
    std::vector<std::optional<WastReport>> reports(scripts.size());
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::condition_variable finished;

    auto work = [&] {
        for (std::size_t i; (i = next.fetch_add(1)) < scripts.size();) {
            WastReport report = run_file(scripts[i], options);
            const std::lock_guard lock(mutex);
            reports[i] = std::move(report);
            finished.notify_one();
        }
    };
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::min<std::size_t>(jobs, scripts.size()); ++i)
        threads.emplace_back(work);

    const Progress progress(scripts.size());
    for (std::size_t i = 0; i < scripts.size(); ++i) {
        progress.show(i, scripts[i]);
        std::optional<WastReport> report;
        {
            std::unique_lock lock(mutex);
            finished.wait(lock, [&] { return reports[i].has_value(); });
            report.swap(reports[i]);
        }
        progress.clear();
        printer.script(*report);
    }
}

}  // namespace

int wast_command(const Args& args) {
    Options cli("wast",
                "Runs test scripts of the WebAssembly specification: the files named, and the\n"
                ".wast files below the folders named.\n");
    std::vector<std::string> paths;
    std::optional<std::string> filter, skip_file, jobs_text, fuel;
    bool tap = false, json = false, verbose = false, flat = false;
    WastOptions options;
    cli.value("--filter", "TEXT", filter, "Only scripts whose path contains TEXT.");
    cli.value("-j,--jobs", "N", jobs_text,
              "Scripts run at the same time; one for each processor if unset.");
    cli.value("--skip-list", "FILE", skip_file,
              "What not to run: lines of `pattern[:line] reason`.");
    cli.flag("--top-level", flat, "Leave out folders within folders.");
    cli.flag("--ignore-messages", options.ignore_messages,
             "Compare the kind of an error only, not its words.");
    cli.value("--fuel", "N", fuel, "Run every call with N units of fuel.");
    cli.flag("--eager", options.eager, "Translate functions when a module is loaded.");
    cli.flag("--collect-always", options.collect_always,
             "Collect garbage at every allocation, which finds references that nobody keeps.");
    cli.flag("-v,--verbose", verbose, "A line for every script, and all failures.");
    cli.flag("--tap", tap, "Print in the Test Anything Protocol.");
    cli.flag("--json", json, "Print as JSON.");
    options.features.add_to(cli);
    if (const auto done = cli.read(args, paths)) return *done;

    if (paths.empty()) return complain("no SCRIPT given");
    if (const std::string fault = options.features.fault(); !fault.empty()) return complain(fault);
    if (tap && json) return complain("--tap and --json exclude each other");
    std::uint64_t jobs = std::max(1u, std::thread::hardware_concurrency());
    if (jobs_text) {
        jobs = parse_count(*jobs_text).value_or(0);
        if (jobs < 1 || jobs > 1024) return complain("--jobs: expected a number from 1 to 1024");
    }
    if (fuel) {
        options.fuel = parse_count(*fuel);
        if (!options.fuel) return complain("--fuel: expected a number");
    }
    SkipList skip;
    if (skip_file) {
        const std::optional<std::string> text = read_file(*skip_file);
        if (!text) return complain(fmt::format("cannot read {}", *skip_file));
        Result<SkipList> parsed = SkipList::parse(*text);
        if (!parsed) return complain(parsed.error().message());
        skip = *std::move(parsed);
        options.skip = &skip;
    }
    std::optional<std::vector<std::string>> scripts = find_scripts(paths, !flat);
    if (!scripts) return exit_code::usage;
    std::erase_if(*scripts, [&](const std::string& script) {
        return script.find(filter.value_or("")) == std::string::npos;
    });
    if (scripts->empty()) return complain("no scripts found");

    const auto style = tap    ? WastPrinter::Style::tap
                       : json ? WastPrinter::Style::json
                              : WastPrinter::Style::text;
    WastPrinter printer(style, verbose, stdout);
    printer.begin(scripts->size());
    run_all(*scripts, options, static_cast<unsigned>(jobs), printer);
    printer.end();
    return printer.totals().failed == 0 ? exit_code::success : exit_code::failure;
}

}  // namespace waxwing::cli
