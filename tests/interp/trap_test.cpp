// Traps: their words, where they happened, and how execution got there.
#include <chrono>
#include <cmath>
#include <optional>

#include "support.hpp"

namespace waxwing::test {
namespace {

// Offset in a binary of the n-th occurrence of these bytes.
std::uint64_t find_bytes(const std::vector<std::byte>& binary, std::initializer_list<int> bytes,
                         int n = 0) {
    for (std::size_t at = 0; at + bytes.size() <= binary.size(); ++at) {
        std::size_t i = 0;
        for (const int b : bytes) {
            if (binary[at + i] != static_cast<std::byte>(b)) break;
            ++i;
        }
        if (i == bytes.size() && n-- == 0) return at;
    }
    ADD_FAILURE() << "bytes not found";
    return 0;
}

struct Loaded {
    explicit Loaded(std::string_view text, const Imports& imports = {},
                    const StoreLimits& limits = {})
        : binary(wat(text)), store(limits),
          instance(must(store.instantiate(must(Module::load(binary)), imports))) {}
    Error error_of(std::string_view name, const std::vector<Value>& args = {}) {
        auto failed = must(instance.func(name)).call(args);
        EXPECT_FALSE(failed) << name;
        return failed ? Error::host("none") : failed.error();
    }
    // The same error from plain and from metered code.
    Error both(std::string_view name, const std::vector<Value>& args = {}) {
        const Error plain = error_of(name, args);
        const auto metered = must(instance.func(name)).call(args, {.fuel = 1'000'000});
        EXPECT_FALSE(metered);
        if (!metered) {
            EXPECT_EQ(metered.error().message(), plain.message());
            EXPECT_EQ(metered.error().byte_offset(), plain.byte_offset());
            EXPECT_EQ(metered.error().format(), plain.format());
        }
        return plain;
    }

