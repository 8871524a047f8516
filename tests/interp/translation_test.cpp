// What a translation to registers can get wrong about locals and values: each
// case says what a stack machine would do.
#include <limits>

#include "run_body.hpp"

namespace waxwing::test {
namespace {

// Locals that change while they are on the stack ------------------------------------------

TEST(Translation, ALocalOnTheStackKeepsTheValueItHad) {
    EXPECT_EQ(
        run_i32("(param i32) (result i32) local.get 0 i32.const 5 local.set 0 local.get 0 i32.sub",
                ints({7})),
        2);
    EXPECT_EQ(
        run_i32("(param i32) (result i32) local.get 0 i32.const 5 local.tee 0 i32.sub", ints({7})),
        2);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 local.get 0 i32.const 1 i32.add "
                      "local.tee 0 i32.mul",
                      ints({7})),
              56);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 local.get 0 local.get 0 i32.const 3 "
                      "local.set 0 i32.add local.get 0 i32.mul i32.sub",
                      ints({7})),
              7 - 14 * 3);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 local.get 0 local.get 0 i32.add "
                      "local.set 0 local.get 0 i32.sub",
                      ints({7})),
              -7);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 local.get 0 i32.load8_u local.set 0 "
                      "local.get 0 i32.sub",
                      ints({7})),
              7);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 local.get 0 local.set 0", ints({7})),
              7);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 local.tee 0 local.tee 0", ints({7})),
              7);
}

TEST(Translation, ALocalOnTheStackKeepsItsValueThroughBlocks) {
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 block i32.const 9 local.set 0 end "
                      "local.get 0 i32.sub",
                      ints({7})),
              -2);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 loop local.get 0 i32.const 1 i32.sub "
                      "local.tee 0 br_if 0 end local.get 0 i32.sub",
                      ints({7})),
              7);
    EXPECT_EQ(
        run_i32("(param i32 i32) (result i32) local.get 0 local.get 1 if i32.const 1 local.set 0 "
                "else i32.const 2 local.set 0 end local.get 0 i32.const 10 i32.mul i32.add",
                ints({7, 1})),
        17);
    EXPECT_EQ(
        run_i32("(param i32 i32) (result i32) local.get 0 local.get 1 if i32.const 1 local.set 0 "
                "else i32.const 2 local.set 0 end local.get 0 i32.const 10 i32.mul i32.add",
                ints({7, 0})),
        27);
    // As a block's parameter, changed inside.
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 block (param i32) (result i32) "
                      "i32.const 50 local.set 0 local.get 0 i32.add end",
                      ints({7})),
              57);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 local.get 0 loop (param i32 i32) "
                      "(result i32) local.set 0 local.get 0 i32.add end",
                      ints({7})),
              14);
    // As a branch's value, changed before it is taken.
    EXPECT_EQ(run_i32("(param i32) (result i32) block (result i32) local.get 0 i32.const 1 "
                      "local.set 0 local.get 0 br_if 0 drop i32.const 99 end",
                      ints({7})),
              7);
}

TEST(Translation, LoopsSeeTheNewValueEachTurn) {
    // acc = acc * 3 + n, with n on the stack while it goes down.
    EXPECT_EQ(run_i32("(param i32) (result i32) (local i32) loop local.get 0 local.get 0 i32.const "
                      "1 i32.sub local.set 0 "
                      "local.get 1 i32.const 3 i32.mul i32.add local.set 1 local.get 0 br_if 0 end "
                      "local.get 1",
                      ints({4})),
              ((4 * 3 + 3) * 3 + 2) * 3 + 1);
    // Parameters of a loop: a Fibonacci pair.
    EXPECT_EQ(run_i32("(param i32) (result i32) (local i32) i32.const 0 i32.const 1 loop (param "
                      "i32 i32) (result i32 i32) "
                      "local.tee 1 i32.add local.get 1 local.set 1 local.get 1 "
                      "local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end drop",
                      ints({1})),
              1);
}

