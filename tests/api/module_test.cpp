#include "waxwing/module.hpp"

#include <algorithm>

#include "support.hpp"

namespace waxwing::test {
namespace {

constexpr std::string_view text = R"((module
  (@custom "note" "where is it?")
  (func (export "one") (result i32) i32.const 1)
  (func (export "two") (result i32) i32.const 1 i32.const 1 i32.add)))";

std::vector<std::byte> bytes() { return must(parse_wat(text, {.annotations = true})); }

TEST(Module, a_vector_given_up_is_kept_as_it_is) {
    std::vector<std::byte> given = bytes();
    const std::byte* const begin = given.data();
    const std::byte* const end = begin + given.size();
    const Module module = must(Module::load(std::move(given)));
    const Bytes note = module.custom_section("note").value();
    EXPECT_TRUE(note.data() > begin && note.data() < end);
}

TEST(Module, bytes_that_are_lent_may_go_away) {
    std::vector<std::byte> given = bytes();
    const Module module = must(Module::load(Bytes(given)));
    std::ranges::fill(given, std::byte{0});
    const Bytes note = module.custom_section("note").value();
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(note.data()), note.size()),
              "where is it?");
}

TEST(Module, code_is_counted_as_it_is_made) {
    const Module module = must(Module::load(bytes()));
    EXPECT_EQ(module.code_stats().functions, 0u);
    EXPECT_EQ(module.code_stats().code_bytes, 0u);
    Store store;
    const Instance instance = must(store.instantiate(module));
    const Func one = must(instance.func("one"));
    must(one.call());
    const CodeStats after_one = module.code_stats();
    EXPECT_EQ(after_one.functions, 1u);
    EXPECT_EQ(after_one.wasm_bytes, 3u);  // i32.const 1, end
    EXPECT_GE(after_one.code_bytes, 8u);
    must(one.call());
    EXPECT_EQ(module.code_stats().code_bytes, after_one.code_bytes);
    must(one.call({}, {.fuel = 100}));
    EXPECT_EQ(module.code_stats().functions, 2u);
    EXPECT_EQ(module.code_stats().wasm_bytes, 6u);
    must(must(instance.func("two")).call());
    EXPECT_EQ(module.code_stats().wasm_bytes, 12u);
    const Module eager = must(Module::load(bytes(), {.eager = true}));
    EXPECT_EQ(eager.code_stats().functions, 2u);
    EXPECT_EQ(eager.code_stats().wasm_bytes, 9u);
}

TEST(Module, a_single_instance_takes_the_data_over) {
    const auto data = [](char c) { return "\"" + std::string(1'500'000, c) + "\""; };
    const Module module = must(Module::load(
        wat("(module (memory (export \"m\") 80)"
            "(data (i32.const 0) " +
            data('a') + ")" + "(data (i32.const 1500000) " + data('b') + ")" + "(data $later " +
            data('c') + ")" + "(data (i32.const 3000000) " + data('d') + ")" +
            R"((func (export "later")
          (memory.init $later (i32.const 0) (i32.const 0) (i32.const 1500000)))
        (func (export "trap") (param i32) (result i32)
          (i32.div_u (i32.const 1) (local.get 0)))))"),
        {.single_instance = true}));
    Store store;
    const Instance instance = must(store.instantiate(module));
    const Memory memory = must(instance.memory("m"));
    const auto all = [&](std::uint64_t from, char c) {
        return std::ranges::all_of(must(memory.read(from, 1'500'000)),
                                   [&](std::byte b) { return b == static_cast<std::byte>(c); });
    };
    EXPECT_TRUE(all(0, 'a') && all(1'500'000, 'b') && all(3'000'000, 'd'));
    EXPECT_TRUE(must(instance.func("later")).call());
    EXPECT_TRUE(all(0, 'c'));
    const auto trapped = must(instance.func("trap")).call(std::vector{Value::i32(0)});
    expect_error(trapped, Code::call, "integer divide by zero");
    EXPECT_EQ(trapped.error().backtrace().at(0).function, "trap");
    expect_error(store.instantiate(module), Code::instantiate, "for a single instance");
}

// That one cannot be translated is told only if all are valid.
TEST(Module, translating_at_once_finds_the_same_mistakes) {
    std::string huge = "(func (local";
    for (int i = 0; i < 40'000; ++i)
        huge += " v128";
    huge += "))";
    const auto message = [](const std::string& text, bool eager) {
        const auto module = Module::load(wat(text), {.eager = eager});
        return module ? "" : std::string(module.error().message());
    };
    const std::string invalid = "(module " + huge + "(func (result i32)))";
    EXPECT_EQ(message(invalid, true), message(invalid, false));
    EXPECT_TRUE(message(invalid, true).starts_with("type mismatch")) << message(invalid, true);
    const std::string valid = "(module " + huge + "(func))";
    EXPECT_EQ(message(valid, false), "");
    EXPECT_TRUE(message(valid, true).starts_with("function 0 needs")) << message(valid, true);
}

// The name's hash points to one export only, so that most of many are found otherwise.
TEST(Module, each_of_many_exports_is_found) {
    std::string many = "(module";
    for (int i = 0; i < 1000; ++i) {
        const std::string n = std::to_string(i);
        many += "(func (export \"f" + n + "\") (result i32) i32.const " + n + ")";
    }
    Store store;
    const Instance instance = must(store.instantiate(must(Module::load(wat(many + ")")))));
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(must(must(instance.func<int()>("f" + std::to_string(i)))()), i);
    for (const char* name : {"", "f", "f1000", "g1"})
        EXPECT_EQ(instance.func(name).error().code(), Code::export_not_found) << name;
}

}  // namespace
}  // namespace waxwing::test
