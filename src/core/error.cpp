#include "waxwing/error.hpp"

#include <cstdio>

namespace waxwing {

struct Error::Info {
    Code code;
    ErrorKind kind;
    Trap trap = Trap::none;
    std::string message;
    std::optional<int> exit_status;
    std::optional<std::uint64_t> offset;
    std::optional<std::uint32_t> function;
    std::optional<Feature> feature;
    std::vector<Frame> frames;
    std::shared_ptr<const void> exception;
};

Error::Error(Code code, ErrorKind kind, std::string message) : info_(std::make_unique<Info>()) {
    info_->code = code;
    info_->kind = kind;
    info_->message = std::move(message);
}

Error Error::trapped(Trap trap, std::string detail) {
    std::string message = to_string(trap);
    if (!detail.empty()) message += " " + detail;
    Error error(Code::call, ErrorKind::trap, std::move(message));
    error.info_->trap = trap;
    return error;
}

Error Error::exited(int status) {
    Error error(Code::call, ErrorKind::exit, "exit status " + std::to_string(status));
    error.info_->exit_status = status;
    return error;
}

Error Error::host(std::string message) {
    return Error(Code::call, ErrorKind::host, std::move(message));
}

Error::Error(const Error& other) : info_(std::make_unique<Info>(*other.info_)) {}
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error& other) {
    info_ = std::make_unique<Info>(*other.info_);
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
const std::shared_ptr<const void>& Error::exception() const { return info_->exception; }

std::string Error::format() const {
    std::string text = "error[" + std::to_string(static_cast<int>(info_->code)) + "]: ";
    if (info_->kind == ErrorKind::trap) text += "trap: ";
    text += info_->message;
    for (const Frame& frame : info_->frames) {
        char place[64];
        std::snprintf(place, sizeof place, " (func %u) +0x%llx, offset 0x%llx",
                      static_cast<unsigned>(frame.func_index),
                      static_cast<unsigned long long>(frame.func_offset),
                      static_cast<unsigned long long>(frame.offset));
        text += "\n  at ";
        if (!frame.module.empty()) text += frame.module + "!";
        text += frame.function.empty() ? "<unnamed>" : frame.function;
        text += place;
    }
    return text;
}

Error& Error::with_code(Code code) {
    info_->code = code;
    return *this;
}
Error& Error::with_offset(std::uint64_t offset) {
    info_->offset = offset;
    return *this;
}
Error& Error::with_function(std::uint32_t index) {
    info_->function = index;
    return *this;
}
Error& Error::with_feature(Feature feature) {
    info_->feature = feature;
    return *this;
}
Error& Error::with_backtrace(std::vector<Frame> frames) {
    info_->frames = std::move(frames);
    return *this;
}
Error& Error::with_exception(std::shared_ptr<const void> exception) {
    info_->exception = std::move(exception);
    return *this;
}

}  // namespace waxwing