TEST(Translation, WhatTheAccumulatorHeldIsForgottenWhenItsSlotChanges) {
    const std::string set = "local.get 0 i32.const 1 i32.add local.set 1 ";
    const std::string head = "(param i32) (result i32) (local i32 i32) ";
    EXPECT_EQ(
        run_i32(head + set + "i32.const 50 local.set 1 local.get 1 i32.const 3 i32.mul", ints({7})),
        150);
    EXPECT_EQ(
        run_i32(head + set + "local.get 0 local.set 1 local.get 1 i32.const 3 i32.mul", ints({7})),
        21);
    EXPECT_EQ(
        run_i32(head + set + "local.get 0 i32.load8_u local.set 2 local.get 1 i32.const 3 i32.mul",
                ints({7})),
        24);
    // At the start of a loop it holds something else from the second turn on.
    EXPECT_EQ(run_i32("(param i32) (result i32) (local i32 i32 i32) i32.const 3 local.set 3 " +
                          set +
                          "loop local.get 1 local.get 2 i32.add local.set 2 "
                          "local.get 3 i32.const 1 i32.sub local.tee 3 br_if 0 end local.get 2",
                      ints({7})),
              24);
    // At the end of a block it depends on the way there.
    for (const int taken : {0, 1}) {
        EXPECT_EQ(
            run_i32("(param i32 i32) (result i32) (local i32) local.get 0 i32.const 1 i32.add "
                    "local.set 2 local.get 1 if local.get 2 i32.const 5 i32.mul local.set 2 end "
                    "local.get 2 i32.const 2 i32.mul",
                    ints({7, taken})),
            taken ? 80 : 16);
        EXPECT_EQ(
            run_i32(
                "(param i32 i32) (result i32) (local i32) block local.get 0 i32.const 1 i32.add "
                "local.set 2 local.get 1 br_if 0 local.get 0 i32.const 5 i32.mul local.set 0 end "
                "local.get 2 i32.const 2 i32.mul local.get 0 i32.add",
                ints({7, taken})),
            taken ? 23 : 51);
    }
}

TEST(Translation, ParametersAreSwappedOnTheWayOut) {
    EXPECT_EQ(run("(param i32 i32) (result i32 i32) local.get 1 local.get 0", ints({1, 2})),
              ints({2, 1}));
    EXPECT_EQ(run("(param i32 i32 i32) (result i32 i32 i32) local.get 2 local.get 0 local.get 1",
                  ints({1, 2, 3})),
              ints({3, 1, 2}));
    EXPECT_EQ(run("(param i32 i32) (result i32 i32 i32 i32) local.get 1 local.get 0 local.get 1 "
                  "local.get 0",
                  ints({1, 2})),
              ints({2, 1, 2, 1}));
    EXPECT_EQ(run("(param i32 i32) (result i32 i32) (local i32) local.get 0 local.set 2 local.get "
                  "1 local.set 0 local.get 2 local.set 1 local.get 0 local.get 1",
                  ints({1, 2})),
              ints({2, 1}));
    EXPECT_EQ(run("(param i32 i32) (result i32 i32) local.get 1 local.get 0 return", ints({1, 2})),
              ints({2, 1}));
    EXPECT_EQ(run("(param i32 i32) (result i32 i32) local.get 1 local.get 0 br 0", ints({1, 2})),
              ints({2, 1}));
    EXPECT_EQ(run("(param i32 i32) (result i32 i32) local.get 1 local.get 0 i32.const 1 br_if 0 "
                  "drop drop i32.const 0 i32.const 0",
                  ints({1, 2})),
              ints({2, 1}));
    EXPECT_EQ(run("(param i32 i32) (result i32 i32) block i32.const 9 local.get 1 local.get 0 "
                  "i32.const 0 br_table 1 1 end unreachable",
                  ints({1, 2})),
              ints({2, 1}));
}

TEST(Translation, ArgumentsOfCallsAreSwapped) {
    Machine machine(R"((module
        (func $sub (param i32 i32) (result i32) local.get 0 local.get 1 i32.sub)
        (func $swap (param i32 i32) (result i32 i32) local.get 1 local.get 0)
        (func (export "f") (param i32 i32) (result i32) local.get 1 local.get 0 call $sub)
        (func (export "g") (param i32 i32) (result i32) local.get 0 local.get 1 call $swap call $sub)
        (func (export "h") (param i32 i32) (result i32) local.get 1 local.get 0 return_call $sub)
        (func (export "k") (param i32 i32) (result i32)
          i32.const 1000 local.get 0 local.get 1 call $swap call $swap call $sub i32.add)))");
    EXPECT_EQ((machine.call<int(int, int)>("f", 10, 3)), -7);
    EXPECT_EQ((machine.call<int(int, int)>("g", 10, 3)), -7);
    EXPECT_EQ((machine.call<int(int, int)>("h", 10, 3)), -7);
    EXPECT_EQ((machine.call<int(int, int)>("k", 10, 3)), 1007);
}

