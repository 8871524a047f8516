// How failure is reported: every fallible call returns Result<T>. Nothing in
// Waxwing throws. Where the host has no memory for an error, that is what it says
// instead: kind limit, "out of memory".
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waxwing/features.hpp"

namespace waxwing::interp {
struct ExceptionState;
}

#pragma GCC visibility push(default)
namespace waxwing {

// The number an embedder switches on.
enum class Code : int {
    compile = 5000,            // malformed, invalid or unsupported module
    instantiate = 5001,        // unresolved import, start trapped, a limit was hit
    call = 5002,               // trap, failed host function, non-zero exit, interrupt
    export_not_found = 5003,   // no such export, or not of the wanted kind
    invalid_module = 5004,     // unknown or dropped module id
    invalid_instance = 5005,   // unknown or dropped instance id
    memory = 5006,             // read or write out of range, growth refused, no memory
    type = 5007,               // wrong argument count or type, value not representable
    io = 5008,                 // the host could not read a file
    permission_denied = 5009,  // the policy forbids it
    wasi = 5010,               // the WASI configuration is wrong
    fuel_exhausted = 5011,     // the call ran out of fuel
};

// What went wrong, more finely than Code.
enum class ErrorKind : std::uint8_t {
    malformed,    // the bytes or the text do not follow the grammar
    invalid,      // the module does not follow the typing rules
    unsupported,  // a component, an unknown version, a feature switched off
    limit,        // an implementation limit
    unlinkable,   // an import is missing or has another type
    trap,         // execution trapped; see trap()
    exit,         // the guest ended itself; see exit_status()
    exception,    // an exception nobody caught
    host,         // a host function failed
    fuel,         // fuel ran out
    interrupted,  // cancelled, or past its deadline
    usage,        // the caller asked for something that cannot be
};

enum class Trap : std::uint8_t {
    none,
#define TRAP(ident, text) ident,
#include "waxwing/traps.def"
};
const char* to_string(Trap trap);  // the specification's words

// One activation in a backtrace, innermost first.
struct Frame {
    std::string module;    // the module's name, or empty
    std::string function;  // from the name section or an export, or empty
    std::uint32_t func_index = 0;
    std::uint64_t offset = 0;       // of the instruction, in the module's bytes
    std::uint64_t func_offset = 0;  // of the instruction, from the function's first byte
    std::uint64_t left_out = 0;     // frames that are left out before this one
};

class Error {
public:
    Error(Code code, ErrorKind kind, std::string message);
    static Error trapped(Trap trap, std::string detail = {});
    static Error exited(int status);
    static Error host(std::string message);

    Error(const Error&);
    Error(Error&&) noexcept;
    Error& operator=(const Error&);
    Error& operator=(Error&&) noexcept;
    ~Error();

    Code code() const;
    ErrorKind kind() const;
    Trap trap() const;                                 // Trap::none unless kind() is trap
    std::string_view message() const;                  // one line, begins with the official words
    std::optional<int> exit_status() const;            // set when kind() is exit
    std::optional<std::uint64_t> byte_offset() const;  // in the module's bytes
    std::optional<std::uint32_t> function() const;     // index of the function at fault
    const std::vector<Frame>& backtrace() const;       // innermost first
    // Of a module that is rejected: what has to be switched on for it to get further.
    std::optional<Feature> feature() const;

    // What the guest threw, of an error of kind exception: see class Exception, which is
    // made of it.
    const std::shared_ptr<const interp::ExceptionState>& exception() const;

    // All of it, over several lines: "error[5002]: trap: ...\n  at ...".
    std::string format() const;

    Error& with_code(Code code);
    Error& with_offset(std::uint64_t offset);
    Error& with_function(std::uint32_t index);
    Error& with_feature(Feature feature);
    Error& with_backtrace(std::vector<Frame> frames);
    Error& with_exception(std::shared_ptr<const interp::ExceptionState> exception);

private:
    struct Info;
    struct Spares;
    struct Free {
        void operator()(Info* info) const noexcept;
    };
    std::unique_ptr<Info, Free> info_;  // null only after a move
};

template <class T>
using Result = std::expected<T, Error>;

}  // namespace waxwing
#pragma GCC visibility pop
