// Every number of the error table is provoked here at least once.
#include "support.hpp"

namespace waxwing::test {
namespace {

TEST(ErrorCode, compile_5000) {
    Runtime runtime;
    const std::vector<std::byte> nonsense(16, std::byte{0xFF});
    const auto malformed = runtime.compile(nonsense);
    expect_error(malformed, Code::compile, "magic header not detected");
    EXPECT_EQ(malformed.error().kind(), ErrorKind::malformed);
    EXPECT_EQ(static_cast<int>(malformed.error().code()), 5000);

    const auto invalid = runtime.compile(wat("(module (func (result i32) i64.const 0))"));
    expect_error(invalid, Code::compile, "type mismatch");
    EXPECT_EQ(invalid.error().kind(), ErrorKind::invalid);
    EXPECT_TRUE(invalid.error().byte_offset());
    EXPECT_EQ(invalid.error().function(), 0u);

    RuntimeOptions narrow;
    narrow.load.features = Features().with(Feature::simd, false);
    const auto unsupported = Runtime(narrow).compile(wat("(module (func (param v128)))"));
    expect_error(unsupported, Code::compile, "simd");
    EXPECT_EQ(unsupported.error().kind(), ErrorKind::unsupported);
    EXPECT_EQ(unsupported.error().feature(), Feature::simd);
    EXPECT_EQ(invalid.error().feature(), std::nullopt);
    EXPECT_EQ(runtime.module_count(), 0u);
}

TEST(ErrorCode, instantiate_5001_lists_every_missing_import) {
    Runtime runtime;
    const auto module = must(runtime.compile(wat(R"((module
      (import "env" "log" (func (param i32)))
      (import "env" "mem" (memory 1))))")));
    const auto missing = runtime.instantiate(module);
    expect_error(missing, Code::instantiate,
                 "unknown import env.log (function [i32] -> []), "
                 "env.mem (memory)");
    EXPECT_EQ(missing.error().kind(), ErrorKind::unlinkable);
    EXPECT_EQ(static_cast<int>(missing.error().code()), 5001);
}

TEST(ErrorCode, instantiate_5001_wrong_type_of_import) {
    Runtime runtime;
    runtime.func("env", "log", [](std::int64_t) {});
    const auto module =
        must(runtime.compile(wat(R"((module (import "env" "log" (func (param i32)))))")));
    expect_error(runtime.instantiate(module), Code::instantiate, "incompatible import type");
}

TEST(ErrorCode, instantiate_5001_start_traps) {
    Runtime runtime;
    const auto module = must(runtime.compile(wat("(module (func $s unreachable) (start $s))")));
    const auto trapped = runtime.instantiate(module);
    expect_error(trapped, Code::instantiate, "unreachable");
    EXPECT_EQ(trapped.error().trap(), Trap::unreachable);
    EXPECT_EQ(runtime.instance_count(), 0u);
}

TEST(ErrorCode, instantiate_5001_segment_out_of_bounds) {
    Runtime runtime;
    const auto module =
        must(runtime.compile(wat("(module (memory 0) (data (i32.const 0) \"x\"))")));
    expect_error(runtime.instantiate(module), Code::instantiate, "out of bounds memory access");
}

TEST(ErrorCode, instantiate_5001_limit) {
    Runtime runtime({.limits = {.max_memory_bytes = 1 << 20}});
    const auto module = must(runtime.compile(wat("(module (memory 17))")));
    expect_error(runtime.instantiate(module), Code::instantiate, "");
    StoreLimits wide;
    EXPECT_TRUE(runtime.instantiate(module, {.limits = wide}));
}

TEST(ErrorCode, call_5002) {
    Runtime runtime;
    runtime.func("env", "fail", []() -> Result<void> {
        return std::unexpected(Error::host("the disk is on fire"));
    });
    const auto instance = make(runtime, R"((module
      (import "env" "fail" (func $fail))
      (func $inner (export "trap") unreachable)
      (func (export "host") call $fail)
      (func (export "deep") call $inner)
      (func $spin (export "spin") (loop br 0))
      (func $recurse (export "recurse") call $recurse)))");
    const auto trap = instance.call("deep");
    expect_error(trap, Code::call, "unreachable");
    EXPECT_EQ(static_cast<int>(trap.error().code()), 5002);
    EXPECT_EQ(trap.error().trap(), Trap::unreachable);
    ASSERT_EQ(trap.error().backtrace().size(), 2u);
    EXPECT_EQ(trap.error().backtrace()[0].func_index, 1u);
    EXPECT_EQ(trap.error().backtrace()[1].func_index, 3u);

    const auto host = instance.call("host");
    expect_error(host, Code::call, "the disk is on fire");
    EXPECT_EQ(host.error().kind(), ErrorKind::host);

    expect_error(instance.call("recurse"), Code::call, "call stack exhausted");

    const auto late = instance.call(
        "spin", {}, {.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20)});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), Code::call);
    EXPECT_EQ(late.error().kind(), ErrorKind::interrupted);
}