// Select, constants, kinds of slots -----------------------------------------------------------

TEST(Translation, SelectsEveryType) {
    V128 v;
    v.bytes[3] = 7;
    for (const int condition : {0, 1, -1, 256}) {
        const bool first = condition != 0;
        const Value c = Value::i32(condition);
        const auto chosen = [&](const char* type, const Value& a, const Value& b) {
            const std::string t = type;
            EXPECT_EQ(run("(param " + t + " " + t + " i32) (result " + t +
                              ") local.get 0 local.get 1 local.get 2 select (result " + t + ")",
                          values(a, b, c))[0],
                      first ? a : b);
            // Into the place of one of its operands.
            EXPECT_EQ(run("(param " + t + " " + t + " i32) (result " + t +
                              ") local.get 0 local.get 1 local.get 2 select (result " + t +
                              ") local.set 1 local.get 1",
                          values(a, b, c))[0],
                      first ? a : b);
            EXPECT_EQ(
                run("(param " + t + " " + t + " i32) (result " + t +
                        ") local.get 0 local.get 1 local.get 2 i32.const 0 i32.ne select (result " +
                        t + ") local.tee 0",
                    values(a, b, c))[0],
                first ? a : b);
        };
        chosen("i32", Value::i32(-1), Value::i32(2));
        chosen("i64", Value::i64(-1), Value::i64(2));
        chosen("f32", Value::f32(-1), Value::f32(2));
        chosen("f64", Value::f64(-1), Value::f64(2));
        chosen("v128", Value::v128(v), Value::v128({}));
        chosen("externref", Value::ref(externref, Ref::host(0)), Value::null(externref));
        EXPECT_EQ(run_i32("(param i32) (result i32) i32.const 3 i32.const 4 local.get 0 select",
                          values(c)),
                  first ? 3 : 4);
        EXPECT_EQ(run("(param i32) (result f32) f32.const 3 f32.const -4 local.get 0 select",
                      values(c))[0],
                  Value::f32(first ? 3.0f : -4.0f));
    }
}

TEST(Translation, VectorsMoveWhole) {
    V128 a, b;
    for (std::size_t i = 0; i < 16; ++i) {
        a.bytes[i] = static_cast<std::uint8_t>(i + 1);
        b.bytes[i] = static_cast<std::uint8_t>(200 - i);
    }
    const Value va = Value::v128(a), vb = Value::v128(b);
    EXPECT_EQ(
        run("(param v128 i32 v128) (result v128 v128 i32) local.get 2 local.get 0 local.get 1",
            values(va, Value::i32(5), vb)),
        values(vb, va, Value::i32(5)));
    EXPECT_EQ(run("(param v128 v128) (result v128) (local v128) local.get 0 local.get 1 local.set "
                  "0 local.set 2 local.get 2",
                  values(va, vb))[0],
              va);
    EXPECT_EQ(run("(param v128 i32) (result v128) (local i32 v128) local.get 1 if (result v128) "
                  "local.get 0 else local.get 3 end",
                  values(va, Value::i32(1)))[0],
              va);
    EXPECT_EQ(run("(param v128 i32) (result v128) (local i32 v128) local.get 1 if (result v128) "
                  "local.get 0 else local.get 3 end",
                  values(va, Value::i32(0)))[0],
              Value::v128({}));
    EXPECT_EQ(run("(param v128 v128) (result i32 v128) i32.const 1 local.get 0 local.get 1 drop "
                  "block (param v128) (result v128) br 0 end",
                  values(va, vb)),
              values(Value::i32(1), va));
}

