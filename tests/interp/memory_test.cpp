// Memories and tables at their edges.
#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <tuple>

#include "reference.hpp"
#include "support.hpp"

namespace waxwing::test {
namespace {

using u64 = std::uint64_t;

// All ways to keep a memory must behave the same: allocated; reserved when it
// grows, as small ones are; reserved at once.
class MemoryKind : public testing::TestWithParam<bool> {
protected:
    StoreLimits limits() const { return {.reserve_address_space = GetParam()}; }
};
INSTANTIATE_TEST_SUITE_P(ReservedOrNot, MemoryKind, testing::Bool());

std::string zero(Ty type) { return std::string(name_of(type)) + ".const 0"; }

// Every load and store at every offset, as functions "0", "1", ...
TEST_P(MemoryKind, EveryAccessIsCheckedAtItsVeryEdge) {
    const u64 pages = GetParam() ? 2 : 1;
    const u64 size = pages * 65536;
    for (const char* address : {"i32", "i64"}) {
        const bool wide = std::string(address) == "i64";
        std::string text =
            std::string("(module (memory ") + (wide ? "i64 " : "") + std::to_string(pages) + ")";
        std::vector<std::pair<int, u64>> expected;  // width, offset
        int count = 0;
        std::vector<u64> offsets = {0,      1,      8,          65528,      65535,     65536,
                                    131064, 131072, 0x7FFFFFFF, 0xFFFFFFF8, 0xFFFFFFFF};
        if (wide)
            offsets.insert(offsets.end(), {u64{1} << 32, 0x7FFFFFFFFFFFFFFF, ~u64{0} - 7, ~u64{0}});
        const auto add = [&](const Access& access, bool is_store) {
            for (const u64 offset : offsets) {
                const std::string op =
                    std::string(access.name) + " offset=" + std::to_string(offset);
                text += "(func (export \"" + std::to_string(count++) + "\") (param " + address +
                        ") local.get 0 " +
                        (is_store ? zero(access.type) + " " + op : op + " drop") + ")";
                expected.emplace_back(access.width, offset);
            }
        };
        for (const Access& access : loads)
            add(access, false);
        for (const Access& access : stores)
            add(access, true);
        Machine machine(text + ")", {}, limits());
        const u64 wrap = wide ? 0 : u64{1} << 32;
        for (int i = 0; i < count; ++i) {
            const auto [width, offset] = expected[static_cast<std::size_t>(i)];
            const Func f = machine.func(std::to_string(i));
            for (const u64 at :
                 {u64{0}, u64{1}, size - offset - static_cast<u64>(width),
                  size - offset - static_cast<u64>(width) + 1, size - offset, size, u64{0x80000000},
                  u64{0xFFFFFFFF}, wrap - offset, ~u64{0}, ~u64{0} - offset + 1}) {
                const u64 base = wide ? at : at & 0xFFFFFFFF;
                u64 end;
                const bool wraps = __builtin_add_overflow(base, offset, &end) ||
                                   __builtin_add_overflow(end, static_cast<u64>(width), &end);
                const bool fits = !wraps && end <= size;
                const auto done = f.call(values(Value::number(wide ? i64 : i32, base)));
                if (fits)
                    EXPECT_TRUE(done) << address << " " << i << ": " << base << " + " << offset;
                else
                    expect_trap(done, Trap::memory_out_of_bounds, "out of bounds memory access");
            }
        }
    }
}

TEST_P(MemoryKind, ConstantAddressesAreCheckedAtTheEdgeToo) {
    std::string text = "(module (memory 1)";
    std::vector<bool> fits;
    for (const Access& access : loads) {
        for (const u64 at :
             {u64{65536} - access.width, u64{65537} - access.width, u64{0xFFFFFFFF}}) {
            for (const u64 offset : {0u, 4u, 0xFFFFFFFFu}) {
                text += "(func (export \"" + std::to_string(fits.size()) + "\") i32.const " +
                        std::to_string(at - (at < 0x10000 ? offset & 4 : 0)) + " " + access.name +
                        " offset=" + std::to_string(offset) + " drop)";
                fits.push_back(at == 65536u - access.width && offset <= 4);
            }
        }
    }
    Machine machine(text + ")", {}, limits());
    for (std::size_t i = 0; i < fits.size(); ++i) {
        const auto done = machine.func(std::to_string(i)).call();
        if (fits[i])
            EXPECT_TRUE(done) << i;
        else
            expect_trap(done, Trap::memory_out_of_bounds);
    }
}

TEST_P(MemoryKind, AFailedStoreWritesNothing) {
    Machine machine(R"((module (memory (export "m") 1)
        (func (export "f") (param i32) local.get 0 i64.const -1 i64.store)))",
                    {}, limits());
    const Memory memory = must(machine.instance.memory("m"));
    for (int at = 65529; at < 65536; ++at)
        expect_trap(machine.func("f").call(values(Value::i32(at))), Trap::memory_out_of_bounds);
    for (const std::byte b : must(memory.read(65520, 16)))
        EXPECT_EQ(b, std::byte{0});
    EXPECT_TRUE(machine.func("f").call(values(Value::i32(65528))));
    EXPECT_EQ(must(memory.read(65535, 1))[0], std::byte{0xFF});
    EXPECT_EQ(must(memory.read(65527, 1))[0], std::byte{0});
}

