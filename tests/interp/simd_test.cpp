// Vectors on their way through frames, where scalars are their neighbours, and
// what the compiler makes of constants; the test scripts are silent about these.
#include <array>

#include "support.hpp"

namespace waxwing::test {
namespace {

using Int = std::int32_t;
using Long = std::int64_t;

V128 words(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    return {std::bit_cast<std::array<std::uint8_t, 16>>(std::array{a, b, c, d})};
}
V128 every_byte(std::uint8_t byte) {
    V128 vector;
    vector.bytes.fill(byte);
    return vector;
}

const V128 a = words(1, 2, 3, 4), b = words(50, 60, 70, 80), c = words(900, 901, 902, 903);

TEST(Vectors, KeepTheirPlaceAmongScalarParametersAndLocals) {
    Machine machine(R"((module
        (func (export "sum") (param i32 v128 f32 v128 i64) (result i32)
            (local i32 v128 i64)
            local.get 1 local.get 3 i32x4.add local.set 6
            local.get 4 local.set 7
            local.get 6 i32x4.extract_lane 3
            local.get 0 i32.add
            local.get 7 i32.wrap_i64 i32.add
            local.get 2 i32.trunc_f32_s i32.add
            local.get 5 i32.add)
        (func (export "zero") (result v128) (local i32 v128 i32) local.get 1)))");
    EXPECT_EQ((machine.call<Int(Int, V128, float, V128, Long)>("sum", 1000, a, 20000.0f, b,
                                                               Long{300000})),
              84 + 1000 + 20000 + 300000);
    EXPECT_EQ(machine.call<V128()>("zero"), V128{});
}

TEST(Vectors, AnOperandMayBeTheLocalThatTakesTheResult) {
    Machine machine(R"((module (func (export "f") (param v128 v128) (result v128)
        local.get 0
        local.get 0 local.get 1 i32x4.sub local.set 0
        local.get 0 i32x4.neg local.tee 0
        i32x4.add)))");
    EXPECT_EQ((machine.call<V128(V128, V128)>("f", a, b)), words(50, 60, 70, 80));
}

TEST(Vectors, StayApartFromTheAccumulatorsOfScalars) {
    // The i32 is computed first and used after vectors were computed.
    Machine machine(R"((module (func (export "f") (param i32 v128) (result i32)
        local.get 0 i32.const 3 i32.mul
        local.get 1 local.get 1 i32x4.add i32x4.extract_lane 1
        i32.add)
      (func (export "g") (param i32 v128) (result v128)
        local.get 1
        local.get 0 i32.const 1 i32.add i32x4.splat
        local.get 0 i32.const 2 i32.add i32x4.replace_lane 2
        local.get 0 i32.const 30 i32.add i32x4.shl
        i32x4.add)))");
    EXPECT_EQ((machine.call<Int(Int, V128)>("f", 7, a)), 25);
    EXPECT_EQ((machine.call<V128(Int, V128)>("g", 3, a)), words(9, 10, 13, 12));
}