TEST(Translation, MixesOfTypesDoNotConfuseTheirSlots) {
    // A slot holds an integer, then a float, then an integer.
    EXPECT_EQ(run("(param i64 f64 f32) (result i64) local.get 0 i64.const 1 i64.add drop local.get "
                  "1 local.get 1 f64.mul drop "
                  "local.get 2 local.get 2 f32.add drop local.get 0 i64.const 2 i64.add",
                  values(Value::i64(1ll << 40), Value::f64(3), Value::f32(4)))[0],
              Value::i64((1ll << 40) + 2));
    EXPECT_EQ(run("(param i32) (result i64) local.get 0 f32.convert_i32_s f64.promote_f32 "
                  "local.get 0 f64.convert_i32_u f64.add "
                  "i64.trunc_f64_s local.get 0 i64.extend_i32_s i64.add",
                  ints({21}))[0],
              Value::i64(63));
    // f32 bits pass through an i32 local and memory.
    EXPECT_EQ(run("(param f32) (result f32) (local i32) local.get 0 i32.reinterpret_f32 local.set "
                  "1 i32.const 8 local.get 1 i32.store "
                  "i32.const 8 f32.load local.get 1 f32.reinterpret_i32 f32.add",
                  values(Value::f32(1.25f)))[0],
              Value::f32(2.5f));
    EXPECT_EQ(run("(param f32 f64) (result f64 f32) local.get 1 local.get 0 f32.neg local.set 0 "
                  "local.get 0",
                  values(Value::f32(1), Value::f64(2))),
              values(Value::f64(2), Value::f32(-1)));
    // A wide slot reused for an f32: what is left in the high half is not its business.
    EXPECT_EQ(run("(param i64 f32) (result f32) (local f32) local.get 0 i64.const -1 i64.xor drop "
                  "local.get 1 local.get 1 f32.mul "
                  "block (param f32) (result f32) end local.set 2 local.get 2",
                  values(Value::i64(0), Value::f32(3)))[0],
              Value::f32(9));
    // Signalling NaNs keep their bits through every move.
    EXPECT_EQ(run("(param f32) (result f32 f32) (local f32) local.get 0 local.tee 1 local.get 1 "
                  "block (param f32) (result f32) end",
                  values(Value::number(f32, 0x7FA00001))),
              values(Value::number(f32, 0x7FA00001), Value::number(f32, 0x7FA00001)));
    EXPECT_EQ(run("(param f64 i32) (result f64) local.get 0 f64.const 1 local.get 1 select",
                  values(Value::number(f64, 0xFFF4000000000001), Value::i32(1)))[0],
              Value::number(f64, 0xFFF4000000000001));
}

TEST(Translation, ConstantsOfEveryTypeReachMemoryAndLocals) {
    EXPECT_EQ(run_i32("(result i32) i32.const 4 i32.const -2 i32.store8 i32.const 4 i32.load"),
              0xFE);
    EXPECT_EQ(run("(result i64) i32.const 4 i64.const -2 i64.store i32.const 4 i64.load")[0],
              Value::i64(-2));
    EXPECT_EQ(run("(param i32) (result i64) local.get 0 i64.const 0x123456789ABCDEF i64.store "
                  "local.get 0 i64.load",
                  ints({16}))[0],
              Value::i64(0x123456789ABCDEF));
    EXPECT_EQ(run("(param i32) (result f32) local.get 0 f32.const -0.75 f32.store offset=4 "
                  "local.get 0 f32.load offset=4",
                  ints({16}))[0],
              Value::f32(-0.75f));
    EXPECT_EQ(
        run("(param i32) (result f64) local.get 0 f64.const 1e300 f64.store local.get 0 f64.load",
            ints({16}))[0],
        Value::f64(1e300));
    EXPECT_EQ(run("(result i64 f64 f32 i32) (local i64 f64 f32 i32) i64.const -1 local.set 0 "
                  "f64.const -0 local.set 1 f32.const inf local.set 2 "
                  "i32.const -1 local.set 3 local.get 0 local.get 1 local.get 2 local.get 3"),
              values(Value::i64(-1), Value::f64(-0.0),
                     Value::f32(std::numeric_limits<float>::infinity()), Value::i32(-1)));
    EXPECT_EQ(run("(result i64) i64.const 0x80000000")[0], Value::i64(0x80000000));
    EXPECT_EQ(run("(result i64) i64.const -0x80000000")[0], Value::i64(-0x80000000ll));
    EXPECT_EQ(run("(result i64) i64.const 0xFFFFFFFF return")[0], Value::i64(0xFFFFFFFF));
}