TEST(ErrorCode, export_not_found_5003) {
    Runtime runtime;
    const auto instance = make(runtime, "(module (memory (export \"m\") 1))");
    const auto missing = instance.call("nothing");
    expect_error(missing, Code::export_not_found, "nothing");
    EXPECT_EQ(static_cast<int>(missing.error().code()), 5003);
    expect_error(instance.call("m"), Code::export_not_found, "memory");
}

TEST(ErrorCode, invalid_module_5004) {
    Runtime runtime;
    const auto unknown = runtime.instantiate("invalid-id");
    expect_error(unknown, Code::invalid_module, "invalid-id");
    EXPECT_EQ(static_cast<int>(unknown.error().code()), 5004);
    const auto module = must(runtime.compile(wat(add_module)));
    ASSERT_TRUE(runtime.drop_module(module));
    expect_error(runtime.drop_module(module), Code::invalid_module, module);
    expect_error(runtime.instantiate(module), Code::invalid_module, module);
    expect_error(runtime.module(module), Code::invalid_module, module);
}

TEST(ErrorCode, invalid_instance_5005) {
    Runtime runtime;
    const auto unknown = runtime.call("nobody", "add");
    expect_error(unknown, Code::invalid_instance, "nobody");
    EXPECT_EQ(static_cast<int>(unknown.error().code()), 5005);
    const auto instance = make(runtime, add_module);
    ASSERT_TRUE(instance.drop());
    expect_error(instance.call("add", 1, 2), Code::invalid_instance, instance.id());
    expect_error(instance.drop(), Code::invalid_instance, instance.id());
    expect_error(instance.get_exports(), Code::invalid_instance, instance.id());
    expect_error(instance.memory.size(), Code::invalid_instance, "");
    expect_error(runtime.drop(instance.id()), Code::invalid_instance, instance.id());
    expect_error(runtime.memory(instance.id()), Code::invalid_instance, instance.id());
}

TEST(ErrorCode, memory_5006) {
    Runtime runtime;
    const auto instance = make(runtime, "(module (memory (export \"memory\") 1 1))");
    const auto outside = instance.memory.read(65536, 1);
    expect_error(outside, Code::memory, "out of bounds");
    EXPECT_EQ(static_cast<int>(outside.error().code()), 5006);
    expect_error(instance.memory.grow(1), Code::memory, "");
    const auto bare = make(runtime, "(module (memory 1))");
    expect_error(bare.memory.read(0, 1), Code::memory, "no memory");
    expect_error(bare.memory.grow(0), Code::memory, "no memory");
}

TEST(ErrorCode, type_5007) {
    Runtime runtime;
    const auto instance = make(runtime, add_module);
    const auto wrong = instance.call("add", 1, 2.5);
    expect_error(wrong, Code::type, "argument 2: expected i32, given f64 2.5");
    EXPECT_EQ(static_cast<int>(wrong.error().code()), 5007);
    expect_error(instance.call("add", 1), Code::type, "expected 2 arguments, given 1");
}