TEST(Vectors, PassThroughBlocksLoopsAndBranches) {
    Machine machine(R"((module
        (type $in_out (func (param i32 v128 i64) (result i64 v128 i32)))
        (func $turn (param i32 v128 i64) (result i64 v128 i32) local.get 2 local.get 1 local.get 0)
        (func (export "block") (param v128 i32) (result v128)
            f64.const 1
            i32.const 5 local.get 0 i64.const 7
            block (type $in_out)
                call $turn
                local.get 1 br_if 0
                i32.const 1 i32.add local.set 1
                v128.not local.set 0
                local.get 0
                local.get 1
                br 0
            end
            i32x4.replace_lane 0
            local.set 0 i32.wrap_i64 local.set 1 drop
            local.get 0 local.get 1 i32x4.replace_lane 3)
        (func (export "loop") (param v128 i32) (result v128 i32)
            local.get 0 i32.const 0
            loop (param v128 i32) (result v128 i32)
                local.set 1
                local.get 0 i32x4.add
                local.get 1 i32.const 1 i32.add local.tee 1
                local.get 1 i32.const 10 i32.lt_u br_if 0
            end)
        (func (export "if") (param v128 v128 i32) (result v128)
            i32.const 77
            local.get 0
            local.get 2
            if (param v128) (result i64 v128)
                local.get 1 i32x4.sub local.set 0 i64.const 1 local.get 0
            else
                local.set 1 i64.const 2 local.get 1
            end
            local.set 0 i32.wrap_i64 i32.add local.set 2
            local.get 0 local.get 2 i32x4.replace_lane 0)
        (func (export "table") (param i32 v128 v128) (result v128)
            block (result v128)
                block (result v128)
                    f32.const 1
                    local.get 1 local.get 2 i32x4.mul
                    local.get 0 br_table 0 1 2
                end
                i32.const 1 i32x4.splat i32x4.add
                return
            end
            v128.not)))");
    EXPECT_EQ((machine.call<V128(V128, Int)>("block", a, 1)), words(5, 2, 3, 7));
    EXPECT_EQ((machine.call<V128(V128, Int)>("block", a, 0)), words(6, ~2u, ~3u, 7));
    const auto results = must(machine.func("loop").call(values(Value::v128(a), Value::i32(0))));
    EXPECT_EQ(results, values(Value::v128(words(11, 22, 33, 44)), Value::i32(10)));
    EXPECT_EQ((machine.call<V128(V128, V128, Int)>("if", b, a, 1)), words(78, 58, 67, 76));
    EXPECT_EQ((machine.call<V128(V128, V128, Int)>("if", b, a, 0)), words(79, 60, 70, 80));
    EXPECT_EQ((machine.call<V128(Int, V128, V128)>("table", 0, a, b)), words(51, 121, 211, 321));
    EXPECT_EQ((machine.call<V128(Int, V128, V128)>("table", 1, a, b)),
              words(~50u, ~120u, ~210u, ~320u));
    EXPECT_EQ((machine.call<V128(Int, V128, V128)>("table", 9, a, b)), words(50, 120, 210, 320));
}

TEST(Vectors, AreArgumentsAndResultsOfEveryKindOfCall) {
    Imports imports;
    imports.func("h", "swap", [](Int i, V128 v, Long l) {
        V128 swapped = v;
        std::swap_ranges(swapped.bytes.begin(), swapped.bytes.begin() + 8,
                         swapped.bytes.begin() + 8);
        swapped.bytes[0] = static_cast<std::uint8_t>(i + static_cast<Int>(l));
        return swapped;
    });
    Machine machine(R"((module
        (type $t (func (param i32 v128 i64) (result v128)))
        (import "h" "swap" (func $swap (type $t)))
        (table funcref (elem $swap $own))
        (global $g (export "g") (mut v128) (v128.const i32x4 9 8 7 6))
        (global $h v128 (v128.const i64x2 -1 5))
        (elem declare func $own)
        (func $own (type $t) local.get 0 i32x4.splat local.get 1 i32x4.add
            local.get 2 i32.wrap_i64 i32x4.replace_lane 3)
        (func (export "host") (param v128) (result v128)
            i32.const 1 i32.const 10 local.get 0 i64.const 20 call $swap
            local.set 0 drop local.get 0)
        (func (export "own") (param v128) (result v128)
            i32.const 10 local.get 0 i64.const 20 call $own)
        (func (export "indirect") (param i32 v128) (result v128)
            i32.const 10 local.get 1 i64.const 20 local.get 0 call_indirect (type $t))
        (func (export "tail") (param i32 v128) (result v128)
            i32.const 10 local.get 1 i64.const 20 local.get 0 return_call_indirect (type $t))
        (func (export "ref") (param v128) (result v128)
            i32.const 10 local.get 0 i64.const 20 ref.func $own call_ref $t)
        (func (export "global") (param v128) (result v128)
            global.get $g local.get 0 global.set $g global.get $g i32x4.add global.get $h i32x4.add)
        (func (export "select") (param v128 v128 i32) (result v128)
            local.get 0 local.get 1 local.get 2 i32.eqz select)
        (func (export "typed") (param v128 v128 i32) (result v128)
            local.get 0 v128.not local.get 1 v128.not local.get 2 i32.const 5 i32.lt_s
            select (result v128))))",
                    imports);
    const V128 swapped = words(30, 4, 1, 2), own = words(11, 12, 13, 20);
    EXPECT_EQ((machine.call<V128(V128)>("host", a)), swapped);
    EXPECT_EQ((machine.call<V128(V128)>("own", a)), own);
    EXPECT_EQ((machine.call<V128(Int, V128)>("indirect", 0, a)), swapped);
    EXPECT_EQ((machine.call<V128(Int, V128)>("indirect", 1, a)), own);
    EXPECT_EQ((machine.call<V128(Int, V128)>("tail", 0, a)), swapped);
    EXPECT_EQ((machine.call<V128(Int, V128)>("tail", 1, a)), own);
    EXPECT_EQ((machine.call<V128(V128)>("ref", a)), own);
    EXPECT_EQ((machine.call<V128(V128)>("global", a)), words(9, 9, 15, 10));
    EXPECT_EQ(must(machine.instance.global("g")).get(), Value::v128(a));
    EXPECT_EQ((machine.call<V128(V128, V128, Int)>("select", a, b, 0)), a);
    EXPECT_EQ((machine.call<V128(V128, V128, Int)>("select", a, b, 1)), b);
    EXPECT_EQ((machine.call<V128(V128, V128, Int)>("typed", a, b, 4)), words(~1u, ~2u, ~3u, ~4u));
    EXPECT_EQ((machine.call<V128(V128, V128, Int)>("typed", a, b, 5)),
              words(~50u, ~60u, ~70u, ~80u));
}