    std::vector<std::byte> binary;
    Store store;
    Instance instance;
};

TEST(Trap, OffsetsAreThoseOfTheTrappingInstruction) {
    Loaded m(R"((module (memory 1) (table 2 funcref) (type $t (func (param i64)))
        (func $f) (elem (i32.const 1) $f)
        (func (export "unreachable") nop nop unreachable)
        (func (export "div") (param i32 i32) (result i32)
          local.get 0 i32.const 1 i32.add local.get 1 i32.div_s i32.const 5 i32.add)
        (func (export "load") (param i32) (result i64)
          local.get 0 i64.load offset=77 i64.const 3 i64.mul)
        (func (export "store") (param i32) local.get 0 i32.const 5 i32.store16 offset=33)
        (func (export "trunc") (param f64) (result i32) local.get 0 i32.trunc_f64_u)
        (func (export "indirect") (param i32) i64.const 1 local.get 0 call_indirect (type $t))
        (func (export "fill") (param i32) local.get 0 i32.const 0 i32.const 9 memory.fill)
        (func (export "dropped") (param i32) local.get 0 i64.load32_u drop)
        (func (export "to_local") (param i32) (local i32)
          local.get 0 i32.load8_s local.set 1 local.get 1 drop)))");
    const auto expect_at = [&](const char* name, const std::vector<Value>& args,
                               const char* message, std::initializer_list<int> bytes,
                               std::uint64_t skip = 0) {
        SCOPED_TRACE(name);
        const Error error = m.both(name, args);
        EXPECT_EQ(error.message(), message);
        const std::uint64_t at = find_bytes(m.binary, bytes) + skip;
        EXPECT_EQ(error.byte_offset(), at);
        ASSERT_EQ(error.backtrace().size(), 1u);
        EXPECT_EQ(error.backtrace()[0].offset, at);
        EXPECT_EQ(error.backtrace()[0].function, name);
        EXPECT_EQ(error.function(), error.backtrace()[0].func_index);
    };
    const auto one = [](int v) { return values(Value::i32(v)); };
    expect_at("unreachable", {}, "unreachable", {0x01, 0x01, 0x00, 0x0B}, 2);
    expect_at("div", values(Value::i32(1), Value::i32(0)), "integer divide by zero",
              {0x20, 0x01, 0x6D}, 2);
    expect_at("div", values(Value::i32(0x7FFFFFFF), Value::i32(-1)), "integer overflow",
              {0x20, 0x01, 0x6D}, 2);
    expect_at("load", one(65500), "out of bounds memory access", {0x29, 0x03, 77});
    expect_at("store", one(-1), "out of bounds memory access", {0x3B, 0x01, 33});
    expect_at("trunc", values(Value::f64(-1)), "integer overflow", {0xAB});
    expect_at("trunc", values(Value::f64(std::nan(""))), "invalid conversion to integer", {0xAB});
    expect_at("indirect", one(0), "uninitialized element 0", {0x11, 0x00, 0x00});
    expect_at("indirect", one(1), "indirect call type mismatch", {0x11, 0x00, 0x00});
    expect_at("indirect", one(2), "undefined element 2 of the table", {0x11, 0x00, 0x00});
    expect_at("fill", one(65530), "out of bounds memory access", {0xFC, 0x0B});
    expect_at("dropped", one(65533), "out of bounds memory access", {0x35, 0x02, 0x00});
    expect_at("to_local", one(65536), "out of bounds memory access", {0x2C, 0x00, 0x00});
}

TEST(Trap, OffsetsFromTheFunctionCountFromItsFirstByte) {
    Loaded m(
        R"((module (func (export "a") nop nop unreachable) (func (export "b") (local i32) nop unreachable)))");
    // A body starts with its count of local groups.
    EXPECT_EQ(m.error_of("a").backtrace()[0].func_offset, 3u);
    EXPECT_EQ(m.error_of("b").backtrace()[0].func_offset, 4u);
}

TEST(Trap, BacktracesGoFromTheInnermostToTheOutermost) {
    Loaded m(R"((module $mod
        (func $bottom (param i32) local.get 0 if unreachable end)
        (func $middle (param i32) (result i32) i32.const 1 local.get 0 call $bottom)
        (func (export "by_export") (param i32) (result i32) local.get 0 call $middle i32.const 2 i32.mul)
        (func $top (export "top") (param i32) (result i32) i32.const 9 local.get 0 call 2 i32.add)))");
    const Error error = m.both("top", values(Value::i32(1)));
    const std::vector<Frame>& frames = error.backtrace();
    EXPECT_EQ(m.instance.module().name(), "mod");
    ASSERT_EQ(frames.size(), 4u);
    EXPECT_EQ(frames[0].function, "bottom");
    EXPECT_EQ(frames[1].function, "middle");
    EXPECT_EQ(frames[2].function, "by_export");
    EXPECT_EQ(frames[3].function, "top");
    for (std::uint32_t i = 0; i < 4; ++i) {
        EXPECT_EQ(frames[i].func_index, i);
        EXPECT_EQ(frames[i].module, "mod");
    }
    EXPECT_EQ(frames[0].offset, find_bytes(m.binary, {0x00, 0x0B, 0x0B}));
    EXPECT_EQ(frames[1].offset, find_bytes(m.binary, {0x10, 0x00}));
    EXPECT_EQ(frames[2].offset, find_bytes(m.binary, {0x10, 0x01}));
    EXPECT_EQ(frames[3].offset, find_bytes(m.binary, {0x10, 0x02}));
}

TEST(Trap, FunctionsWithoutNamesHaveTheirIndexOnly) {
    Store store;
    auto bytes = must(parse_wat("(module (func $f unreachable) (func (export \"e\") call $f))",
                                {.emit_names = false}));
    const Instance instance = must(store.instantiate(must(Module::load(bytes))));
    const auto failed = must(instance.func("e")).call();
    ASSERT_FALSE(failed);
    ASSERT_EQ(failed.error().backtrace().size(), 2u);
    EXPECT_EQ(failed.error().backtrace()[0].function, "");
    EXPECT_EQ(failed.error().backtrace()[0].func_index, 0u);
    EXPECT_EQ(failed.error().backtrace()[1].function, "e");
    EXPECT_EQ(failed.error().backtrace()[0].module, "");
}

TEST(Trap, BacktracesCrossInstancesAndHostFrames) {
    Store store;
    Imports imports;
    std::optional<Func> back;
    imports.func("h", "nest", [&]() -> Result<void> {
        auto done = back->call();
        if (!done) return std::unexpected(done.error());
        return {};
    });
    const Instance lib =
        must(store.instantiate(load(R"((module $lib (import "h" "nest" (func $nest))
        (func (export "die") unreachable) (func $via (export "via") call $nest)))"),
                               imports));
    imports.instance("lib", lib);
    const Instance main =
        must(store.instantiate(load(R"((module $main (import "lib" "die" (func $die))
        (import "lib" "via" (func $via))
        (func $inner (export "inner") call $die) (func $outer (export "outer") call $via)))"),
                               imports));
    back = must(main.func("inner"));
    const auto failed = must(main.func("outer")).call();
    expect_trap(failed, Trap::unreachable);
    std::string path;
    for (const Frame& frame : failed.error().backtrace())
        path += frame.module + "." + frame.function + " ";
    EXPECT_EQ(path, "lib.die main.inner lib.via main.outer ");
}

