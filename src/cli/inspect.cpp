// waxwing inspect: what a module imports, exports and consists of.
#include <fmt/core.h>

#include <algorithm>

#include "cli/console.hpp"
#include "cli/input.hpp"
#include "cli/needed_features.hpp"
#include "cli/options.hpp"
#include "cli/sections.hpp"
#include "cli/values.hpp"
#include "waxwing/module.hpp"

namespace waxwing::cli {
namespace {

std::string describe(const Limits& limits, AddressType address) {
    std::string text = address == AddressType::i64 ? "i64 " : "";
    text += std::to_string(limits.min);
    if (limits.max) text += " " + std::to_string(*limits.max);
    return text;
}

// In the words of the text format.
std::string describe(const ExternType& type) {
    struct {
        std::string operator()(const FuncType& t) const { return to_string(t); }
        std::string operator()(const TableType& t) const {
            return describe(t.limits, t.address) + " " + to_string(t.element);
        }
        std::string operator()(const MemoryType& t) const {
            std::string text = describe(t.limits, t.address);
            if (t.shared) text += " shared";
            if (t.page_size_log2 != 16)
                text += fmt::format(" (pagesize {})", std::uint64_t{1} << t.page_size_log2);
            return text;
        }
        std::string operator()(const GlobalType& t) const {
            return (t.is_mutable ? "mut " : "") + to_string(t.type);
        }
        std::string operator()(const TagType& t) const { return to_string(t.type); }
    } visitor;
    return std::visit(visitor, type);
}

std::string json_types(const std::vector<ValType>& types) {
    std::string text;
    for (const ValType type : types)
        text += (text.empty() ? "" : ",") + json_string(to_string(type));
    return "[" + text + "]";
}

std::string json_type(const ExternType& type) {
    if (const auto* func = std::get_if<FuncType>(&type))
        return fmt::format("\"params\":{},\"results\":{}", json_types(func->params),
                           json_types(func->results));
    return "\"type\":" + json_string(describe(type));
}

template <class List, class Print>
std::string json_list(const List& list, Print print) {
    std::string text;
    for (const auto& item : list)
        text += (text.empty() ? "" : ",") + print(item);
    return "[" + text + "]";
}

void print_json(const Module& module, Bytes bytes) {
    fmt::print("{{\"name\":{},\"size\":{}", json_string(module.name()), bytes.size());
    fmt::print(",\"sections\":{}", json_list(list_sections(bytes), [](const Section& s) {
                   std::string text = fmt::format("{{\"name\":{},\"offset\":{},\"size\":{}",
                                                  json_string(s.name), s.offset, s.size);
                   if (s.counted) text += fmt::format(",\"count\":{}", s.count);
                   if (s.name == "custom") text += ",\"custom\":" + json_string(s.custom_name);
                   return text + "}";
               }));
    fmt::print(",\"imports\":{}", json_list(module.imports(), [](const ImportInfo& import) {
                   return fmt::format("{{\"module\":{},\"name\":{},\"kind\":\"{}\",{}}}",
                                      json_string(import.module), json_string(import.name),
                                      to_string(import.kind), json_type(import.type));
               }));
    fmt::print(",\"exports\":{}", json_list(module.exports(), [](const ExportInfo& e) {
                   return fmt::format("{{\"name\":{},\"kind\":\"{}\",{}}}", json_string(e.name),
                                      to_string(e.kind), json_type(e.type));
               }));
    fmt::print(
        ",\"features\":{}}}\n", json_list(needed_features(bytes), [](const NeededFeature& need) {
            return fmt::format("{{\"name\":\"{}\",\"needed_by\":{},\"offset\":{}}}",
                               to_string(need.feature), json_string(need.witness), need.offset);
        }));
}

void print_text(const Module& module, Bytes bytes) {
    if (!module.name().empty()) fmt::print("{} {}\n", bold("name", 1), module.name());
    fmt::print("{}\n", bold("sections", 1));
    for (const Section& s : list_sections(bytes))
        fmt::print("  {}\n", describe(s));
    if (!module.imports().empty()) fmt::print("{}\n", bold("imports", 1));
    for (const ImportInfo& import : module.imports())
        fmt::print("  {:<8} {}.{}  {}\n", to_string(import.kind), import.module, import.name,
                   describe(import.type));
    if (!module.exports().empty()) fmt::print("{}\n", bold("exports", 1));
    for (const ExportInfo& e : module.exports())
        fmt::print("  {:<8} {}  {}\n", to_string(e.kind), e.name, describe(e.type));
    const auto features = needed_features(bytes);
    if (!features.empty()) fmt::print("{}\n", bold("features needed", 1));
    for (const NeededFeature& need : features)
        fmt::print("  {:<23}  {} at 0x{:x}\n", to_string(need.feature), need.witness, need.offset);
}

}  // namespace

int inspect_command(const Args& args) {
    Options cli("inspect",
                R"(Shows what a module consists of: its sections, what it imports and exports, and
which features it needs, with the first thing that needs each. FILE may be in binary
or text form, and - for standard input.
)",
                R"(  waxwing inspect app.wasm
  waxwing inspect --json app.wasm
)");
    Args files;
    bool json = false;
    cli.flag("--json", json, "Print one JSON object.");
    if (const auto done = cli.read(args, files)) return *done;
    if (files.size() != 1) return usage_error("inspect", "expected one FILE");
    const std::string& file = files.front();

    const auto bytes = read_module(file);
    if (!bytes) {
        print_error(bytes.error(), bytes.error().code() == Code::io ? "" : file);
        return exit_code_of(bytes.error());
    }
    const auto module = Module::load(Bytes(*bytes), {.features = Features::all()});
    if (!module) {
        print_error(module.error(), file);
        return exit_code_of(module.error());
    }
    if (json)
        print_json(*module, *bytes);
    else
        print_text(*module, *bytes);
    return exit_code::success;
}

}  // namespace waxwing::cli