TEST_P(MemoryKind, GrowthStopsAtTheDeclaredMaximumAndAtTheStoresLimit) {
    constexpr const char* text = R"((module (memory (export "m") 1 5)
        (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
        (func (export "size") (result i32) memory.size)
        (func (export "last") (result i32) memory.size i32.const 16 i32.shl i32.const 4 i32.sub i32.load)))";
    Machine machine(text, {}, limits());
    const auto grow = [](Machine& m, int n) { return m.call<int(int)>("grow", n); };
    EXPECT_EQ(grow(machine, 0), 1);
    EXPECT_EQ(grow(machine, 2), 1);
    EXPECT_EQ(machine.call<int()>("last"), 0);
    EXPECT_EQ(grow(machine, 3), -1);
    EXPECT_EQ(grow(machine, -1), -1);
    EXPECT_EQ(grow(machine, 2), 3);
    EXPECT_EQ(grow(machine, 1), -1);
    EXPECT_EQ(machine.call<int()>("size"), 5);
    EXPECT_EQ(machine.call<int()>("last"), 0);
    StoreLimits small = limits();
    small.max_memory_bytes = 3 * 65536 + 100;
    Machine limited(text, {}, small);
    EXPECT_EQ(grow(limited, 3), -1);
    EXPECT_EQ(grow(limited, 2), 1);
    EXPECT_EQ(grow(limited, 1), -1);
    const auto refused = must(limited.instance.memory("m")).grow(1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Code::memory);
    EXPECT_EQ(refused.error().message(), "memory growth refused: 1 pages more than 3 (most 3)");
}

TEST_P(MemoryKind, AnInitialSizeBeyondTheLimitIsRefused) {
    StoreLimits small = limits();
    small.max_memory_bytes = 65536;
    Store store(small);
    const auto refused = store.instantiate(load("(module (memory 2))"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Code::instantiate);
    EXPECT_EQ(refused.error().kind(), ErrorKind::limit);
    EXPECT_EQ(refused.error().message(), "memory size of 2 pages is beyond the limit of 1");
}

TEST_P(MemoryKind, GrowthKeepsTheBytesAndAddsZeros) {
    Machine machine(R"((module (memory (export "m") 1) (data (i32.const 65530) "abcdef")
        (func (export "f") (result i32) i32.const 30 memory.grow drop
          i32.const 65532 i32.load)))",
                    {}, limits());
    EXPECT_EQ(machine.call<int()>("f"), 'c' | 'd' << 8 | 'e' << 16 | 'f' << 24);
    const Memory memory = must(machine.instance.memory("m"));
    for (const std::byte b : must(memory.read(65536, 30 * 65536)))
        ASSERT_EQ(b, std::byte{0});
}

