// Texts that nest a million deep or otherwise ask for a lot. Each must be
// answered quickly, without a crash, and without memory out of proportion.
#include <gtest/gtest.h>

#include <string>

#include "allocation.hpp"
#include "text/script.hpp"
#include "waxwing/module.hpp"
#include "waxwing/text.hpp"

namespace waxwing::test {
namespace {

std::string repeat(std::size_t times, std::string_view what) {
    std::string text;
    text.reserve(times * what.size());
    for (std::size_t i = 0; i < times; ++i)
        text += what;
    return text;
}

struct Outcome {
    bool ok = false;
    ErrorKind kind = ErrorKind::usage;
    std::string message;
};

std::size_t fair_share(std::size_t input) { return (1 << 20) + 400 * input; }

Outcome parse(std::string_view source) {
    const AllocationScope memory;
    const auto bytes = parse_wat(source);
    EXPECT_LE(memory.peak(), fair_share(source.size())) << "for " << source.size() << " bytes";
    if (bytes) return {.ok = true};
    return {false, bytes.error().kind(), std::string(bytes.error().message())};
}

// Well-formed but deep: fine, or refused in a civilised way.
void expect_answer(std::string_view source) {
    const Outcome outcome = parse(source);
    EXPECT_TRUE(outcome.ok || outcome.kind == ErrorKind::limit ||
                outcome.message.starts_with("nested too deeply"))
        << outcome.message;
}

void expect_malformed(std::string_view source) {
    const Outcome outcome = parse(source);
    EXPECT_FALSE(outcome.ok);
    EXPECT_TRUE(outcome.kind == ErrorKind::malformed || outcome.kind == ErrorKind::limit)
        << outcome.message;
}

constexpr std::size_t deep = 1'000'000;

TEST(HostileText, a_million_flat_blocks) {
    expect_answer("(module (func " + repeat(deep, "block ") + repeat(deep, "end ") + "))");
    expect_answer("(module (func " + repeat(deep, "loop ") + repeat(deep, "end ") + "))");
}

TEST(HostileText, a_million_flat_ifs) {
    expect_answer("(module (func " + repeat(deep, "i32.const 0 if ") + repeat(deep, "else end ") +
                  "))");
}

TEST(HostileText, a_million_folded_blocks) {
    expect_answer("(module (func " + repeat(deep, "(block ") + repeat(deep, ")") + "))");
    expect_answer("(module (func " + repeat(deep, "(loop $l ") + repeat(deep, ")") + "))");
}

TEST(HostileText, a_million_folded_ifs) {
    expect_answer("(module (func " + repeat(deep, "(if (i32.const 0) (then ") + repeat(deep, "))") +
                  "))");
    // The condition nests.
    expect_answer("(module (func " + repeat(deep, "(if (result i32) ") + "(i32.const 0)" +
                  repeat(deep, " (then (i32.const 0)) (else (i32.const 1)))") + " drop))");
}

TEST(HostileText, a_million_folded_operands) {
    expect_answer("(module (func (drop " + repeat(deep, "(i32.eqz ") + "(i32.const 0)" +
                  repeat(deep, ")") + ")))");
}

TEST(HostileText, a_million_try_tables) {
    expect_answer("(module (func " + repeat(deep, "(try_table (catch_all 0) ") + repeat(deep, ")") +
                  "))");
}

TEST(HostileText, constant_expressions_nest_too) {
    expect_answer("(module (global i32 " + repeat(deep, "(i32.add (i32.const 1) ") +
                  "(i32.const 1)" + repeat(deep, ")") + "))");
    expect_answer("(module (memory 1) (data (offset " + repeat(deep, "(i32.add (i32.const 1) ") +
                  "(i32.const 1)" + repeat(deep, ")") + ") \"\"))");
}

TEST(HostileText, a_million_comments_in_comments) {
    expect_answer(repeat(deep, "(;") + repeat(deep, ";)") + "(module)");
    expect_malformed("(module " + repeat(deep, "(;"));
}

TEST(HostileText, a_million_annotations_in_annotations) {
    expect_answer("(module " + repeat(deep, "(@a ") + repeat(deep, ")") + ")");
    expect_answer("(module (@a " + repeat(deep, "(") + repeat(deep, ")") + "))");
    expect_malformed("(module (@a " + repeat(deep, "("));
}

TEST(HostileText, a_million_parentheses) {
    expect_malformed(repeat(deep, "("));
    expect_malformed(repeat(deep, ")"));
    expect_malformed("(module " + repeat(deep, "("));
    expect_malformed("(module (func " + repeat(deep, "("));
    expect_malformed("(module (func " + repeat(deep, "(block"));
    expect_malformed("(module (func " + repeat(deep, "(block "));
    expect_malformed("(module (type " + repeat(deep, "(ref "));
    expect_malformed("(module (rec " + repeat(deep, "(rec "));
}

TEST(HostileText, numbers_of_any_length) {
    const std::string digits = repeat(deep, "9");
    expect_malformed("(module (func i32.const " + digits + "))");
    expect_answer("(module (func f64.const 0." + digits + " drop))");
    expect_answer("(module (func f32.const 0x0." + digits + " drop))");
    expect_malformed("(module (func f64.const 1e" + digits + "))");
    expect_answer("(module (func f64.const 1e-" + digits + " drop))");
    expect_malformed("(module (func br " + digits + "))");
    expect_malformed("(module (memory " + digits + "))");
}

TEST(HostileText, declared_counts_do_not_size_allocations) {
    parse("(module (table 0xffffffff funcref))");
    parse("(module (memory 65536))");
    parse("(module (func array.new_fixed 0 4294967295) (type (array i8)))");
    parse("(module (func br 4294967295))");
    parse("(module (func local.get 4294967295))");
}

TEST(HostileText, many_names_are_found_in_good_time) {
    std::string source = "(module ";
    for (int i = 0; i < 100'000; ++i)
        source += "(func $f" + std::to_string(i) + " call $f" + std::to_string(99'999 - i) + ")";
    expect_answer(source + ")");
}

TEST(HostileText, many_implicit_types_are_found_in_good_time) {
    std::string source = "(module ";
    for (int i = 0; i < 20'000; ++i) {
        source += "(func (param";
        for (int bit = 0; bit < 15; ++bit)
            source += i >> bit & 1 ? " i32" : " i64";
        source += "))";
    }
    expect_answer(source + ")");
}

TEST(HostileText, many_labels_are_found_in_good_time) {
    std::string source = "(module (func ";
    constexpr int depth = 20'000;
    for (int i = 0; i < depth; ++i)
        source += "block $l" + std::to_string(i) + " ";
    for (int i = 0; i < depth; ++i)
        source += "br $l0 ";
    for (int i = 0; i < depth; ++i)
        source += "end ";
    expect_answer(source + "))");
}

TEST(HostileText, scripts_nest_too) {
    const std::string sources[] = {
        repeat(deep, "(assert_trap "),
        repeat(deep, "(script "),
        "(assert_return (invoke \"f\") " + repeat(deep, "(either ") + repeat(deep, ")") + ")",
        "(assert_invalid (module quote " + repeat(deep, "\"(block\" ") + ") \"x\")",
        repeat(deep, "(module"),
        repeat(deep, "(thread $t "),
    };
    for (const std::string& source : sources) {
        const AllocationScope memory;
        const auto script = text::parse_script(source);
        EXPECT_LE(memory.peak(), fair_share(source.size())) << source.substr(0, 40);
    }
}

}  // namespace
}  // namespace waxwing::test
