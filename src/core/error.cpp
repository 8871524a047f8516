#include "waxwing/error.hpp"

#include <array>
#include <cstdio>
#include <functional>
#include <new>
#include <stdexcept>
#include <utility>

#include "core/guard.hpp"

#include "core/printable.hpp"

namespace waxwing {

struct Error::Info {
    Code code;
    ErrorKind kind;
    Trap trap = Trap::none;
    std::string message{};
    std::optional<int> exit_status{};
    std::optional<std::uint64_t> offset{};
    std::optional<std::uint32_t> function{};
    std::optional<Feature> feature{};
    std::vector<Frame> frames{};
    std::shared_ptr<const interp::ExceptionState> exception{};
};

// Where there is no memory for an Info, the error is "out of memory" instead: one of these, which
// take none and are never changed. Not destroyed, as errors in static storage may refer to them.
struct Error::Spares {
    static constexpr int first_code = static_cast<int>(Code::compile);
    static constexpr std::size_t codes =
        static_cast<std::size_t>(static_cast<int>(Code::fuel_exhausted) - first_code + 1);

    std::array<Info, codes> limits;
    std::array<Info, codes> traps;

    Spares() {
        for (std::size_t i = 0; i < codes; ++i) {
            const auto code = static_cast<Code>(first_code + static_cast<int>(i));
            const char* const text = to_string(Trap::out_of_memory);
            limits[i] = {code, ErrorKind::limit, Trap::none, text};
            traps[i] = {code, ErrorKind::trap, Trap::out_of_memory, text};
        }
    }
    static std::byte* storage() noexcept;
    static Info* of(Code code, bool is_trap) noexcept {
        static Spares& spares = *new (storage()) Spares;
        const auto number = static_cast<std::size_t>(static_cast<int>(code) - first_code);
        return &(is_trap ? spares.traps : spares.limits)[number < codes ? number : 0];
    }
    static bool has(const Info* info) noexcept {
        const auto* const at = reinterpret_cast<const std::byte*>(info);
        return std::greater_equal<>()(at, storage()) &&
               std::less<>()(at, storage() + sizeof(Spares));
    }
    // A copy of `info`, or the spare that stands for it.
    static Info* copy(const Info* info) noexcept {
        if (!info) return nullptr;
        try {
            return new Info(*info);
        } catch (const std::bad_alloc&) {
            return of(info->code, info->trap == Trap::out_of_memory);
        }
    }
};

std::byte* Error::Spares::storage() noexcept {
    alignas(Spares) static std::byte bytes[sizeof(Spares)];
    return bytes;
}

void Error::Free::operator()(Info* info) const noexcept {
    if (!Spares::has(info)) delete info;
}

Error::Error(Code code, ErrorKind kind, std::string message)
    : info_(new (std::nothrow) Info{code, kind, Trap::none, std::move(message)}) {
    if (!info_) info_.reset(Spares::of(code, false));
}

Error Error::trapped(Trap trap, std::string detail) {
    Error error(Code::call, ErrorKind::trap, {});
    if (Spares::has(error.info_.get())) {
        error.info_.reset(Spares::of(Code::call, trap == Trap::out_of_memory));
        return error;
    }
    error.info_->trap = trap;
    try {
        error.info_->message = to_string(trap);
        if (!detail.empty()) error.info_->message += " " + detail;
    } catch (const std::bad_alloc&) {
        // Then without the detail, if the words themselves had room.
        if (error.info_->message.empty()) error.info_.reset(Spares::of(Code::call, false));
    }
    return error;
}

Error Error::exited(int status) {
    Error error(Code::call, ErrorKind::exit, "exit status " + std::to_string(status));
    if (!Spares::has(error.info_.get())) error.info_->exit_status = status;
    return error;
}

Error Error::host(std::string message) {
    return Error(Code::call, ErrorKind::host, std::move(message));
}

Error::Error(const Error& other) : info_(Spares::copy(other.info_.get())) {}
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error& other) {
    info_.reset(Spares::copy(other.info_.get()));
    return *this;
}
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

Code Error::code() const { return info_->code; }
ErrorKind Error::kind() const { return info_->kind; }
Trap Error::trap() const { return info_->trap; }
std::string_view Error::message() const { return info_->message; }
std::optional<int> Error::exit_status() const { return info_->exit_status; }
std::optional<std::uint64_t> Error::byte_offset() const { return info_->offset; }
std::optional<std::uint32_t> Error::function() const { return info_->function; }
const std::vector<Frame>& Error::backtrace() const { return info_->frames; }
std::optional<Feature> Error::feature() const { return info_->feature; }
const std::shared_ptr<const interp::ExceptionState>& Error::exception() const {
    return info_->exception;
}

std::string Error::format() const try {
    std::string text = "error[" + std::to_string(static_cast<int>(info_->code)) + "]: ";
    if (info_->kind == ErrorKind::trap) text += "trap: ";
    text += printable(info_->message);
    for (const Frame& frame : info_->frames) {
        if (frame.left_out) text += "\n  ... " + std::to_string(frame.left_out) + " more frames";
        char place[64];
        std::snprintf(place, sizeof place, " (func %u) +0x%llx, offset 0x%llx",
                      static_cast<unsigned>(frame.func_index),
                      static_cast<unsigned long long>(frame.func_offset),
                      static_cast<unsigned long long>(frame.offset));
        text += "\n  at ";
        if (!frame.module.empty()) text += printable(frame.module) + "!";
        text += frame.function.empty() ? "<unnamed>" : printable(frame.function);
        text += place;
    }
    return text;
} catch (const std::bad_alloc&) {
    return to_string(Trap::out_of_memory);  // so short that it takes no memory
}

Error out_of_memory(Code code) noexcept {
    return Error(code, ErrorKind::limit, to_string(Trap::out_of_memory));
}

Error error_of_exception(Code code) noexcept {
    try {
        throw;
    } catch (const std::bad_alloc&) {
        return out_of_memory(code);
    } catch (const std::length_error&) {
        return out_of_memory(code);
    } catch (const std::exception& thrown) {
        try {
            return Error(code, ErrorKind::host, std::string("exception: ") + thrown.what());
        } catch (...) {
            return out_of_memory(code);
        }
    } catch (...) {
        return Error(code, ErrorKind::host, "exception");
    }
}

// A spare is never changed: it can become that of another code, and has no place.
Error& Error::with_code(Code code) {
    if (Spares::has(info_.get()))
        info_.reset(Spares::of(code, info_->trap == Trap::out_of_memory));
    else
        info_->code = code;
    return *this;
}
Error& Error::with_offset(std::uint64_t offset) {
    if (!Spares::has(info_.get())) info_->offset = offset;
    return *this;
}
Error& Error::with_function(std::uint32_t index) {
    if (!Spares::has(info_.get())) info_->function = index;
    return *this;
}
Error& Error::with_feature(Feature feature) {
    if (!Spares::has(info_.get())) info_->feature = feature;
    return *this;
}
Error& Error::with_backtrace(std::vector<Frame> frames) {
    if (!Spares::has(info_.get())) info_->frames = std::move(frames);
    return *this;
}
Error& Error::with_exception(std::shared_ptr<const interp::ExceptionState> exception) {
    if (!Spares::has(info_.get())) info_->exception = std::move(exception);
    return *this;
}

}  // namespace waxwing