TEST_P(MemoryKind, EmptyMemoriesHaveNoByte) {
    Machine machine(R"((module (memory (export "m") 0)
        (func (export "load") (param i32) (result i32) local.get 0 i32.load8_u)
        (func (export "fill") (param i32 i32) local.get 0 i32.const 1 local.get 1 memory.fill)
        (func (export "grow") (result i32) i32.const 1 memory.grow)))",
                    {}, limits());
    expect_trap(machine.try_call<int(int)>("load", 0), Trap::memory_out_of_bounds);
    EXPECT_TRUE((machine.try_call<void(int, int)>("fill", 0, 0)));
    expect_trap(machine.try_call<void(int, int)>("fill", 0, 1), Trap::memory_out_of_bounds);
    expect_trap(machine.try_call<void(int, int)>("fill", 1, 0), Trap::memory_out_of_bounds);
    EXPECT_EQ(machine.call<int()>("grow"), 0);
    EXPECT_EQ(machine.call<int(int)>("load", 65535), 0);
}

TEST_P(MemoryKind, BulkOperationsCheckBeforeTheyWrite) {
    Machine machine(R"((module (memory (export "m") 1) (data $d "0123456789")
        (func (export "fill") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.fill)
        (func (export "copy") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.copy)
        (func (export "init") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.init $d)
        (func (export "drop") data.drop $d)))",
                    {}, limits());
    const Memory memory = must(machine.instance.memory("m"));
    const auto call = [&](const char* name, int a, int b, int c) {
        return machine.try_call<void(int, int, int)>(name, a, b, c);
    };
    const auto byte_at = [&](u64 at) { return static_cast<int>(must(memory.read(at, 1))[0]); };
    must(call("init", 100, 0, 10));
    EXPECT_EQ(byte_at(109), '9');
    must(call("copy", 103, 100, 7));  // overlapping, upwards
    EXPECT_EQ(byte_at(109), '6');
    EXPECT_EQ(byte_at(103), '0');
    must(call("copy", 100, 103, 7));  // and downwards
    EXPECT_EQ(byte_at(100), '0');
    EXPECT_EQ(byte_at(106), '6');
    must(call("fill", 65530, 0x1AB, 6));
    EXPECT_EQ(byte_at(65535), 0xAB);
    expect_trap(call("fill", 65530, 7, 7), Trap::memory_out_of_bounds);
    expect_trap(call("fill", -1, 7, -1), Trap::memory_out_of_bounds);
    expect_trap(call("copy", 65530, 100, 7), Trap::memory_out_of_bounds);
    expect_trap(call("copy", 100, 65530, 7), Trap::memory_out_of_bounds);
    expect_trap(call("init", 65530, 0, 7), Trap::memory_out_of_bounds);
    expect_trap(call("init", 0, 5, 6), Trap::memory_out_of_bounds);
    expect_trap(call("init", 0, -1, 2), Trap::memory_out_of_bounds);
    EXPECT_EQ(byte_at(65530), 0xAB);
    EXPECT_EQ(byte_at(0), 0);
    must(call("init", 65536, 10, 0));
    machine.call<void()>("drop");
    must(call("init", 65536, 0, 0));
    expect_trap(call("init", 0, 0, 1), Trap::memory_out_of_bounds);
}

