#include "cli/wast_runner.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "cli/input.hpp"
#include "cli/spectest.hpp"
#include "cli/wast_match.hpp"
#include "core/try.hpp"
#include "text/locate.hpp"
#include "text/script.hpp"
#include "waxwing/store.hpp"

namespace waxwing::cli {

namespace {

using text::Command;
using Kind = Command::Kind;

const char* command_name(const Command& command) {
    switch (command.kind) {
    case Kind::module: return "module";
    case Kind::module_instance: return "module instance";
    case Kind::register_: return "register";
    case Kind::action: return command.action->kind == text::Action::Kind::get ? "get" : "invoke";
    case Kind::assert_return: return "assert_return";
    case Kind::assert_trap: return "assert_trap";
    case Kind::assert_exhaustion: return "assert_exhaustion";
    case Kind::assert_exception: return "assert_exception";
    case Kind::assert_malformed: return "assert_malformed";
    case Kind::assert_invalid: return "assert_invalid";
    case Kind::assert_malformed_custom: return "assert_malformed_custom";
    case Kind::assert_invalid_custom: return "assert_invalid_custom";
    case Kind::assert_unlinkable: return "assert_unlinkable";
    case Kind::thread: return "thread";
    case Kind::wait: return "wait";
    }
    return "command";
}

bool is_assertion(Kind kind) {
    return kind >= Kind::assert_return && kind <= Kind::assert_unlinkable;
}

std::size_t count_assertions(const std::vector<Command>& commands) {
    std::size_t count = 0;
    for (const Command& command : commands)
        count += is_assertion(command.kind) + count_assertions(command.body);
    return count;
}

// The assertions in a text that is no script, near enough.
std::size_t count_assertions(std::string_view source) {
    constexpr std::string_view start = "(assert_";
    std::size_t count = 0;
    for (std::size_t at = source.find(start); at != std::string_view::npos;
         at = source.find(start, at + start.size()))
        ++count;
    return count;
}

// What a command came to: nothing if all is well, else what was expected and found.
struct Complaint {
    std::string expected;
    std::string got;
    std::string excerpt;  // lines of the script, if the error has a place in it
};
using Verdict = std::optional<Complaint>;

Verdict expect_success(const Result<void>& result) {
    if (result) return std::nullopt;
    return Complaint{"", describe(result.error()), ""};
}

// Objects with names, and the latest of them, which needs none. What was to be there
// but could not be made is remembered by the line of the command that failed.
template <class T>
class Named {
public:
    explicit Named(const char* what) : what_(what) {}
    void put(const std::optional<std::string>& name, const T& object) {
        latest_ = {object, 0};
        if (name) by_name_.insert_or_assign(*name, latest_);
    }
    void put_failed(const std::optional<std::string>& name, std::uint32_t line) {
        latest_ = {std::nullopt, line};
        if (name) by_name_.insert_or_assign(*name, latest_);
    }
    // If this is an error because of a command that failed, `culprit` is its line.
    Result<T> find(const std::optional<std::string>& name, std::uint32_t& culprit) const {
        Place place = latest_;
        if (name) {
            const auto found = by_name_.find(*name);
            place = found == by_name_.end() ? Place() : found->second;
        }
        if (place.object) return *place.object;
        culprit = place.failed_at;
        const std::string which = name ? " $" + *name : "";
        return std::unexpected(
            Error(Code::instantiate, ErrorKind::usage,
                  culprit != 0 ? fmt::format("no {}{}: line {} failed", what_, which, culprit)
                               : fmt::format("no {}{}", what_, name ? which : " yet")));
    }

private:
    struct Place {
        std::optional<T> object;
        std::uint32_t failed_at = 0;
    };
    const char* what_;
    std::map<std::string, Place> by_name_;
    Place latest_;
};

class Runner {
public:
    Runner(std::string_view path, const WastOptions& options)
        : options_(options), features_(options.features.applied_to(script_features(path))),
          text_(script_text_options(path)), store_({.collect_always = options.collect_always}) {
        if (const auto added = add_spectest(store_, imports_, features_); !added)
            setup_error_ = added.error();
    }

    // Set if the store could not be prepared.
    const std::optional<Error>& setup_error() const { return setup_error_; }
    Verdict run(const Command& command);
    // If the command that was run failed because of an earlier one: the line of that.
    std::uint32_t culprit() const { return culprit_; }

private:
    Verdict judge(const Command& command);
    Result<Module> load(const text::ScriptModule& source) const;
    Complaint explain(const Error& error, const text::ScriptModule& module) const;
    Result<Instance> instantiate(const Module& module);
    Result<std::vector<Value>> perform(const text::Action& action);