TEST(Vectors, ManyResultsComeInOrder) {
    Machine machine(R"((module
        (func $f (param v128 i32 v128) (result v128 v128 i32 v128)
            local.get 2 local.get 0 local.get 1 local.get 0 local.get 2 i32x4.add)
        (func (export "f") (param v128 i32 v128) (result i32 v128 v128 v128)
            (local v128)
            local.get 0 local.get 1 local.get 2 call $f
            local.set 3 local.set 1 local.set 0 local.set 2
            local.get 1 local.get 0 local.get 3 local.get 2)))");
    const auto results =
        must(machine.func("f").call(values(Value::v128(a), Value::i32(-6), Value::v128(b))));
    EXPECT_EQ(results, values(Value::i32(-6), Value::v128(a), Value::v128(words(51, 62, 73, 84)),
                              Value::v128(b)));
}

TEST(Vectors, ConstantOperandsAreFoldedAlike) {
    Machine machine(R"((module
        (func (export "i8") (result v128) i32.const 0x1FE i8x16.splat)
        (func (export "i16") (result v128) i32.const -2 i16x8.splat)
        (func (export "i64") (result v128) i64.const 0x200000001 i64x2.splat)
        (func (export "f32") (result v128) f32.const nan:0x200001 f32x4.splat)
        (func (export "f64") (result v128) f64.const -0 f64x2.splat)
        (func (export "shift") (param v128) (result v128)
            local.get 0 i32.const 35 i32x4.shl i32.const -31 i32x4.shr_u)
        (func (export "bytes") (param v128) (result v128) local.get 0 i32.const 12 i8x16.shr_s)
        (func (export "replace") (param v128) (result v128)
            local.get 0 i32.const -1 i16x8.replace_lane 5)))");
    EXPECT_EQ(machine.call<V128()>("i8"), every_byte(0xFE));
    EXPECT_EQ(machine.call<V128()>("i16"), words(~0x10001u, ~0x10001u, ~0x10001u, ~0x10001u));
    EXPECT_EQ(machine.call<V128()>("i64"), words(1, 2, 1, 2));
    EXPECT_EQ(machine.call<V128()>("f32"), words(0x7FA00001, 0x7FA00001, 0x7FA00001, 0x7FA00001));
    EXPECT_EQ(machine.call<V128()>("f64"), words(0, 0x80000000, 0, 0x80000000));
    EXPECT_EQ(machine.call<V128(V128)>("shift", a), words(4, 8, 12, 16));
    EXPECT_EQ(machine.call<V128(V128)>("bytes", every_byte(0x85)), every_byte(0xF8));
    EXPECT_EQ(machine.call<V128(V128)>("replace", a), words(1, 2, 0xFFFF0003, 4));
}

