// Texts that nest a million deep or otherwise ask for a lot. Each must be
// answered quickly, without a crash, and without memory out of proportion.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "allocation.hpp"
#include "text/script.hpp"
#include "waxwing/module.hpp"
#include "waxwing/text.hpp"

namespace waxwing::test {
namespace {

std::string repeat(auto count, std::string_view what) {
    const std::size_t times = static_cast<std::size_t>(count);
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

std::size_t fair_share(std::size_t input) { return (1 << 20) + 16 * input; }

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

// What parsing takes beside the text itself, and how much that may be.
struct Shape {
    const char* name;
    std::string source;
};

// `make` gets the numbers below `times`.
template <class Make>
std::string sequence(std::size_t times, const Make& make) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i)
        text += make(std::to_string(i));
    return text;
}

std::vector<Shape> large_texts() {
    constexpr std::size_t n = 100'000;
    const auto in_func = [](const std::string& body) { return "(func $f " + body + ")"; };
    return {
        {"functions with names",
         sequence(n / 8,
                  [](const std::string& i) {
                      return "(func $function_" + i +
                             " (param $a i32) (result i32) (local $b i32) (local.set $b "
                             "(i32.add (local.get $a) (i32.const 1))) (local.get $b))";
                  })},
        {"names alone", sequence(n, [](const std::string& i) { return "(func $" + i + ")"; })},
        {"other names",
         sequence(n / 2, [](const std::string& i) { return "(func $" + i + "(@name \"x\"))"; })},
        {"locals",
         in_func(sequence(n, [](const std::string& i) { return "(local $" + i + " i32)"; }))},
        {"labels", in_func(sequence(n, [](const std::string& i) { return "(block $" + i + " "; }) +
                           repeat(n, ")"))},
        {"shadowed labels", in_func(repeat(n, "(block $a ") + repeat(n, ")"))},
        {"blocks", in_func(repeat(3 * n, "(block ") + repeat(3 * n, ")"))},
        {"conditions", in_func(repeat(n, "(if (result i32) ") + "(i32.const 0)" +
                               repeat(n, "(then (i32.const 0)) (else (i32.const 1)))") + "drop")},
        {"one byte a fold", in_func("(drop" + repeat(8 * n, "(i32.eqz ") + "(i32.const 0)" +
                                    repeat(8 * n, ")") + ")")},
        {"a few bytes a fold", in_func("(drop" + repeat(2 * n, "(i32.add (i32.const 100000) ") +
                                       "(i32.const 0)" + repeat(2 * n, ")") + ")")},
        {"flat", in_func(repeat(3 * n, "i32.const 1 drop "))},
        {"hints", in_func(repeat(n, "(@metadata.code.branch_hint \"\\01\") "
                                    "(br_if 0 (i32.const 0))"))},
        {"targets", in_func("(block $a (br_table" + repeat(8 * n, " $a") + " (i32.const 0)))")},
        {"types", repeat(3 * n, "(type (func))")},
        {"types with names",
         sequence(n, [](const std::string& i) { return "(type $" + i + " (func))"; })},
        {"different types", sequence(n / 4,
                                     [](const std::string& i) {
                                         std::string type;
                                         for (const char digit : i)
                                             type += repeat(digit - '0', " i32") + " i64";
                                         return "(func (param" + type + "))";
                                     })},
        {"structs", repeat(n, "(type (struct (field $a i32)))")},
        {"a group", "(rec " + repeat(n, "(type (struct (field $a i32)))") + ")"},
        {"one type", "(type (func (param" + repeat(8 * n, " i32") + ")))"},
        {"imports",
         sequence(n, [](const std::string& i) { return "(import \"\" \"\" (func $" + i + "))"; })},
        {"exports",
         "(func)" +
             sequence(n, [](const std::string& i) { return "(export \"" + i + "\" (func 0))"; })},
        {"elements", in_func("") + "(elem func" + repeat(8 * n, " $f") + ")"},
        {"bytes", "(data \"" + repeat(8 * n, "a\\00") + "\")"},
        {"strings", "(data" + repeat(8 * n, " \"ab\"") + ")"},
        {"sections", repeat(2 * n, "(@custom \"\")")},
        {"a large section", "(@custom \"a\" \"" + repeat(8 * n, "a") + "\")"},
        {"comments", repeat(n, "(; comment ;) ;; comment\n")},
    };
}

TEST(HostileText, parsing_takes_five_times_the_module_at_most) {
    constexpr std::size_t fixed = 512 << 10;
    for (const Shape& shape : large_texts()) {
        const AllocationScope memory;
        const auto bytes = parse_wat(shape.source);
        ASSERT_TRUE(bytes) << shape.name << ": " << bytes.error().message();
        EXPECT_LE(memory.peak(), fixed + 5 * bytes->size())
            << shape.name << ": " << memory.peak() / (bytes->size() + 1) << " times";
    }
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