    Result<void> define(const Command& command);
    Result<void> instance_of(const Command& command);
    Result<void> register_instance(const Command& command);

    Verdict expect_results(const Command& command);
    Verdict expect_error(const Error* error, ErrorKind kind, const std::string& words) const;
    // Loads the command's module and expects that to fail.
    Verdict expect_rejected(const Command& command, ErrorKind kind) const;
    // Instantiates the command's module, or the one it names, and expects that to fail.
    Verdict expect_no_instance(const Command& command, ErrorKind kind);

    CallOptions call_options() const { return {.fuel = options_.fuel}; }

    const WastOptions& options_;
    Features features_;
    TextOptions text_;
    Store store_;
    Imports imports_;
    Matcher matcher_{store_};
    Named<Module> modules_{"module"};
    Named<Instance> instances_{"instance"};
    std::optional<Error> setup_error_;
    std::uint32_t culprit_ = 0;
};

Result<Module> Runner::load(const text::ScriptModule& source) const {
    std::vector<std::byte> bytes = TRY(text::encode(source, text_));
    LoadOptions options;
    options.features = features_;
    options.eager = options_.eager;
    return Module::load(std::move(bytes), options);
}

// An error about a module that was to be fine, told about the script if it is text there.
Complaint Runner::explain(const Error& error, const text::ScriptModule& module) const {
    if (module.kind != text::ScriptModule::Kind::text || error.code() != Code::compile)
        return {"", describe(error), ""};
    Error located = error;
    if (text::encode(module, text_))
        located = text::locate(error, module.source, module.begin, module.end, text_);
    const bool has_place = located.message().find("(at line ") != std::string_view::npos;
    const auto offset = located.byte_offset();
    return {"", describe(located), has_place && offset ? excerpt(module.source, *offset) : ""};
}

Result<Instance> Runner::instantiate(const Module& module) {
    return store_.instantiate(module, imports_, call_options());
}

Result<std::vector<Value>> Runner::perform(const text::Action& action) {
    const Instance instance = TRY(instances_.find(action.instance, culprit_));
    if (action.kind == text::Action::Kind::get) {
        const Global global = TRY(instance.global(action.name));
        return std::vector<Value>{global.get()};
    }
    const Func func = TRY(instance.func(action.name));
    return func.call(action.arguments, call_options());
}

Result<void> Runner::define(const Command& command) {
    const Module module = TRY(load(*command.module));
    if (!command.module->definition) {
        const Instance instance = TRY(instantiate(module));
        instances_.put(command.name, instance);
    }
    modules_.put(command.name, module);
    return {};
}

Result<void> Runner::instance_of(const Command& command) {
    const Module module = TRY(modules_.find(command.other, culprit_));
    const Instance instance = TRY(instantiate(module));
    instances_.put(command.name, instance);
    return {};
}

Result<void> Runner::register_instance(const Command& command) {
    const Instance instance = TRY(instances_.find(command.name, culprit_));
    imports_.instance(command.text, instance);
    return {};
}

Verdict Runner::expect_results(const Command& command) {
    const auto results = perform(*command.action);
    if (!results)
        return Complaint{describe(std::span(command.results)), describe(results.error()), ""};
    if (matcher_.matches(command.results, *results)) return std::nullopt;
    return Complaint{describe(std::span(command.results)), describe(std::span(*results)), ""};
}

// The reference interpreter's rule: a message has to begin with the expected words.
Verdict Runner::expect_error(const Error* error, ErrorKind kind, const std::string& words) const {
    std::string expected = to_string(kind);
    if (!words.empty()) expected += fmt::format(": {}", words);
    if (!error) return Complaint{expected, "success", ""};
    const bool same_words = error->message().starts_with(words);
    // What we refuse for reasons of our own counts only if those are the expected ones.
    const bool ours = error->kind() == ErrorKind::unsupported || error->kind() == ErrorKind::limit;
    const bool right = ours ? !words.empty() && same_words
                            : error->kind() == kind && (same_words || options_.ignore_messages);
    if (right) return std::nullopt;
    return Complaint{expected, describe(*error), ""};
}

Verdict Runner::expect_rejected(const Command& command, ErrorKind kind) const {
    if (!command.module) return Complaint{"a module", "an instance", ""};
    const auto module = load(*command.module);
    return expect_error(module ? nullptr : &module.error(), kind, command.text);
}

Verdict Runner::expect_no_instance(const Command& command, ErrorKind kind) {
    const Result<Module> module =
        command.module ? load(*command.module) : modules_.find(command.other, culprit_);
    if (!module) return Complaint{to_string(kind), describe(module.error()), ""};
    const Result<Instance> instance = instantiate(*module);
    return expect_error(instance ? nullptr : &instance.error(), kind, command.text);
}

Verdict Runner::run(const Command& command) {
    culprit_ = 0;
    Verdict verdict = judge(command);
    // What comes next is meant for this instance, not for the one before it.
    if (verdict && (command.kind == Kind::module || command.kind == Kind::module_instance)) {
        const std::uint32_t line = culprit_ != 0 ? culprit_ : command.line;
        const bool instance = !command.module || !command.module->definition;
        if (instance) instances_.put_failed(command.name, line);
        if (command.kind == Kind::module) modules_.put_failed(command.name, line);
    }
    return verdict;
}

Verdict Runner::judge(const Command& command) {
    switch (command.kind) {
    case Kind::module: {
        const auto defined = define(command);
        return defined ? std::nullopt : Verdict(explain(defined.error(), *command.module));
    }
    case Kind::module_instance: return expect_success(instance_of(command));
    case Kind::register_: return expect_success(register_instance(command));
    case Kind::action: {
        const auto results = perform(*command.action);
        if (results) return std::nullopt;
        return Complaint{"", describe(results.error()), ""};
    }
    case Kind::assert_return: return expect_results(command);
    case Kind::assert_trap:
        if (!command.action) return expect_no_instance(command, ErrorKind::trap);
        [[fallthrough]];
    case Kind::assert_exhaustion:
    case Kind::assert_exception: {
        const auto kind =
            command.kind == Kind::assert_exception ? ErrorKind::exception : ErrorKind::trap;
        const auto results = perform(*command.action);
        return expect_error(results ? nullptr : &results.error(), kind, command.text);
    }
    case Kind::assert_malformed:
    case Kind::assert_malformed_custom: return expect_rejected(command, ErrorKind::malformed);
    case Kind::assert_invalid:
    case Kind::assert_invalid_custom: return expect_rejected(command, ErrorKind::invalid);
    case Kind::assert_unlinkable: return expect_no_instance(command, ErrorKind::unlinkable);
    case Kind::thread:
    case Kind::wait: break;
    }
    return Complaint{"", "threads of scripts are not supported", ""};
}

void run_commands(const text::Script& script, const WastOptions& options, WastReport& report) {
    Runner runner(report.path, options);
    if (runner.setup_error()) {
        report.failed += 1;
        report.failures.push_back({0, "spectest", "", describe(*runner.setup_error())});
    }
    for (const Command& command : script.commands) {
        if (options.skip && options.skip->command(report.path, command.line)) {
            report.skipped += is_assertion(command.kind);
            continue;
        }
        Verdict complaint = runner.run(command);
        if (!complaint) {
            report.passed += is_assertion(command.kind);
            continue;
        }
        ++report.failed;
        const auto culprit =
            std::ranges::find(report.failures, runner.culprit(), &WastFailure::line);
        if (runner.culprit() != 0 && culprit != report.failures.end())
            ++culprit->consequences;
        else
            report.failures.push_back({command.line, command_name(command),
                                       std::move(complaint->expected), std::move(complaint->got),
                                       std::move(complaint->excerpt)});
    }
}

}  // namespace

WastReport run_wast_script(const std::string& path, std::string_view source,
                           const WastOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    WastReport report;
    report.path = path;
    const auto script = text::parse_script(source);
    const std::string* reason = options.skip ? options.skip->script(path) : nullptr;
    if (reason) {
        report.skipped = script ? count_assertions(script->commands) : count_assertions(source);
        report.skip_reason = *reason;
    } else if (!script) {
        report.failed = std::max<std::size_t>(1, count_assertions(source));
        const auto before = source.substr(0, script.error().byte_offset().value_or(0));
        const auto line = static_cast<std::uint32_t>(1 + std::ranges::count(before, '\n'));
        report.failures.push_back({line, "script", "", describe(script.error())});
    } else {
        run_commands(*script, options, report);
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    report.seconds = spent.count();
    return report;
}

}  // namespace waxwing::cli