// In memory 0, in another, and with 64-bit addresses.
using MemoryKind = std::array<const char*, 4>;

class VectorMemory : public testing::TestWithParam<MemoryKind> {
protected:
    static std::string source() {
        std::string text = R"((module MEMORIES
            (data INDEX (OFFSET.const 65504) "\01\02\03\04\05\06\07\08\09\0a\0b\0c\0d\0e\0f\10")
            (func (export "load") (param OFFSET) (result v128) local.get 0 v128.load INDEX)
            (func (export "dropped") (param OFFSET) local.get 0 v128.load INDEX offset=16 drop)
            (func (export "extend") (param OFFSET) (result v128) local.get 0 v128.load16x4_s INDEX)
            (func (export "lane") (param OFFSET v128) (result v128)
                local.get 0 OFFSET.const 1 OFFSET.add local.get 1 v128.load16_lane INDEX offset=1 7)
            (func (export "store") (param OFFSET v128) (result v128)
                local.get 0 OFFSET.const 16 OFFSET.sub local.get 1 v128.store INDEX offset=16
                local.get 0 v128.load INDEX)
            (func (export "store_lane") (param OFFSET v128) (result v128)
                local.get 0 local.get 1 v128.store32_lane INDEX offset=4 2
                local.get 0 v128.load INDEX)))";
        for (const auto& [word, value] : {std::pair{"MEMORIES", GetParam()[1]},
                                          {"INDEX", GetParam()[2]},
                                          {"OFFSET", GetParam()[3]}}) {
            for (auto at = text.find(word); at != text.npos; at = text.find(word))
                text.replace(at, std::string_view(word).size(), value);
        }
        return text;
    }
    static Value address(std::uint64_t at) {
        return Value::number(std::string_view(GetParam()[3]) == "i64" ? i64 : i32, at);
    }
};

TEST_P(VectorMemory, AccessesAreExactAndChecked) {
    Machine machine(source());
    const V128 data = words(0x04030201, 0x08070605, 0x0C0B0A09, 0x100F0E0D);
    const auto call = [&](std::string_view name, std::uint64_t at,
                          std::optional<V128> vector = {}) {
        std::vector<Value> args{address(at)};
        if (vector) args.push_back(Value::v128(*vector));
        return machine.func(name).call(args);
    };
    const auto gives = [](const Result<std::vector<Value>>& result, V128 wanted) {
        ASSERT_TRUE(result) << result.error().format();
        EXPECT_EQ(*result, values(Value::v128(wanted)));
    };
    gives(call("load", 65504), data);
    gives(call("load", 65520), V128{});
    gives(call("extend", 65505), words(0x0302, 0x0504, 0x0706, 0x0908));
    gives(call("lane", 65504, a), words(1, 2, 3, 0x04030004));
    gives(call("store_lane", 65504, c), words(0x04030201, 902, 0x0C0B0A09, 0x100F0E0D));
    gives(call("store", 65504, b), b);
    EXPECT_TRUE(call("dropped", 65504));
    for (const char* name : {"load", "extend", "dropped"})
        expect_trap(call(name, 65530), Trap::memory_out_of_bounds);
    expect_trap(call("dropped", 65505), Trap::memory_out_of_bounds);
    expect_trap(call("load", 0xFFFFFFFF), Trap::memory_out_of_bounds);
    expect_trap(call("lane", 65533, a), Trap::memory_out_of_bounds);
    expect_trap(call("store", 65521, a), Trap::memory_out_of_bounds);
    expect_trap(call("store_lane", 65529, a), Trap::memory_out_of_bounds);
}

// Name, memories, index, address type.
constexpr MemoryKind memory_kinds[] = {
    {"first", "(memory 1)", "0", "i32"},
    {"second", "(memory 0) (memory 1)", "1", "i32"},
    {"wide", "(memory i64 1)", "0", "i64"},
    {"second_and_wide", "(memory 3) (memory i64 1)", "1", "i64"},
};
INSTANTIATE_TEST_SUITE_P(Kinds, VectorMemory, testing::ValuesIn(memory_kinds),
                         [](const auto& kind) { return kind.param[0]; });

}  // namespace
}  // namespace waxwing::test