// Operands whose 64-bit registers hold more than their 32 bits.
TEST_P(MemoryKind, OnlyTheLowHalfOfAnI32Counts) {
    Machine machine(R"((module (memory (export "m") 1) (table $t 10 funcref) (data $d "0123456789")
        (type $v (func (result i32))) (func $three (result i32) i32.const 3) (elem (i32.const 4) $three)
        (func (export "load") (param i64) (result i32) local.get 0 i32.wrap_i64 i32.load8_u offset=3)
        (func (export "store") (param i64 i64) local.get 0 i32.wrap_i64 local.get 1 i32.wrap_i64 i32.store)
        (func (export "fill") (param i64 i64)
          local.get 0 i32.wrap_i64 i32.const 7 local.get 1 i32.wrap_i64 memory.fill)
        (func (export "copy") (param i64 i64)
          local.get 0 i32.wrap_i64 local.get 0 i32.wrap_i64 local.get 1 i32.wrap_i64 memory.copy)
        (func (export "init") (param i64 i64)
          local.get 0 i32.wrap_i64 local.get 1 i32.wrap_i64 local.get 1 i32.wrap_i64 memory.init $d)
        (func (export "grow") (param i64) (result i32) local.get 0 i32.wrap_i64 memory.grow)
        (func (export "call") (param i64) (result i32) local.get 0 i32.wrap_i64 call_indirect (type $v))
        (func (export "get") (param i64) (result i32) local.get 0 i32.wrap_i64 table.get $t ref.is_null)
        (func (export "tgrow") (param i64) (result i32) ref.null func local.get 0 i32.wrap_i64 table.grow $t)
        (func (export "tfill") (param i64 i64)
          local.get 0 i32.wrap_i64 ref.null func local.get 1 i32.wrap_i64 table.fill $t)
        (func (export "br") (param i64) (result i32)
          block block block local.get 0 i32.wrap_i64 br_table 0 1 2 end i32.const 10 return end
          i32.const 11 return end i32.const 12)
        (func (export "if") (param i64) (result i32)
          local.get 0 i32.wrap_i64 if (result i32) i32.const 1 else i32.const 0 end)
        (func (export "select") (param i64) (result i32) i32.const 1 i32.const 0 local.get 0 i32.wrap_i64 select)
        (func (export "wide") (param i64) (result i64) local.get 0 i32.wrap_i64 i64.extend_i32_u)
        (global $g (mut i32) (i32.const 0))
        (func (export "global") (param i64) (result i64)
          local.get 0 i32.wrap_i64 global.set $g global.get $g i64.extend_i32_u)
        (func (export "ret") (param i64) (result i32) local.get 0 i32.wrap_i64)
        (func (export "via") (param i64) (result i64) local.get 0 call $ret i64.extend_i32_u)
        (func $ret (param i64) (result i32) local.get 0 i32.wrap_i64)
        (func (export "cmp") (param i64 i64) (result i32)
          local.get 0 i32.wrap_i64 local.get 1 i32.wrap_i64 i32.eq
          local.get 0 i32.wrap_i64 i32.eqz i32.const 2 i32.mul i32.add)))",
                    {}, limits());
    constexpr std::int64_t high = 0x5A5A5A5A00000000;
    using L = std::int64_t;
    machine.call<void(L, L)>("store", high + 100, high + 77);
    EXPECT_EQ(must(must(machine.instance.memory("m")).read(100, 5)),
              (std::vector{std::byte{77}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}}));
    EXPECT_EQ(machine.call<int(L)>("load", high + 97), 77);
    machine.call<void(L, L)>("fill", high + 200, high + 3);
    EXPECT_EQ(machine.call<int(L)>("load", 199), 7);
    EXPECT_EQ(machine.call<int(L)>("load", 200), 0);
    machine.call<void(L, L)>("copy", high + 1, high + 5);
    machine.call<void(L, L)>("init", high + 1, high + 5);
    EXPECT_EQ(machine.call<int(L)>("grow", high + 1), 1);
    EXPECT_EQ(machine.call<int(L)>("call", high + 4), 3);
    EXPECT_EQ(machine.call<int(L)>("get", high + 4), 0);
    EXPECT_EQ(machine.call<int(L)>("tgrow", high + 2), 10);
    machine.call<void(L, L)>("tfill", high + 3, high + 2);
    EXPECT_EQ(machine.call<int(L)>("get", 4), 1);
    EXPECT_EQ(machine.call<int(L)>("br", high), 10);
    EXPECT_EQ(machine.call<int(L)>("br", high + 1), 11);
    EXPECT_EQ(machine.call<int(L)>("if", high), 0);
    EXPECT_EQ(machine.call<int(L)>("select", high), 0);
    EXPECT_EQ(machine.call<L(L)>("wide", high + 6), 6);
    EXPECT_EQ(machine.call<L(L)>("global", high + 6), 6);
    EXPECT_EQ(machine.call<int(L)>("ret", high + 6), 6);
    EXPECT_EQ(machine.call<L(L)>("via", high + 6), 6);
    EXPECT_EQ((machine.call<int(L, L)>("cmp", high, 0)), 3);
    EXPECT_EQ(must(machine.func("ret").call(values(Value::i64(high + 6))))[0], Value::i32(6));
}

