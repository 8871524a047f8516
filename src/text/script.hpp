// Scripts of the specification's tests (.wast): commands, arguments and expected
// results. A module in a script stays text until encode() is called, so that a
// broken one fails its own command only.
//
// A Script refers to its source text, which must outlive it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/int.hpp"
#include "waxwing/error.hpp"
#include "waxwing/text.hpp"
#include "waxwing/value.hpp"

namespace waxwing::text {

// module ::= '(' 'module' 'definition'? id? (field* | 'binary' string* | 'quote' string*) ')'
struct ScriptModule {
    enum class Kind : u8 {
        text,    // source[begin, end)
        binary,  // payload is the module's bytes
        quote,   // payload is the module's text
    } kind = Kind::text;
    bool definition = false;          // do not instantiate
    std::optional<std::string> name;  // without '$'
    std::string_view source;          // the whole script
    usize begin = 0;
    usize end = 0;
    std::string payload;
};

// The module's bytes. Errors in text are ErrorKind::malformed (or invalid, of
// custom annotations); those of quoted text give places in the quotation.
Result<std::vector<std::byte>> encode(const ScriptModule& module, const TextOptions& options = {});

// action ::= '(' 'invoke' id? name const* ')' | '(' 'get' id? name ')'
struct Action {
    enum class Kind : u8 { invoke, get } kind = Kind::invoke;
    std::optional<std::string> instance;  // none: the latest
    std::string name;                     // of the export; any UTF-8
    std::vector<Value> arguments;
};

enum class NanPattern : u8 { none, canonical, arithmetic };

// A result as a test expects it.
struct Expected {
    enum class Kind : u8 {
        value,       // a number: `value`, or a NaN as `nan[0]` says
        vector,      // `value`, and for lanes of f32x4 and f64x2 `nan`
        ref_null,    // any null; `heap`, if given, is not to be checked
        ref_extern,  // `value`, if `has_value`, else any external reference but null
        ref_host,    // `value`: the same host value, seen inside
        ref_any,     // (ref): anything but null and functions
        ref_func,
        ref_eq,
        ref_i31,
        ref_struct,
        ref_array,
        ref_exn,  // not null
        either,   // one of `alternatives`
    } kind = Kind::value;
    bool has_value = false;
    Value value;
    u8 lane_bits = 0;  // if vector
    bool float_lanes = false;
    std::array<NanPattern, 4> nan{};
    std::optional<HeapType> heap;
    std::vector<Expected> alternatives;
};

// Compares numbers and vectors, and `either` of those. Integers and NaNs with a
// payload bit for bit, patterns as they say. False for references.
bool matches_number(const Expected& expected, const Value& actual);

struct Command {
    enum class Kind : u8 {
        module,             // module
        module_instance,    // name (of the instance), other (of the module); none: the latest
        register_,          // text (as which), name (of the instance)
        action,             // action
        assert_return,      // action, results
        assert_trap,        // action or module, text
        assert_exhaustion,  // action, text
        assert_exception,   // action
        assert_malformed,
        assert_invalid,  // module, text
        assert_malformed_custom,
        assert_invalid_custom,  // module, text
        assert_unlinkable,      // module (or, with is_instance, name and other), text
        thread,                 // name, shared (module names), body
        wait,                   // name
    } kind = Kind::module;
    u32 line = 0;
    std::optional<std::string> name;
    std::optional<std::string> other;
    std::string text;  // the expected message, or a name
    std::optional<ScriptModule> module;
    std::optional<Action> action;
    bool is_instance = false;
    std::vector<Expected> results;
    std::vector<std::string> shared;
    std::vector<Command> body;
};

struct Script {
    std::vector<Command> commands;
};

// A file of module fields alone is one module command.
Result<Script> parse_script(std::string_view source);

}  // namespace waxwing::text