TEST(Trap, TailCallsLeaveNoFrameBehind) {
    Loaded m(R"((module (func $die unreachable) (func $replaced return_call $die)
        (func $caller (export "f") call $replaced)))");
    const Error error = m.both("f");
    ASSERT_EQ(error.backtrace().size(), 2u);
    EXPECT_EQ(error.backtrace()[0].function, "die");
    EXPECT_EQ(error.backtrace()[1].function, "caller");
}

TEST(Trap, BacktracesOfDeepStacksKeepBothEnds) {
    Loaded m(R"((module
        (func $down (param i32) local.get 0 i32.eqz if unreachable end
          local.get 0 i32.const 1 i32.sub call $down)
        (func $start (export "f") (param i32) local.get 0 call $down)))");
    const Error small = m.both("f", values(Value::i32(20)));
    EXPECT_EQ(small.backtrace().size(), 22u);
    const Error deep = m.both("f", values(Value::i32(10'000)));
    EXPECT_LE(deep.backtrace().size(), 100u);
    EXPECT_GE(deep.backtrace().size(), 20u);
    EXPECT_EQ(deep.backtrace().front().offset, find_bytes(m.binary, {0x00, 0x0B}));
    EXPECT_EQ(deep.backtrace().back().function, "start");
}

TEST(Trap, AnExhaustedStackInAModuleOfManyFunctionsIsReportedQuickly) {
    std::string text = "(module";
    for (int i = 0; i < 20'000; ++i)
        text += "(func)";
    Loaded m(text + "(func $f (export \"f\") call $f))");
    const auto begin = std::chrono::steady_clock::now();
    const Error error = m.error_of("f");
    EXPECT_EQ(error.trap(), Trap::call_stack_exhausted);
    EXPECT_EQ(error.backtrace().front().offset, find_bytes(m.binary, {0x10, 0xA0, 0x9C, 0x01}));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST(Trap, FormatTellsTheWholeStory) {
    Loaded m(R"((module $m (func $f (export "f") unreachable)))");
    const std::string text = m.error_of("f").format();
    EXPECT_TRUE(text.starts_with("error[5002]: unreachable") ||
                text.starts_with("error[5002]: trap: unreachable"))
        << text;
    EXPECT_NE(text.find("f"), std::string::npos);
}

TEST(Trap, TheInstanceIsUsableAfterEveryKind) {
    Loaded m(R"((module (memory 1) (global $g (mut i32) (i32.const 0))
        (func (export "ok") (result i32) global.get $g i32.const 1 i32.add global.set $g global.get $g)
        (func (export "a") unreachable)
        (func (export "b") (result i32) i32.const -1 i32.load)
        (func (export "c") (result i32) i32.const 1 i32.const 0 i32.rem_u)
        (func $d (export "d") call $d)))");
    int count = 0;
    for (const char* name : {"a", "b", "c", "d", "a"}) {
        EXPECT_EQ(m.error_of(name).kind(), ErrorKind::trap);
        EXPECT_EQ(must(must(m.instance.func("ok")).call())[0], Value::i32(++count));
    }
}

TEST(Call, ChecksArguments) {
    Loaded m(
        R"((module (func (export "f") (param i32 f64)) (func (export "n") (param (ref func)))))");
    EXPECT_EQ(m.error_of("f").message(),
              "wrong number of arguments: the function takes 2, given 0");
    EXPECT_EQ(m.error_of("f", values(Value::i32(1), Value::f32(1))).message(),
              "wrong argument type: argument 1 is f64, given f32");
    EXPECT_EQ(m.error_of("n", values(Value::null(funcref))).code(), Code::type);
    const auto typed = must(m.instance.func("f")).typed<int(int)>();
    ASSERT_FALSE(typed);
    EXPECT_EQ(typed.error().code(), Code::type);
    EXPECT_EQ(typed.error().message(),
              "the function's type is [i32 f64] -> [], not [i32] -> [i32]");
    const auto missing = m.instance.func("nope");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code(), Code::export_not_found);
    EXPECT_EQ(missing.error().message(), "no export named \"nope\"");
}

}  // namespace
}  // namespace waxwing::test
