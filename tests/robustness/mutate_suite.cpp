// Damages every module and every text of a folder of test scripts, and sees to
// it that loading answers: no crash, no hang, no memory out of proportion.
// What still loads is instantiated and run for a while.
//
//   mutate_suite FOLDER [CASES]
//
// The same CASES do the same damage each time. Exit status 77: no such folder.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "allocation.hpp"
#include "cli/spectest.hpp"
#include "mutate.hpp"
#include "text/script.hpp"
#include "waxwing/module.hpp"
#include "waxwing/store.hpp"
#include "waxwing/text.hpp"

namespace waxwing::test {
namespace {

using Clock = std::chrono::steady_clock;
using ModuleBytes = std::vector<std::byte>;

// What is being tried, for the last words of a crash.
char current_case[512] = "start";

void say_last_words(int signal) {
    const char* parts[] = {"\nmutate_suite: died in: ", current_case, "\n"};
    for (const char* part : parts)
        if (write(STDERR_FILENO, part, std::strlen(part)) < 0) break;
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void catch_signals() {
    static char stack[64 * 1024];
    const stack_t alternate{.ss_sp = stack, .ss_flags = 0, .ss_size = sizeof stack};
    sigaltstack(&alternate, nullptr);
    struct sigaction action{};
    action.sa_handler = say_last_words;
    action.sa_flags = SA_ONSTACK;
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM})
        sigaction(signal, &action, nullptr);
}

struct Tally {
    std::size_t inputs = 0;
    std::size_t cases = 0;
    std::size_t accepted = 0;
    std::size_t calls = 0;
    std::size_t complaints = 0;
};
Tally tally;

void complain(const char* what, std::size_t amount) {
    std::printf("%s: %s %zu\n", current_case, what, amount);
    ++tally.complaints;
}

// A watch on one case: seconds before it counts as hanging, and its memory.
template <class F>
void watched(std::size_t input_size, F&& attempt) {
    ++tally.cases;
    alarm(30);
    const AllocationScope memory;
    const std::clock_t start = std::clock();
    attempt();
    const auto spent = static_cast<std::size_t>(std::clock() - start) * 1000 / CLOCKS_PER_SEC;
    if (spent > 3000) complain("milliseconds spent:", spent);
    if (memory.peak() > (4 << 20) + 500 * input_size) complain("bytes held:", memory.peak());
    alarm(0);
}

std::vector<Value> zeros(const FuncType& type) {
    std::vector<Value> args;
    for (const ValType param : type.params)
        args.push_back(param.is_vector() ? Value::v128({}) : Value::number(param, 0));
    return args;
}

// Runs every function the module exports, on a short lead.
void run(const Module& module, const Features& features) {
    StoreLimits limits;
    limits.max_memory_bytes = 1 << 20;
    limits.max_table_elements = 1 << 12;
    limits.max_stack_bytes = 1 << 16;
    Store store(limits);
    Imports imports;
    if (!cli::add_spectest(store, imports, features)) return;
    const CallOptions lead{.fuel = 5'000};
    const Result<Instance> instance = store.instantiate(module, imports, lead);
    if (!instance) return;
    std::size_t left = 20;
    for (const ExportInfo& item : module.exports()) {
        if (!item.func() || left-- == 0) continue;
        const Result<Func> func = instance->func(item.name);
        if (!func) continue;
        ++tally.calls;
        (void)func->call(zeros(func->type()), lead);
    }
}

void load(std::span<const std::byte> bytes) {
    const Features features = Features::all();
    LoadOptions options;
    options.features = features;
    options.eager = true;
    std::optional<Module> module;
    watched(bytes.size(), [&] {
        if (Result<Module> loaded = Module::load(bytes, options)) module = *std::move(loaded);
    });
    if (!module) return;
    ++tally.accepted;
    alarm(30);
    run(*module, features);
    alarm(0);
}

void describe(const std::string& where, const char* what, const Mutation* mutation) {
    if (!mutation)
        std::snprintf(current_case, sizeof current_case, "%s %s", where.c_str(), what);
    else if (mutation->kind == Mutation::Kind::truncate)
        std::snprintf(current_case, sizeof current_case, "%s %s cut to %zu", where.c_str(), what,
                      mutation->at);
    else
        std::snprintf(current_case, sizeof current_case, "%s %s, byte %zu ^ 0x%02x", where.c_str(),
                      what, mutation->at, static_cast<unsigned>(mutation->mask));
}

void damage_binary(const std::string& where, const ModuleBytes& bytes, std::size_t budget) {
    ++tally.inputs;
    describe(where, "binary", nullptr);
    load(bytes);
    for (const Mutation& mutation : mutations(bytes.size(), budget)) {
        describe(where, "binary", &mutation);
        load(apply<std::byte>(bytes, mutation));
    }
}

template <class F>
void damage_text(const std::string& where, const char* what, std::string_view source,
                 std::size_t budget, F&& parse) {
    ++tally.inputs;
    for (const Mutation& mutation : mutations(source.size(), budget)) {
        describe(where, what, &mutation);
        const std::vector<char> copy = apply<char>(std::span(source), mutation);
        watched(copy.size(), [&] { parse(std::string_view(copy.data(), copy.size())); });
    }
}

// A script's text, and the modules in it, each kind once.
struct Corpus {
    struct Item {
        std::string where;
        std::string content;
    };
    std::vector<Item> scripts;
    std::vector<Item> texts;     // of quoted modules
    std::vector<Item> binaries;  // encoded from text, or given as bytes
};

void collect(const std::filesystem::path& file, std::set<std::string>& seen, Corpus& corpus) {
    std::ifstream in(file, std::ios::binary);
    corpus.scripts.push_back({file.filename(), {std::istreambuf_iterator<char>(in), {}}});
    const std::string source = corpus.scripts.back().content;
    const auto script = text::parse_script(source);
    if (!script) return;
    for (const text::Command& command : script->commands) {
        if (!command.module) continue;
        const std::string where = file.filename().string() + ":" + std::to_string(command.line);
        if (command.module->kind == text::ScriptModule::Kind::quote &&
            seen.insert(command.module->payload).second)
            corpus.texts.push_back({where, command.module->payload});
        const auto bytes = text::encode(*command.module);
        if (!bytes) continue;
        const std::string content(reinterpret_cast<const char*>(bytes->data()), bytes->size());
        if (seen.insert(content).second) corpus.binaries.push_back({where, content});
    }
}

// The cases are shared out evenly: half of them to binaries.
void damage(const Corpus& corpus, std::size_t cases) {
    const auto share = [](std::size_t cases_of_kind, const std::vector<Corpus::Item>& items) {
        return items.empty() ? 0 : cases_of_kind / items.size();
    };
    const std::size_t per_binary = share(cases / 2, corpus.binaries);
    for (const Corpus::Item& item : corpus.binaries) {
        const auto bytes = std::as_bytes(std::span(item.content));
        damage_binary(item.where, {bytes.begin(), bytes.end()}, per_binary);
    }
    const std::size_t per_text = share(cases / 4, corpus.texts);
    for (const Corpus::Item& item : corpus.texts)
        damage_text(item.where, "text", item.content, per_text,
                    [](std::string_view source) { (void)parse_wat(source); });
    // Reading a whole script takes long, so it is damaged only here and there.
    const std::size_t per_script = share(cases / 100, corpus.scripts);
    for (const Corpus::Item& item : corpus.scripts)
        damage_text(item.where, "script", item.content, per_script, [](std::string_view source) {
            if (const auto script = text::parse_script(source))
                for (const text::Command& command : script->commands)
                    if (command.module) (void)text::encode(*command.module);
        });
}

int test_folder(const char* folder, std::size_t cases) {
    if (!std::filesystem::is_directory(folder)) {
        std::puts("skipped: no folder of test scripts (WASM_TESTSUITE)");
        return 77;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.path().extension() == ".wast") files.push_back(entry.path());
    std::ranges::sort(files);
    Corpus corpus;
    std::set<std::string> seen;
    for (const auto& file : files)
        collect(file, seen, corpus);

    catch_signals();
    const Clock::time_point start = Clock::now();
    damage(corpus, cases);
    const std::chrono::duration<double> spent = Clock::now() - start;
    std::printf("%zu inputs, %zu cases, %zu modules loaded, %zu calls, %.1f s, %zu complaints\n",
                tally.inputs, tally.cases, tally.accepted, tally.calls, spent.count(),
                tally.complaints);
    return tally.complaints == 0 ? 0 : 1;
}

}  // namespace
}  // namespace waxwing::test

int main(int argc, char** argv) {
    const char* folder = argc > 1 ? argv[1] : std::getenv("WASM_TESTSUITE");
    const std::size_t cases = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 400'000;
    return waxwing::test::test_folder(folder ? folder : "", cases);
}