TEST(Translation, AddressAndValueMayBeTheSame) {
    EXPECT_EQ(
        run_i32("(param i32) (result i32) local.get 0 local.get 0 i32.store local.get 0 i32.load",
                ints({40})),
        40);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 i32.const 4 i32.add local.tee 0 "
                      "local.get 0 i32.store local.get 0 i32.load",
                      ints({40})),
              44);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 i32.const 4 i32.add local.set 0 "
                      "local.get 0 local.get 0 i32.store offset=8 i32.const 0 i32.load offset=52",
                      ints({40})),
              44);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 local.get 0 i32.const 1 i32.add "
                      "local.tee 0 i32.store local.get 0 i32.const 1 i32.sub i32.load",
                      ints({40})),
              41);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 i32.const 1 i32.shl i32.const 7 "
                      "i32.store local.get 0 local.get 0 i32.add i32.load",
                      ints({40})),
              7);
}

TEST(Translation, TrapsHappenInProgramOrder) {
    Machine machine(R"((module (memory (export "m") 1) (global (export "g") (mut i32) (i32.const 0))
        (func (export "load_first") (param i32) (result i32)
          local.get 0 i32.load i32.const 1 global.set 0)
        (func (export "div_first") (param i32) (result i32)
          i32.const 1 local.get 0 i32.div_u i32.const 0 i32.const 9 i32.store)
        (func (export "dropped") (param i32) local.get 0 i32.load drop i32.const 2 global.set 0)
        (func (export "in_local") (param i32) (local i32) local.get 0 i32.load local.set 1 i32.const 3 global.set 0)
        (func (export "two") (param i32) (result i32)
          i32.const 1 local.get 0 i32.div_s local.get 0 i32.load offset=65533 i32.add)))");
    const Global g = must(machine.instance.global("g"));
    expect_trap(machine.try_call<int(int)>("load_first", -1), Trap::memory_out_of_bounds);
    expect_trap(machine.try_call<int(int)>("div_first", 0), Trap::integer_divide_by_zero);
    expect_trap(machine.try_call<void(int)>("dropped", -1), Trap::memory_out_of_bounds);
    expect_trap(machine.try_call<void(int)>("in_local", -1), Trap::memory_out_of_bounds);
    expect_trap(machine.try_call<int(int)>("two", 0), Trap::integer_divide_by_zero);
    expect_trap(machine.try_call<int(int)>("two", 1), Trap::memory_out_of_bounds);
    EXPECT_EQ(g.get(), Value::i32(0));
    EXPECT_EQ(must(must(machine.instance.memory("m")).read(0, 1))[0], std::byte{0});
}

TEST(Translation, ReferencesAreTestedAndBranchedOn) {
    Machine machine(R"((module (type $t (func (result i32))) (elem declare func $seven)
        (func $seven (type $t) i32.const 7)
        (func (export "on_null") (param i32) (result i32) (local (ref null $t))
          local.get 0 if ref.func $seven local.set 1 end
          block $null i32.const 30 local.get 1 br_on_null $null call_ref $t i32.add return end
          i32.const -1)
        (func (export "on_non_null") (param i32) (result i32) (local (ref null $t))
          local.get 0 if ref.func $seven local.set 1 end
          block $some (result (ref $t)) i32.const 9 local.get 1 br_on_non_null $some return end
          call_ref $t)
        (func (export "as_non_null") (param i32) (result i32) (local (ref null $t))
          local.get 0 if ref.func $seven local.set 1 end
          local.get 1 ref.as_non_null call_ref $t)
        (func (export "is_null") (param externref) (result i32) local.get 0 ref.is_null i32.eqz)))");
    EXPECT_EQ(machine.call<int(int)>("on_null", 0), -1);
    EXPECT_EQ(machine.call<int(int)>("on_null", 1), 37);
    EXPECT_EQ(machine.call<int(int)>("on_non_null", 0), 9);
    EXPECT_EQ(machine.call<int(int)>("on_non_null", 1), 7);
    EXPECT_EQ(machine.call<int(int)>("as_non_null", 1), 7);
    expect_trap(machine.try_call<int(int)>("as_non_null", 0), Trap::null_reference,
                "null reference");
    EXPECT_EQ(machine.call<int(Ref)>("is_null", Ref()), 0);
    EXPECT_EQ(machine.call<int(Ref)>("is_null", Ref::host(0)), 1);
}

}  // namespace
}  // namespace waxwing::test
