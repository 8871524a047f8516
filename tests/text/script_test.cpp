#include "helpers.hpp"

#include <bit>

namespace waxwing::text {
namespace {

using Kind = Command::Kind;

std::vector<Command> commands(std::string_view source) {
    auto script = parse_script(source);
    EXPECT_TRUE(script) << source << ": " << script.error().message();
    return script ? std::move(script->commands) : std::vector<Command>();
}

Command one(std::string_view source) {
    auto list = commands(source);
    EXPECT_EQ(list.size(), 1u) << source;
    return list.empty() ? Command() : std::move(list[0]);
}

Expected expected(const std::string& result) {
    Command command = one("(assert_return (invoke \"f\") " + result + ")");
    EXPECT_EQ(command.results.size(), 1u);
    return command.results.empty() ? Expected() : command.results[0];
}

TEST(Script, commands_know_their_line) {
    const auto list = commands("(module)\n\n(register \"r\" $m) (wait $t)\n;; x\n(invoke \"f\")");
    ASSERT_EQ(list.size(), 4u);
    EXPECT_EQ(list[0].line, 1u);
    EXPECT_EQ(list[1].line, 3u);
    EXPECT_EQ(list[1].text, "r");
    EXPECT_EQ(list[1].name, "m");
    EXPECT_EQ(list[2].kind, Kind::wait);
    EXPECT_EQ(list[3].line, 5u);
}

TEST(Script, modules_of_all_kinds) {
    const auto list = commands(R"wast((module $a (func)) (module definition $b (memory 1))
        (module binary "\00asm" "\01\00\00\00") (module definition quote "(func" ")")
        (module instance $i $m) (module instance $m) (module instance))wast");
    ASSERT_EQ(list.size(), 7u);
    EXPECT_EQ(list[0].name, "a");
    EXPECT_FALSE(list[0].module->definition);
    EXPECT_TRUE(list[1].module->definition);
    EXPECT_EQ(list[1].name, "b");
    EXPECT_EQ(encode(*list[1].module)->size(), 8u + 5);
    EXPECT_EQ(list[2].module->payload, std::string("\0asm\1\0\0\0", 8));
    EXPECT_EQ(encode(*list[2].module)->size(), 8u);
    EXPECT_TRUE(list[3].module->definition);
    EXPECT_EQ(*encode(*list[3].module), *encode(*one("(module (func))").module));
    EXPECT_EQ(list[4].kind, Kind::module_instance);
    EXPECT_EQ(list[4].name, "i");
    EXPECT_EQ(list[4].other, "m");
    EXPECT_EQ(list[5].name, std::nullopt);
    EXPECT_EQ(list[5].other, "m");
    EXPECT_EQ(list[6].other, std::nullopt);
}

TEST(Script, a_broken_module_fails_alone) {
    const auto list = commands("(module)\n(module (func foo \x01 0x))\n(module)");
    ASSERT_EQ(list.size(), 3u);
    EXPECT_TRUE(encode(*list[0].module));
    EXPECT_TRUE(encode(*list[2].module));
    const auto broken = encode(*list[1].module);
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().kind(), ErrorKind::malformed);
    // Places count from the start of the script.
    EXPECT_EQ(broken.error().message(), "unknown operator foo (at line 2, column 15)");
}

TEST(Script, fields_alone_are_a_module) {
    const Command command = one("\n(func) (memory 0)");
    EXPECT_EQ(command.kind, Kind::module);
    EXPECT_EQ(command.line, 2u);
    EXPECT_TRUE(encode(*command.module));
    EXPECT_TRUE(commands("").empty());
}

TEST(Script, actions_have_arguments) {
    const Command command =
        one(R"((invoke $m "a\00b" (i32.const -1) (i64.const 5) (f32.const nan:0x1)
        (f64.const -0) (v128.const i32x4 1 2 3 4) (ref.null extern) (ref.extern 7) (ref.host 8)))");
    const Action& action = *command.action;
    EXPECT_EQ(action.instance, "m");
    EXPECT_EQ(action.name, std::string("a\0b", 3));
    ASSERT_EQ(action.arguments.size(), 8u);
    EXPECT_EQ(action.arguments[0], Value::i32(-1));
    EXPECT_EQ(action.arguments[1], Value::i64(5));
    EXPECT_EQ(action.arguments[2].bits(), 0x7F80'0001u);
    EXPECT_EQ(action.arguments[3].bits(), u64{1} << 63);
    EXPECT_EQ(action.arguments[4].as_v128().bytes[12], 4);
    EXPECT_EQ(action.arguments[5], Value::null(externref));
    EXPECT_EQ(action.arguments[6].as_ref(), Ref::host(7));
    EXPECT_EQ(action.arguments[7].as_ref(), Ref::host(8));
    EXPECT_EQ(one("(assert_return (get $m \"g\") (i32.const 1))").action->kind, Action::Kind::get);
}

TEST(Script, assertions) {
    EXPECT_EQ(one("(assert_trap (invoke \"f\") \"unreachable\")").text, "unreachable");
    EXPECT_TRUE(one("(assert_trap (module) \"x\")").module.has_value());
    EXPECT_EQ(one("(assert_exhaustion (invoke \"f\") \"x\")").kind, Kind::assert_exhaustion);
    EXPECT_EQ(one("(assert_exception (invoke \"f\"))").kind, Kind::assert_exception);
    EXPECT_EQ(one("(assert_malformed (module quote \"x\") \"y\")").module->payload, "x");
    EXPECT_EQ(one("(assert_invalid (module) \"y\")").kind, Kind::assert_invalid);
    EXPECT_EQ(one("(assert_malformed_custom (module) \"y\")").kind, Kind::assert_malformed_custom);
    EXPECT_EQ(one("(assert_invalid_custom (module) \"y\")").kind, Kind::assert_invalid_custom);
    const Command unlinkable = one("(assert_unlinkable (module instance $a $b) \"y\")");
    EXPECT_EQ(unlinkable.kind, Kind::assert_unlinkable);
    EXPECT_TRUE(unlinkable.is_instance);
    EXPECT_EQ(unlinkable.other, "b");
}

TEST(Script, threads) {
    const Command command =
        one("(thread $T (shared (module $M)) (register \"m\" $M) (invoke \"f\"))");
    EXPECT_EQ(command.name, "T");
    EXPECT_EQ(command.shared, std::vector<std::string>{"M"});
    ASSERT_EQ(command.body.size(), 2u);
    EXPECT_EQ(command.body[1].kind, Kind::action);
}

TEST(Script, expected_references) {
    EXPECT_EQ(expected("(ref.null)").heap, std::nullopt);
    EXPECT_EQ(expected("(ref.null exn)").heap, HeapType(HeapKind::exn));
    EXPECT_FALSE(expected("(ref.extern)").has_value);
    EXPECT_EQ(expected("(ref.extern 3)").value.as_ref(), Ref::host(3));
    EXPECT_EQ(expected("(ref.host 3)").kind, Expected::Kind::ref_host);
    EXPECT_EQ(expected("(ref)").kind, Expected::Kind::ref_any);
    EXPECT_EQ(expected("(ref.func)").kind, Expected::Kind::ref_func);
    EXPECT_EQ(expected("(ref.eq)").kind, Expected::Kind::ref_eq);
    EXPECT_EQ(expected("(ref.i31)").kind, Expected::Kind::ref_i31);
    EXPECT_EQ(expected("(ref.struct)").kind, Expected::Kind::ref_struct);
    EXPECT_EQ(expected("(ref.array)").kind, Expected::Kind::ref_array);
    EXPECT_EQ(expected("(ref.exn)").kind, Expected::Kind::ref_exn);
}

Value f32_bits(u32 bits) { return Value::number(f32, bits); }
Value f64_bits(u64 bits) { return Value::number(f64, bits); }

TEST(Script, nan_patterns) {
    const Expected canonical = expected("(f32.const nan:canonical)");
    EXPECT_TRUE(matches_number(canonical, f32_bits(0x7FC0'0000)));
    EXPECT_TRUE(matches_number(canonical, f32_bits(0xFFC0'0000)));
    EXPECT_FALSE(matches_number(canonical, f32_bits(0x7FC0'0001)));
    EXPECT_FALSE(matches_number(canonical, f32_bits(0x7F80'0000)));
    EXPECT_FALSE(matches_number(canonical, f64_bits(0x7FC0'0000)));
    const Expected arithmetic = expected("(f64.const nan:arithmetic)");
    EXPECT_TRUE(matches_number(arithmetic, f64_bits(0xFFF8'0000'0000'0001)));
    EXPECT_FALSE(matches_number(arithmetic, f64_bits(0x7FF0'0000'0000'0001)));
    EXPECT_FALSE(matches_number(arithmetic, f64_bits(0)));
    const Expected payload = expected("(f32.const nan:0x1)");
    EXPECT_TRUE(matches_number(payload, f32_bits(0x7F80'0001)));
    EXPECT_FALSE(matches_number(payload, f32_bits(0xFF80'0001)));
}

V128 vector(u32 a, u32 b, u32 c, u32 d) {
    return std::bit_cast<V128>(std::array<u32, 4>{a, b, c, d});
}

TEST(Script, lanes_have_patterns_of_their_own) {
    const Expected mixed = expected("(v128.const f32x4 nan:canonical 1 nan:arithmetic -0)");
    EXPECT_TRUE(matches_number(
        mixed, Value::v128(vector(0xFFC0'0000, 0x3F80'0000, 0x7FC0'1234, 0x8000'0000))));
    EXPECT_FALSE(matches_number(
        mixed, Value::v128(vector(0xFFC0'0001, 0x3F80'0000, 0x7FC0'1234, 0x8000'0000))));
    EXPECT_FALSE(
        matches_number(mixed, Value::v128(vector(0xFFC0'0000, 0x3F80'0000, 0x7FC0'1234, 0))));
    EXPECT_TRUE(matches_number(expected("(v128.const i8x16 255 0 0 0 0 0 0 0 0 0 0 0 0 0 0 -1)"),
                               Value::v128(vector(0xFF, 0, 0, 0xFF00'0000))));
    const Expected either = expected("(either (i32.const 1) (i32.const 2))");
    EXPECT_TRUE(matches_number(either, Value::i32(2)));
    EXPECT_FALSE(matches_number(either, Value::i32(3)));
}

TEST(Script, errors_have_a_place) {
    const auto script = parse_script("(module)\n(assert_return (invoke \"f\") (i32.const x))");
    ASSERT_FALSE(script);
    EXPECT_EQ(script.error().message(), "unknown operator x (at line 2, column 40)");
    EXPECT_FALSE(parse_script("(module"));
    EXPECT_FALSE(parse_script("(module) x"));
    EXPECT_FALSE(parse_script("(module) (func)"));
    std::string deep, closing;
    for (int i = 0; i < 100000; ++i) {
        deep += "(either ";
        closing += ")";
    }
    const auto either = parse_script("(assert_return (invoke \"f\") " + deep + closing + ")");
    ASSERT_FALSE(either);
    EXPECT_TRUE(either.error().message().starts_with("nested too deeply"));
}

}  // namespace
}  // namespace waxwing::text
