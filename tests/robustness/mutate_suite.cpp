// Damages every module and every text of a folder of test scripts, and sees to
// it that loading answers: no crash, no hang, no memory out of proportion.
// What still loads is instantiated and run for a while.
//
//   mutate_suite FOLDER [CASES]
//
// The same CASES do the same damage each time. Exit status 77: no such folder.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "allocation.hpp"
#include "cli/spectest.hpp"
#include "mutate.hpp"
#include "text/script.hpp"
#include "text/text.hpp"
#include "waxwing/module.hpp"
#include "waxwing/store.hpp"

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
    struct sigaction action {};
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
    const Clock::time_point start = Clock::now();
    attempt();
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    if (spent.count() > 3000) complain("milliseconds spent:", static_cast<std::size_t>(spent.count()));
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

}  // namespace
}  // namespace waxwing::test