TEST_P(MemoryKind, SeveralMemoriesAreApart) {
    Machine machine(
        R"((module (memory $a (export "a") 1) (memory $b (export "b") 2 4) (memory $c i64 1)
        (data (memory $b) (i32.const 10) "hello")
        (func (export "f") (result i64)
          i32.const 8 i64.const 1 i64.store $a
          i32.const 40 i64.const 2 i64.store $b
          i64.const 8 i64.const 4 i64.store $c
          i32.const 8 i64.load $a i32.const 40 i64.load $b i64.add i64.const 8 i64.load $c i64.add)
        (func (export "grow_b") (param i32) (result i32) local.get 0 memory.grow $b)
        (func (export "grow_c") (param i64) (result i64) local.get 0 memory.grow $c)
        (func (export "sizes") (result i32 i32 i64) memory.size $a memory.size $b memory.size $c)
        (func (export "copy") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.copy $a $b)
        (func (export "edge") (param i32) (result i32) local.get 0 i32.load8_u $b)))",
        {}, limits());
    EXPECT_EQ(machine.call<std::int64_t()>("f"), 7);
    EXPECT_EQ(machine.call<int(int)>("edge", 2 * 65536 - 1), 0);
    expect_trap(machine.try_call<int(int)>("edge", 2 * 65536), Trap::memory_out_of_bounds);
    EXPECT_EQ(machine.call<int(int)>("grow_b", 1), 2);
    EXPECT_EQ(machine.call<int(int)>("grow_b", 2), -1);
    EXPECT_EQ(machine.call<std::int64_t(std::int64_t)>("grow_c", 1), 1);
    EXPECT_EQ(machine.call<std::int64_t(std::int64_t)>("grow_c", -1), -1);
    EXPECT_EQ((machine.call<std::tuple<int, int, std::int64_t>()>("sizes")),
              std::tuple(1, 3, std::int64_t{2}));
    machine.call<void(int, int, int)>("copy", 100, 10, 5);
    EXPECT_EQ(must(must(machine.instance.memory("a")).read(104, 1))[0], std::byte{'o'});
    // The first memory did not grow, the second did.
    expect_trap(machine.try_call<void(int, int, int)>("copy", 65532, 10, 5),
                Trap::memory_out_of_bounds);
    EXPECT_TRUE((machine.try_call<void(int, int, int)>("copy", 0, 2 * 65536 + 10, 5)));
}

TEST_P(MemoryKind, SharedByInstancesUnderSeveralIndicesItGrowsForAll) {
    Store store(limits());
    Imports imports;
    imports.define("x", "m", must(store.memory({.limits = {1, 10}})));
    const Instance instance = must(store.instantiate(
        load(R"((module (import "x" "m" (memory $a 1)) (import "x" "m" (memory $b 1))
        (func (export "f") (result i32) i32.const 2 memory.grow $b drop
          i32.const 150000 i32.const 5 i32.store $a i32.const 150000 i32.load $b memory.size $a i32.add)))"),
        imports));
    EXPECT_EQ(must(must(instance.func<int()>("f"))()), 8);
}

