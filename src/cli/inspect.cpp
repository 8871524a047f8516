// waxwing inspect: what a module imports, exports and consists of.
#include <fmt/core.h>

#include <algorithm>

#include "cli/console.hpp"
#include "cli/input.hpp"
#include "cli/needed_features.hpp"
#include "cli/options.hpp"
#include "cli/sections.hpp"
#include "core/printable.hpp"
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
    print_out("{{\"name\":{},\"size\":{}", json_string(module.name()), bytes.size());
    print_out(",\"sections\":{}", json_list(list_sections(bytes), [](const Section& s) {
                  std::string text = fmt::format("{{\"name\":{},\"offset\":{},\"size\":{}",
                                                 json_string(s.name), s.offset, s.size);
                  if (s.counted) text += fmt::format(",\"count\":{}", s.count);
                  if (s.name == "custom") text += ",\"custom\":" + json_string(s.custom_name);
                  return text + "}";
              }));
    print_out(",\"imports\":{}", json_list(module.imports(), [](const ImportInfo& import) {
                  return fmt::format("{{\"module\":{},\"name\":{},\"kind\":\"{}\",{}}}",
                                     json_string(import.module), json_string(import.name),
                                     to_string(import.kind), json_type(import.type));
              }));
    print_out(",\"exports\":{}", json_list(module.exports(), [](const ExportInfo& e) {
                  return fmt::format("{{\"name\":{},\"kind\":\"{}\",{}}}", json_string(e.name),
                                     to_string(e.kind), json_type(e.type));
              }));
    print_out(
        ",\"features\":{}}}\n", json_list(needed_features(bytes), [](const NeededFeature& need) {
            return fmt::format("{{\"name\":\"{}\",\"needed_by\":{},\"offset\":{}}}",
                               to_string(need.feature), json_string(need.witness), need.offset);
        }));
}

void print_text(const Module& module, Bytes bytes) {
    if (!module.name().empty()) print_out("{} {}\n", bold("name", 1), printable(module.name()));
    print_out("{}\n", bold("sections", 1));
    for (const Section& s : list_sections(bytes))
        print_out("  {}\n", describe(s));
    if (!module.imports().empty()) print_out("{}\n", bold("imports", 1));
    for (const ImportInfo& import : module.imports())
        print_out("  {:<8} {}.{}  {}\n", to_string(import.kind), printable(import.module),
                  printable(import.name), describe(import.type));
    if (!module.exports().empty()) print_out("{}\n", bold("exports", 1));
    for (const ExportInfo& e : module.exports())
        print_out("  {:<8} {}  {}\n", to_string(e.kind), printable(e.name), describe(e.type));
    const auto features = needed_features(bytes);
    if (!features.empty()) print_out("{}\n", bold("features needed", 1));
    for (const NeededFeature& need : features)
        print_out("  {:<23}  {} at 0x{:x}\n", to_string(need.feature), need.witness, need.offset);
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

    const auto input = read_module(file);
    if (!input) return input.error().report(file);
    const auto module = Module::load(Bytes(input->bytes), {.features = Features::all()});
    if (!module) return input->explain(module.error()).report(file);
    if (json)
        print_json(*module, input->bytes);
    else
        print_text(*module, input->bytes);
    return exit_code::success;
}

}  // namespace waxwing::cli