TEST(ErrorCode, io_5008) {
    const Folder folder;
    Runtime runtime;
    const auto missing = runtime.compile_file(folder.path() / "missing.wasm");
    expect_error(missing, Code::io, "missing.wasm");
    EXPECT_EQ(static_cast<int>(missing.error().code()), 5008);
    expect_error(runtime.compile_file(folder.path()), Code::io, "");
    // What can be read but is no module is another matter.
    expect_error(runtime.compile_file(folder.write("bad.wasm", "bad")), Code::compile, "");
}

TEST(ErrorCode, permission_denied_5009) {
    const Folder folder;
    const auto file = folder.write("a.wasm", wat(add_module));
    Runtime closed({.policy = Policy::deny_all()});
    const auto denied = closed.compile(wat(add_module));
    expect_error(denied, Code::permission_denied, "capability load");
    EXPECT_EQ(static_cast<int>(denied.error().code()), 5009);
    expect_error(closed.compile_file(file), Code::permission_denied, file.string());
    expect_error(closed.compile_file(folder.path() / "missing"), Code::permission_denied, "");

    Runtime look({.policy = Policy::deny_all().load(true)});
    const auto module = must(look.compile_file(file));
    expect_error(look.instantiate(module), Code::permission_denied, "capability execute");

    Runtime blind({.policy = Policy::deny_all().load(true).execute(true)});
    const auto inside = must(blind.compile(wat(add_module)));
    EXPECT_TRUE(blind.instantiate(inside));
    expect_error(blind.instantiate(inside, WasiConfig{.preopens = {{"/data", folder.path()}}}),
                 Code::permission_denied, folder.path().string());
}

TEST(ErrorCode, wasi_5010) {
    const Folder folder;
    const auto file = folder.write("file", "");
    Runtime runtime;
    const auto module = must(runtime.compile(wat(add_module)));
    const auto with = [&](WasiConfig config) { return runtime.instantiate(module, config); };
    const auto missing = with({.preopens = {{"/data", folder.path() / "missing"}}});
    expect_error(missing, Code::wasi, "missing");
    EXPECT_EQ(static_cast<int>(missing.error().code()), 5010);
    expect_error(with({.preopens = {{"/data", file}}}), Code::wasi, "");
    expect_error(with({.preopens = {{"/d", folder.path()}, {"/d", folder.path()}}}), Code::wasi,
                 "");
    expect_error(with({.env = {{"A", std::string("x\0y", 3)}}}), Code::wasi, "");
    expect_error(with({.args = {std::string("x\0y", 3)}}), Code::wasi, "");
    EXPECT_TRUE(with({.preopens = {{"/data", folder.path()}}}));
}

TEST(ErrorCode, fuel_exhausted_5011) {
    Runtime runtime;
    const auto instance = make(runtime, "(module (func (export \"spin\") (loop br 0)))");
    const auto spent = instance.call("spin", {}, {.fuel = 1000});
    expect_error(spent, Code::fuel_exhausted, "");
    EXPECT_EQ(static_cast<int>(spent.error().code()), 5011);
    EXPECT_EQ(spent.error().kind(), ErrorKind::fuel);

    const auto module = must(runtime.compile(wat("(module (func $s (loop br 0)) (start $s))")));
    expect_error(runtime.instantiate(module, {.start = {.fuel = 1000}}), Code::fuel_exhausted, "");
}

TEST(Wasi, is_linked_without_a_configuration) {
    constexpr std::string_view text = R"((module
      (import "wasi_snapshot_preview1" "environ_sizes_get"
        (func $sizes (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "count") (result i32)
        (drop (call $sizes (i32.const 0) (i32.const 4)))
        (i32.load (i32.const 0)))))";
    Runtime runtime;
    const auto module = must(runtime.compile(wat(text)));
    EXPECT_EQ(must(must(runtime.instantiate(module)).call("count")), std::vector{Value::i32(0)});
    const WasiConfig two{.env = {{"A", "1"}, {"B", "2"}}};
    EXPECT_EQ(must(must(runtime.instantiate(module, two)).call("count")),
              std::vector{Value::i32(2)});
    expect_error(runtime.instantiate(module, {.wasi = false}), Code::instantiate,
                 "unknown import wasi_snapshot_preview1.environ_sizes_get");
}

}  // namespace
}  // namespace waxwing::test