TEST_P(MemoryKind, GrowthFromWithinACallIsSeenByAllWhoRunInIt) {
    // The memory moves while two instances and a host function are on the stack.
    Store store(limits());
    const Memory memory = must(store.memory({.limits = {1, 10}}));
    must(memory.write(7, std::array{std::byte{42}}));
    Imports imports;
    imports.define("x", "m", memory);
    imports.func("x", "grow", [&] { return static_cast<int>(must(memory.grow(2))); });
    const Instance inner = must(store.instantiate(
        load(R"((module (import "x" "m" (memory 1)) (import "x" "grow" (func $grow (result i32)))
        (func (export "f") (result i32)
          call $grow i32.const 2 memory.grow i32.add
          i32.const 300000 i32.const 5 i32.store8 i32.const 7 i32.load8_u i32.add)))"),
        imports));
    imports.instance("inner", inner);
    const Instance outer = must(store.instantiate(
        load(R"((module (import "x" "m" (memory 1)) (import "inner" "f" (func $f (result i32)))
        (func (export "f") (result i32)
          call $f i32.const 300000 i32.load8_u i32.add i32.const 7 i32.load8_u i32.add)))"),
        imports));
    EXPECT_EQ(must(must(outer.func<int()>("f"))()), 1 + 3 + 42 + 5 + 42);
}

