// Control moves from handler to handler without using up the host's stack.
#include <bit>

#include "numeric_ops.hpp"
#include "support.hpp"

namespace waxwing::test {
namespace {

constexpr std::size_t small_stack = 128 << 10;
#if defined(WAXWING_DISPATCH_LOOP)
constexpr int many_iterations = 2'500'000;
#else
constexpr int many_iterations = 25'000'000;
#endif

TEST(Dispatch, AHundredMillionInstructionsRunInASmallHostStack) {
    Machine machine(R"((module (func (export "f") (param i32) (result i32) (local i32)
        loop
          local.get 1 local.get 0 i32.xor i32.const 3 i32.rotl local.set 1
          local.get 1 i32.const 5 i32.shr_u local.get 1 i32.sub local.set 1
          local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0
        end
        local.get 1)))");
    std::uint32_t expected = 0;
    for (std::uint32_t i = many_iterations; i > 0; --i) {
        expected = std::rotl(expected ^ i, 3);
        expected = (expected >> 5) - expected;
    }
    std::uint32_t sum = 0;
    with_host_stack(small_stack,
                    [&] { sum = machine.call<std::uint32_t(int)>("f", many_iterations); });
    EXPECT_EQ(sum, expected);
}

// A handler that calls the next one instead of jumping to it would leave a
// host frame behind at each iteration.
void expect_bounded(const std::string& body, const std::string& fields = {}) {
    const std::string text = R"((module (memory 1) (table 4 funcref) (elem (i32.const 0) $callee)
        (type $t (func (param i32) (result i32)))
        (global $i (mut i32) (i32.const 0)) (global $l (mut i64) (i64.const 0))
        (global $f (mut f32) (f32.const 0)) (global $d (mut f64) (f64.const 0))
        (func $callee (param i32) (result i32) local.get 0)
        (func $several (param i32 i64) (result i64 i32) local.get 1 local.get 0)
        (func $nothing))" + fields +
                             R"(
        (func (export "f") (param $n i32) (local $x i32) (local $y i64) (local $z f32) (local $w f64)
        (local $r funcref) i32.const 3 local.set $x i64.const 5 local.set $y f32.const 1.5
        local.set $z f64.const 2.5 local.set $w
        loop $again )" + body +
                             R"( local.get $n i32.const 1 i32.sub local.tee $n br_if $again end)))";
    auto bytes = parse_wat(text);
    ASSERT_TRUE(bytes) << bytes.error().message() << "\n" << text;
    Store store;
    const Instance instance = must(store.instantiate(must(Module::load(*bytes))));
    const Func f = must(instance.func("f"));
    with_host_stack(small_stack, [&] {
        std::uint64_t slots[1] = {20'000};
        must(f.call_raw(slots));
        must(f.call(values(Value::i32(20'000)), {.fuel = 1u << 30}));
    });
}

TEST(Dispatch, NumericInstructionsUseNoHostStack) {
    for (const NumericOp& op : numeric_ops()) {
        const std::string names[] = {"$x", "$y", "$z", "$w"};
        const std::string local = names[static_cast<int>(op.operand)];
        const std::string slot = "local.get " + local + " ";
        const std::string constant = std::string(name_of(op.operand)) + ".const 3 ";
        const std::string computed = slot + slot + "local.get $n select ";
        const std::string out = "local.set " + names[static_cast<int>(op.result)] + " ";
        std::string body;
        for (const std::string& lhs : {slot, constant, computed}) {
            if (op.operands == 1) {
                body += lhs + op.name + " drop ";
                continue;
            }
            for (const std::string& rhs : {slot, constant, computed}) {
                body += lhs + rhs + op.name + " drop ";
                if (op.result == Ty::i32) body += lhs + rhs + op.name + " if nop end ";
            }
        }
        SCOPED_TRACE(op.name);
        // What the result replaces must stay a good operand.
        expect_bounded(
            body + slot + constant + (op.operands == 1 ? "drop " : "") + op.name + " " + out +
            "i32.const 3 local.set $x i64.const 5 local.set $y f32.const 1.5 local.set $z "
            "f64.const 2.5 local.set $w ");
    }
}

TEST(Dispatch, MemoryInstructionsUseNoHostStack) {
    for (const char* type : {"i32", "i64", "f32", "f64"}) {
        const std::string t = type;
        const bool integer = t[0] == 'i';
        std::vector<std::string> loads = {t + ".load"}, stores = {t + ".store"};
        if (integer) {
            for (const char* width : {"8", "16"}) {
                loads.push_back(t + ".load" + width + "_s");
                loads.push_back(t + ".load" + width + "_u");
                stores.push_back(t + ".store" + width);
            }
        }
        for (const std::string& op : loads)
            for (const char* address :
                 {"local.get $x ", "i32.const 8 ", "local.get $x i32.const 1 i32.add "})
                expect_bounded(address + op + " offset=4 drop ");
        for (const std::string& op : stores)
            for (const char* address :
                 {"local.get $x ", "i32.const 8 ", "local.get $x i32.const 1 i32.add "})
                for (const std::string& value :
                     {t + ".const 7 ", t + ".const 7 " + t + ".const 7 local.get $n select "})
                    expect_bounded(address + value + op + " offset=4 ");
    }
    expect_bounded("memory.size i32.const 0 memory.grow drop drop "
                   "i32.const 0 i32.const 1 i32.const 65 memory.fill "
                   "i32.const 0 i32.const 1 i32.const 65 memory.copy ");
}

TEST(Dispatch, ControlInstructionsUseNoHostStack) {
    expect_bounded("local.get $n call $callee drop ");
    expect_bounded("local.get $n local.get $y call $several drop drop call $nothing ");
    expect_bounded("local.get $n i32.const 0 call_indirect (type $t) drop ");
    expect_bounded("local.get $n ref.func $callee call_ref $t drop ");
    expect_bounded("local.get $n call $tail drop ",
                   "(func $tail (param i32) (result i32) local.get 0 return_call $tail2)"
                   "(func $tail2 (param i32) (result i32) local.get 0 i32.const 0 "
                   "return_call_indirect (type $t))");
    expect_bounded(
        "block block block local.get $n i32.const 3 i32.and br_table 0 1 2 0 end end end ");
    expect_bounded("block (result i32) local.get $n local.get $x br_if 0 i32.eqz end drop ");
    expect_bounded("local.get $x if local.get $y local.set $y else local.get $z drop end ");
    expect_bounded("global.get $i global.set $i global.get $l global.set $l global.get $f "
                   "global.set $f global.get $d global.set $d ");
    expect_bounded("i32.const 0 i32.const 0 table.get 0 table.set 0 table.size drop "
                   "ref.func $callee local.set $r local.get $r ref.is_null drop "
                   "block local.get $r br_on_null 0 drop end ");
}

TEST(Dispatch, TailCallsWithoutEndUseNeitherStack) {
    Machine machine(R"((module
        (func $even (export "even") (param i32) (result i32)
          local.get 0 i32.eqz if i32.const 1 return end
          local.get 0 i32.const 1 i32.sub return_call $odd)
        (func $odd (param i32) (result i32) (local i64 i64 i64)
          local.get 0 i32.eqz if i32.const 0 return end
          local.get 0 i32.const 1 i32.sub return_call $even)))",
                    {}, {.max_stack_bytes = 1024});
    with_host_stack(small_stack, [&] {
        EXPECT_EQ(machine.call<int(int)>("even", 1'000'001), 0);
        EXPECT_EQ(machine.call<int(int)>("even", 1'000'000), 1);
    });
}

// Depth of guest recursion ----------------------------------------------------------

constexpr const char* recursion = R"((module
    (global $depth (export "depth") (mut i32) (i32.const 0))
    (func $down (export "down") (param i32)
      global.get $depth i32.const 1 i32.add global.set $depth
      local.get 0 i32.const 1 i32.sub call $down)
    (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
    (func (export "reset") i32.const 0 global.set $depth)))";

int depth_reached(Machine& machine) {
    machine.call<void()>("reset");
    expect_trap(machine.try_call<void(int)>("down", 0), Trap::call_stack_exhausted,
                "call stack exhausted");
    return must(machine.instance.global("depth")).get().as_i32();
}

TEST(GuestRecursion, EndsWithATrapInASmallHostStackAndTheInstanceGoesOn) {
    Machine machine(recursion);
    with_host_stack(small_stack, [&] {
        EXPECT_GT(depth_reached(machine), 10'000);
        EXPECT_EQ(machine.call<int(int, int)>("add", 40, 2), 42);
        EXPECT_GT(depth_reached(machine), 10'000);
    });
}

TEST(GuestRecursion, DepthIsTheSameEachTimeAndProportionalToTheLimit) {
    Machine small(recursion, {}, {.max_stack_bytes = 64 << 10});
    Machine large(recursion, {}, {.max_stack_bytes = 1 << 20});
    const int first = depth_reached(small);
    EXPECT_EQ(depth_reached(small), first);
    EXPECT_EQ(depth_reached(small), first);
    // The innermost frame needs a little more than what a call adds: twice the
    // difference between limits is twice the difference between depths.
    Machine twice(recursion, {}, {.max_stack_bytes = 128 << 10});
    const int step = depth_reached(twice) - first;
    EXPECT_NEAR(depth_reached(large) - first, 15 * step, 15);
    EXPECT_NEAR(step, first, first / 100);
    // Another store, the same module and limit: the same depth.
    Machine again(recursion, {}, {.max_stack_bytes = 64 << 10});
    EXPECT_EQ(depth_reached(again), first);
}

TEST(GuestRecursion, MeteredCallsReachTheSameDepth) {
    Machine machine(recursion, {}, {.max_stack_bytes = 256 << 10});
    const int plain = depth_reached(machine);
    machine.call<void()>("reset");
    const auto metered = machine.func("down").call(values(Value::i32(0)), {.fuel = 1u << 30});
    expect_trap(metered, Trap::call_stack_exhausted);
    EXPECT_EQ(must(machine.instance.global("depth")).get().as_i32(), plain);
}

TEST(GuestRecursion, AStackTooSmallForOneFrameTrapsAtOnce) {
    Machine machine(R"((module
        (func (export "f") (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64))
        (func (export "g") (param i64 i64 i64 i64 i64))))",
                    {}, {.max_stack_bytes = 32});
    expect_trap(machine.func("f").call(), Trap::call_stack_exhausted, "call stack exhausted");
    const Value v = Value::i64(1);
    expect_trap(machine.func("g").call(values(v, v, v, v, v)), Trap::call_stack_exhausted);
}

}  // namespace
}  // namespace waxwing::test
