#include "core/fault.hpp"

#include <cstdio>

namespace waxwing {
namespace {

ErrorKind kind_of(Fault fault) {
    switch (fault) {
#define MALFORMED(ident, text) \
    case Fault::ident: return ErrorKind::malformed;
#define INVALID(ident, text) \
    case Fault::ident: return ErrorKind::invalid;
#define UNLINKABLE(ident, text) \
    case Fault::ident: return ErrorKind::unlinkable;
#include "core/errors.def"
    }
    return ErrorKind::malformed;
}

std::string hex(u64 value) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

std::string switched_off(Feature feature) {
    return std::string(": the feature ") + to_string(feature) + " is switched off";
}

Error build(Fault fault, std::string detail, std::string place) {
    std::string message = to_string(fault);
    if (!detail.empty()) {
        const bool punctuation = detail[0] == ':' || detail[0] == ',' || detail[0] == ' ';
        if (!punctuation) message += ' ';
        message += detail;
    }
    if (!place.empty()) message += " (" + place + ")";
    const ErrorKind kind = kind_of(fault);
    const Code code = kind == ErrorKind::unlinkable ? Code::instantiate : Code::compile;
    return Error(code, kind, std::move(message));
}

}  // namespace

const char* to_string(Fault fault) {
    switch (fault) {
#define MALFORMED(ident, text) \
    case Fault::ident: return text;
#define INVALID(ident, text) MALFORMED(ident, text)
#define UNLINKABLE(ident, text) MALFORMED(ident, text)
#include "core/errors.def"
    }
    return "";
}

Error make_error(Fault fault, std::string detail) { return build(fault, std::move(detail), {}); }

Error make_error(Fault fault, std::string detail, u64 offset) {
    return std::move(build(fault, std::move(detail), "at " + hex(offset)).with_offset(offset));
}

Error make_error(Fault fault, std::string detail, u64 offset, u32 func) {
    return std::move(
        build(fault, std::move(detail), "at " + hex(offset) + ", func " + std::to_string(func))
            .with_offset(offset)
            .with_function(func));
}

Error make_error(Fault fault, std::string detail, Feature feature, u64 offset) {
    detail += switched_off(feature);
    return std::move(make_error(fault, std::move(detail), offset).with_feature(feature));
}

Error unsupported(Feature feature, std::string what, u64 offset) {
    what += switched_off(feature) + " (at " + hex(offset) + ")";
    return std::move(Error(Code::compile, ErrorKind::unsupported, std::move(what))
                         .with_offset(offset)
                         .with_feature(feature));
}

Error limit_error(std::string message, u64 offset) {
    message += " (at " + hex(offset) + ")";
    return std::move(
        Error(Code::compile, ErrorKind::limit, std::move(message)).with_offset(offset));
}

}  // namespace waxwing