// 300 KB at 1000 and more further up, with a later segment over an earlier one.
std::string large_data() {
    return R"((module (memory (export "m") 8 20) (global $top i32 (i32.const 400000))
        (data $first (i32.const 1000) ")" +
           std::string(300'000, 'x') + R"(") (data (i32.const 2000) "over")
        (data (i32.const 380000) "end") (data $passive "later")
        (func (export "load") (param i32) (result i32) local.get 0 i32.load8_u)
        (func (export "store") (param i32 i32) local.get 0 local.get 1 i32.store8)
        (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
        (func (export "first") (param i32)
          i32.const 0 i32.const 0 local.get 0 memory.init $first)
        (func (export "later") i32.const 0 i32.const 0 i32.const 5 memory.init $passive)))";
}

TEST_P(MemoryKind, LargeDataIsTheSameInEveryInstanceAndItsOwn) {
    const Module module = load(large_data());
    std::vector<std::byte> wanted(8 * 65536);
    std::fill_n(wanted.begin() + 1000, 300'000, std::byte{'x'});
    const auto put = [&](std::size_t at, std::string_view text) {
        std::ranges::transform(text, wanted.begin() + static_cast<std::ptrdiff_t>(at),
                               [](char c) { return static_cast<std::byte>(c); });
    };
    put(2000, "over");
    put(380000, "end");
    for (int i = 0; i < 4; ++i) {
        Store store(limits());
        const Instance instance = must(store.instantiate(module));
        const Memory memory = must(instance.memory("m"));
        ASSERT_TRUE(must(memory.read(0, wanted.size())) == wanted) << i;
        const auto store8 = must(instance.func<void(int, int)>("store"));
        for (const int at : {0, 999, 1000, 2000, 250'000, 300'999, 301'000, 380'002, 524'287})
            must(store8(at, 'w'));
        EXPECT_EQ(must(must(instance.func<int(int)>("grow"))(5)), 8);
        const auto load8 = must(instance.func<int(int)>("load"));
        EXPECT_EQ(must(load8(1000)), 'w');
        EXPECT_EQ(must(load8(1001)), 'x');
        EXPECT_EQ(must(load8(13 * 65536 - 1)), 0);
        expect_trap(load8(13 * 65536), Trap::memory_out_of_bounds);
        // An active segment is dropped once it was copied, a passive one is not.
        must(must(instance.func<void(int)>("first"))(0));
        expect_trap(must(instance.func<void(int)>("first"))(1), Trap::memory_out_of_bounds);
        must(must(instance.func<void()>("later"))());
        EXPECT_EQ(must(load8(4)), 'r');
    }
}

#if defined(__linux__)
TEST(Memory, LargeDataIsMappedFromTheSecondInstanceOn) {
    const auto mapped = [] {
        std::ifstream maps("/proc/self/maps");
        const std::string text(std::istreambuf_iterator<char>(maps), {});
        return text.find("waxwing-data") != text.npos;
    };
    const Module module = load(large_data());
    Store one, two;
    must(one.instantiate(module));
    EXPECT_FALSE(mapped());
    must(two.instantiate(module));
    EXPECT_TRUE(mapped());
}
#endif

TEST(Memory, LargeDataBeyondTheEndTrapsInEveryInstance) {
    std::string text = large_data();
    text.replace(text.find("i32.const 380000"), 16, "i32.const 524286");
    const Module module = load(text);
    for (int i = 0; i < 3; ++i) {
        Store store;
        const auto refused = store.instantiate(module);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), Code::instantiate);
        EXPECT_EQ(refused.error().message(), "out of bounds memory access (data segment 2)");
    }
}

TEST(Memory, LargeDataAtAnImportedPlaceIsCopied) {
    std::string text = large_data();
    text.replace(text.find("i32.const 380000"), 16, "global.get $top ");
    const Module module = load(text);
    for (int i = 0; i < 3; ++i) {
        Store store;
        const Instance instance = must(store.instantiate(module));
        const auto load8 = must(instance.func<int(int)>("load"));
        EXPECT_EQ(must(load8(400'000)), 'e');
        EXPECT_EQ(must(load8(2003)), 'r');
    }
}

TEST(Memory, HalfOfTheAddressSpaceWorksToTheLastByte) {
    // 3 GiB, of which hardly anything is touched.
    Machine machine(R"((module (memory (export "m") 49152) (global $at i32 (i32.const 0xBFFFFFFC))
        (func (export "f") (result i32)
          global.get $at i32.const 0x01020304 i32.store
          global.get $at i32.const 5 i32.const 2 memory.fill
          i32.const 0xBFFFFFF0 i32.load offset=12)
        (func (export "out") (result i32) global.get $at i32.load offset=1)))",
                    {}, {.max_total_bytes = std::uint64_t{4} << 30});
    EXPECT_EQ(machine.call<int()>("f"), 0x01020505);
    expect_trap(machine.try_call<int()>("out"), Trap::memory_out_of_bounds);
}

TEST(Memory, ReadAndWriteFromTheHostAreChecked) {
    Store store;
    const Memory memory = must(store.memory({.limits = {1, 2}}));
    const std::array<std::byte, 4> four = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
    must(memory.write(65532, four));
    const auto beyond = memory.write(65533, four);
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code(), Code::memory);
    EXPECT_EQ(beyond.error().message(), "out of bounds memory access: 4 bytes at 65533 of 65536");
    EXPECT_EQ(must(memory.read(65532, 4))[3], std::byte{4});
    EXPECT_FALSE(memory.read(65536, 1));
    EXPECT_FALSE(memory.read(~u64{0}, 2));
    EXPECT_FALSE(memory.read(2, ~u64{0}));
    EXPECT_TRUE(memory.read(65536, 0));
    EXPECT_EQ(must(memory.grow(1)), 1u);
    EXPECT_EQ(memory.type().limits.min, 2u);
    EXPECT_FALSE(memory.grow(1));
    EXPECT_FALSE(memory.grow(~u64{0}));
}

// Tables --------------------------------------------------------------------------------

TEST(Table, EdgesAndLimits) {
    Machine machine(R"((module (table $t (export "t") 2 6 externref) (table $u 3 funcref) (func $f)
        (elem $e func $f $f $f) (elem declare func $f)
        (func (export "get") (param i32) (result externref) local.get 0 table.get $t)
        (func (export "set") (param i32 externref) local.get 0 local.get 1 table.set $t)
        (func (export "grow") (param externref i32) (result i32) local.get 0 local.get 1 table.grow $t)
        (func (export "fill") (param i32 externref i32) local.get 0 local.get 1 local.get 2 table.fill $t)
        (func (export "init") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 table.init $u $e)
        (func (export "copy") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 table.copy $t $t)
        (func (export "drop") elem.drop $e)))",
                    {}, {.max_table_elements = 5});
    machine.call<void(int, Ref)>("set", 1, Ref::host(11));
    EXPECT_EQ(machine.call<Ref(int)>("get", 1), Ref::host(11));
    expect_trap(machine.try_call<Ref(int)>("get", 2), Trap::table_out_of_bounds,
                "out of bounds table access");
    expect_trap(machine.try_call<void(int, Ref)>("set", -1, Ref::host(1)),
                Trap::table_out_of_bounds);
    EXPECT_EQ((machine.call<int(Ref, int)>("grow", Ref::host(5), 2)), 2);
    EXPECT_EQ(machine.call<Ref(int)>("get", 3), Ref::host(5));
    EXPECT_EQ((machine.call<int(Ref, int)>("grow", Ref::host(5), 2)), -1);  // the store's limit
    EXPECT_EQ((machine.call<int(Ref, int)>("grow", Ref(), -1)), -1);
    EXPECT_EQ((machine.call<int(Ref, int)>("grow", Ref(), 1)), 4);
    expect_trap(machine.try_call<void(int, Ref, int)>("fill", 3, Ref::host(9), 3),
                Trap::table_out_of_bounds);
    EXPECT_EQ(machine.call<Ref(int)>("get", 3), Ref::host(5));
    machine.call<void(int, Ref, int)>("fill", 3, Ref::host(9), 2);
    EXPECT_EQ(machine.call<Ref(int)>("get", 4), Ref::host(9));
    machine.call<void(int, int, int)>("copy", 2, 0, 3);
    EXPECT_EQ(machine.call<Ref(int)>("get", 3), Ref::host(11));
    EXPECT_TRUE(machine.call<Ref(int)>("get", 2).is_null());
    expect_trap(machine.try_call<void(int, int, int)>("copy", 3, 0, 3), Trap::table_out_of_bounds);
    machine.call<void(int, int, int)>("init", 0, 0, 3);
    expect_trap(machine.try_call<void(int, int, int)>("init", 1, 0, 3), Trap::table_out_of_bounds);
    expect_trap(machine.try_call<void(int, int, int)>("init", 0, 1, 3), Trap::table_out_of_bounds);
    machine.call<void()>("drop");
    machine.call<void(int, int, int)>("init", 3, 0, 0);
    expect_trap(machine.try_call<void(int, int, int)>("init", 0, 0, 1), Trap::table_out_of_bounds);
}

