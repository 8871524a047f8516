#include "cli/wast_match.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "core/try.hpp"
#include "waxwing/text.hpp"

namespace waxwing::cli {

namespace {

using Kind = text::Expected::Kind;
using text::Expected;

// One lane of a vector, as bits of its own.
std::uint64_t lane_bits(const V128& vector, unsigned lane, unsigned bits) {
    std::uint64_t value = 0;
    std::memcpy(&value, vector.bytes.data() + lane * bits / 8, bits / 8);
    return value;
}

std::string describe_number(ValType type, std::uint64_t bits, text::NanPattern nan) {
    switch (nan) {
    case text::NanPattern::canonical: return "nan:canonical";
    case text::NanPattern::arithmetic: return "nan:arithmetic";
    case text::NanPattern::none: break;
    }
    return to_string(Value::number(type, bits));
}

std::string describe_vector(const Expected& expected) {
    const unsigned lanes = 128u / expected.lane_bits;
    std::string text =
        fmt::format("v128:{}{}x{}", expected.float_lanes ? 'f' : 'i', expected.lane_bits, lanes);
    const ValType type = expected.lane_bits == 64 ? (expected.float_lanes ? f64 : i64)
                                                  : (expected.float_lanes ? f32 : i32);
    for (unsigned lane = 0; lane < lanes; ++lane) {
        const std::uint64_t bits = lane_bits(expected.value.as_v128(), lane, expected.lane_bits);
        text += ' ';
        text += describe_number(type, bits,
                                expected.float_lanes ? expected.nan[lane] : text::NanPattern::none);
    }
    return text;
}

template <class T>
std::string describe_list(std::span<const T> items) {
    std::string text = "[";
    for (const T& item : items) {
        if (text.size() > 1) text += ' ';
        text += describe(item);
    }
    return text += ']';
}

}  // namespace

Result<Func> Matcher::make_probe(Question question) {
    struct Probe {
        const char* parameter;
        const char* test;
    };
    constexpr const char* not_null = "(i32.eqz (ref.is_null (local.get 0)))";
    static constexpr std::array<Probe, question_count> probes = {{
        {"anyref", not_null},
        {"externref", not_null},
        {"funcref", not_null},
        {"exnref", not_null},
        {"anyref", "(ref.test (ref eq) (local.get 0))"},
        {"anyref", "(ref.test (ref i31) (local.get 0))"},
        {"anyref", "(ref.test (ref struct) (local.get 0))"},
        {"anyref", "(ref.test (ref array) (local.get 0))"},
    }};
    const Probe& probe = probes[static_cast<std::size_t>(question)];
    const auto bytes =
        TRY(parse_wat(fmt::format("(module (func (export \"ask\") (param {}) (result i32) {}))",
                                  probe.parameter, probe.test)));
    const Module module = TRY(Module::load(bytes));
    const Instance instance = TRY(store_.instantiate(module));
    return instance.func("ask");
}

bool Matcher::ask(Question question, const Value& reference) {
    std::optional<Func>& probe = probes_[static_cast<std::size_t>(question)];
    if (!probe) {
        const Result<Func> made = make_probe(question);
        if (!made) return false;
        probe = *made;
    }
    const auto answer = probe->call(std::span(&reference, 1));
    return answer && answer->front().as_i32() != 0;
}

bool Matcher::matches(const Expected& expected, const Value& actual) {
    if (expected.kind == Kind::either)
        return std::ranges::any_of(expected.alternatives,
                                   [&](const Expected& one) { return matches(one, actual); });
    if (expected.kind == Kind::value || expected.kind == Kind::vector)
        return text::matches_number(expected, actual);
    if (!actual.type().is_ref()) return false;

    const bool null = actual.as_ref().is_null();
    switch (expected.kind) {
    case Kind::ref_null: return null;
    case Kind::ref_extern:
        if (!ask(Question::is_extern, actual)) return false;
        return !expected.has_value || actual.as_ref() == expected.value.as_ref();
    case Kind::ref_host:
        return ask(Question::is_any, actual) && actual.as_ref() == expected.value.as_ref();
    case Kind::ref_any:
        return ask(Question::is_any, actual) || ask(Question::is_extern, actual) ||
               ask(Question::is_exn, actual);
    case Kind::ref_func: return ask(Question::is_func, actual);
    case Kind::ref_eq: return ask(Question::is_eq, actual);
    case Kind::ref_i31: return ask(Question::is_i31, actual);
    case Kind::ref_struct: return ask(Question::is_struct, actual);
    case Kind::ref_array: return ask(Question::is_array, actual);
    case Kind::ref_exn: return ask(Question::is_exn, actual);
    default: return false;
    }
}

bool Matcher::matches(std::span<const Expected> expected, std::span<const Value> actual) {
    return std::ranges::equal(expected, actual,
                              [&](const Expected& e, const Value& a) { return matches(e, a); });
}

std::string describe(const Value& value) {
    const std::string text = to_string(value);
    // Vectors say what they are.
    return value.type().is_vector() ? text : to_string(value.type()) + ":" + text;
}

std::string describe(const Expected& expected) {
    switch (expected.kind) {
    case Kind::value:
        return to_string(expected.value.type()) + ":" +
               describe_number(expected.value.type(), expected.value.bits(), expected.nan[0]);
    case Kind::vector: return describe_vector(expected);
    case Kind::ref_null: return "null";
    case Kind::ref_extern:
    case Kind::ref_host: {
        const char* word = expected.kind == Kind::ref_host ? "ref.host" : "ref.extern";
        if (!expected.has_value) return word;
        return fmt::format("{} {}", word, expected.value.as_ref().host_payload());
    }
    case Kind::ref_any: return "ref";
    case Kind::ref_func: return "ref.func";
    case Kind::ref_eq: return "ref.eq";
    case Kind::ref_i31: return "ref.i31";
    case Kind::ref_struct: return "ref.struct";
    case Kind::ref_array: return "ref.array";
    case Kind::ref_exn: return "ref.exn";
    case Kind::either: break;
    }
    return "either " + describe(std::span(expected.alternatives));
}

std::string describe(std::span<const Value> values) { return describe_list(values); }
std::string describe(std::span<const Expected> expected) { return describe_list(expected); }

std::string describe(const Error& error) {
    return fmt::format("{}: {}", to_string(error.kind()), error.message());
}

const char* to_string(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::malformed: return "malformed";
    case ErrorKind::invalid: return "invalid";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::limit: return "limit";
    case ErrorKind::unlinkable: return "unlinkable";
    case ErrorKind::trap: return "trap";
    case ErrorKind::exit: return "exit";
    case ErrorKind::exception: return "exception";
    case ErrorKind::host: return "host error";
    case ErrorKind::fuel: return "out of fuel";
    case ErrorKind::interrupted: return "interrupted";
    case ErrorKind::usage: return "usage error";
    }
    return "error";
}

}  // namespace waxwing::cli
