// waxwing dump: what the bytes of a module mean, with their offsets.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

#include "cli/console.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "cli/sections.hpp"
#include "print/dump.hpp"

namespace waxwing::cli {
namespace {

struct DumpOptions {
    bool headers = false;
    bool details = false;
    bool bytes = false;
    std::vector<std::string> sections;
    std::vector<std::string> functions;
};

// Everything below says what is wrong by an exit code, and has said it to the user.
constexpr int fine = exit_code::success;

int not_found(const std::string& file, std::string what) {
    print_error(Error(Code::export_not_found, ErrorKind::usage, std::move(what)), file);
    return exit_code::not_found;
}

bool is_called(const Section& section, std::string_view name) {
    if (section.name == name || (section.id == 0 && section.custom_name == name)) return true;
    return section.name == "data count" && name == "datacount";
}

// The meaning of a section if it has one of its own, else its bytes.
Result<void> dump_section(print::Dump& dump, const Section& section, bool as_bytes) {
    dump.text(describe(section));
    const bool opaque = section.id == 0 || section.name == "data count";
    if (!as_bytes && !opaque) return dump.section(section.id);
    dump.text("\n");
    dump.bytes(section.offset, section.size);
    return {};
}

int report(const Result<void>& result, const std::string& file) {
    if (result) return fine;
    print_error(result.error(), file);
    return exit_code_of(result.error());
}

int dump_parts(print::Dump& dump, const std::vector<Section>& sections, const DumpOptions& options,
               const std::string& file) {
    for (const std::string& name : options.functions) {
        const auto func = dump.find_function(name);
        if (!func) return not_found(file, "no function " + name + " with a body");
        if (const int code = report(dump.function(*func), file); code != fine) return code;
    }
    for (const std::string& name : options.sections) {
        bool found = false;
        for (const Section& section : sections) {
            if (!is_called(section, name)) continue;
            found = true;
            const auto dumped = dump_section(dump, section, options.bytes);
            if (const int code = report(dumped, file); code != fine) return code;
        }
        if (!found) return not_found(file, "no section " + name);
    }
    return fine;
}

int dump_module(print::Dump& dump, const std::vector<Section>& sections, const DumpOptions& options,
                const std::string& file) {
    const bool parts = !options.functions.empty() || !options.sections.empty();
    if (options.headers || !parts)
        for (const Section& section : sections)
            dump.text(describe(section) + "\n");
    if (parts) return dump_parts(dump, sections, options, file);
    if (options.details || options.bytes) {
        for (const Section& section : sections) {
            if (section.name == "code" && !options.bytes) continue;
            dump.text("\n");
            const auto dumped = dump_section(dump, section, options.bytes);
            if (const int code = report(dumped, file); code != fine) return code;
        }
    }
    if (options.headers || options.details || options.bytes) return fine;
    dump.text("\n");
    return report(dump.functions(), file);
}

}  // namespace

int dump_command(const Args& args) {
    Options cli("dump",
                R"(Lists the sections of a module and the instructions of its functions, with their
offsets and bytes. FILE may be in binary or text form, and - for standard input.
)",
                R"(  waxwing dump app.wasm
  waxwing dump --function main app.wasm
  waxwing dump --section import --section producers app.wasm
)");
    Args files;
    DumpOptions options;
    cli.flag("--headers", options.headers, "Only the sections: name, size, offset, entries.");
    cli.flag("-x,--details", options.details,
             "Instead of instructions, what the other sections say.");
    cli.flag("-s,--bytes", options.bytes, "Sections as bytes, whatever they mean.");
    cli.list("--section", "NAME", options.sections,
             "Only this section: type, import, ..., code, or a custom section's name.");
    cli.list("--function", "FUNC", options.functions,
             "Only the instructions of this function, by number or name.");
    if (const auto done = cli.read(args, files)) return *done;
    if (files.size() != 1) return usage_error("dump", "expected one FILE");
    const std::string& file = files.front();

    const auto input = read_module(file);
    if (!input) return input.error().report(file);
    const TextSink sink = [](std::string_view piece) { return write_out(piece); };
    const auto dump = print::Dump::read(input->bytes, sink);
    if (!dump) {
        print_error(dump.error(), file);
        return exit_code_of(dump.error());
    }
    const int code = dump_module(**dump, list_sections(input->bytes), options, file);
    (*dump)->flush();
    return code;
}

}  // namespace waxwing::cli