TEST(Table, HostAccessIsChecked) {
    Store store;
    const Table table =
        must(store.table({.element = funcref, .limits = {2, 3}}, Value::null(funcref)));
    EXPECT_TRUE(must(table.get(0)).as_ref().is_null());
    const auto beyond = table.get(2);
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code(), Code::memory);
    const auto misfit = table.set(0, Value::ref(externref, Ref::host(1)));
    ASSERT_FALSE(misfit);
    EXPECT_EQ(misfit.error().code(), Code::type);
    EXPECT_EQ(must(table.grow(1, Value::null(funcref))), 2u);
    EXPECT_FALSE(table.grow(1, Value::null(funcref)));
    Store small({.max_table_elements = 10});
    const auto refused =
        small.table({.element = funcref, .limits = {11, {}}}, Value::null(funcref));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message(), "table size of 11 elements is beyond the limit of 10");
}

TEST(Table, WithWideIndicesTakesThemWhole) {
    Machine machine(R"((module (table $t i64 4 externref)
        (func (export "get") (param i64) (result externref) local.get 0 table.get $t)
        (func (export "size") (result i64) table.size $t)
        (func (export "grow") (param i64) (result i64) ref.null extern local.get 0 table.grow $t)))");
    EXPECT_TRUE(machine.call<Ref(std::int64_t)>("get", 3).is_null());
    expect_trap(machine.try_call<Ref(std::int64_t)>("get", std::int64_t{1} << 32),
                Trap::table_out_of_bounds);
    EXPECT_EQ(machine.call<std::int64_t(std::int64_t)>("grow", std::int64_t{1} << 40), -1);
    EXPECT_EQ(machine.call<std::int64_t(std::int64_t)>("grow", 2), 4);
    EXPECT_EQ(machine.call<std::int64_t()>("size"), 6);
}

}  // namespace
}  // namespace waxwing::test
