#include <limits>

#include "support.hpp"

namespace waxwing::test {
namespace {

constexpr std::string_view memory_module = R"((module
  (memory (export "memory") 1 3)
  (func (export "load") (param i32) (result i32) local.get 0 i32.load8_u)))";

constexpr std::string_view exit_module = R"((module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "exit") (param i32) local.get 0 call $exit)
  (func (export "fine") (result i32) i32.const 1)))";

TEST(Runtime, compiles_instantiates_and_calls) {
    Runtime runtime;
    const ModuleId module = must(runtime.compile(wat(add_module)));
    const InstanceRef instance = must(runtime.instantiate(module));
    EXPECT_EQ(instance.module_id(), module);
    EXPECT_EQ(must(instance.call("add", 40, 2)), std::vector{Value::i32(42)});
    EXPECT_EQ(must(runtime.call(instance.id(), "add", {1, 2})), std::vector{Value::i32(3)});
    EXPECT_EQ(runtime.module_count(), 1u);
    EXPECT_EQ(runtime.instance_count(), 1u);
}

TEST(Runtime, compiles_files) {
    const Folder folder;
    Runtime runtime;
    const auto module = must(runtime.compile_file(folder.write("a.wasm", wat(add_module))));
    EXPECT_EQ(must(must(runtime.instantiate(module)).call("add", 2, 3)),
              std::vector{Value::i32(5)});
}

TEST(Runtime, returns_several_results_in_order) {
    Runtime runtime;
    const auto instance = make(runtime, R"((module
      (func (export "divmod") (param i32 i32) (result i32 i32)
        local.get 0 local.get 1 i32.div_u
        local.get 0 local.get 1 i32.rem_u)
      (func (export "nothing"))))");
    EXPECT_EQ(must(instance.call("divmod", 17, 5)), (std::vector{Value::i32(3), Value::i32(2)}));
    EXPECT_TRUE(must(instance.call("nothing")).empty());
}

TEST(Runtime, carries_the_whole_range_of_i64) {
    Runtime runtime;
    const auto instance = make(runtime, R"((module
      (func (export "same") (param i64) (result i64) local.get 0)))");
    using Limit = std::numeric_limits<std::int64_t>;
    for (const std::int64_t v : {Limit::min(), Limit::max(), std::int64_t{-1}, 9007199254740991,
                                 9007199254740992, 9007199254740993})
        EXPECT_EQ(must(instance.call("same", v)), std::vector{Value::i64(v)});
}

TEST(Runtime, arguments_meet_parameters_without_loss) {
    Runtime runtime;
    const auto instance = make(runtime, R"((module
      (func (export "mix") (param i32 i64 f32 f64) (result f64)
        local.get 0 f64.convert_i32_s local.get 1 f64.convert_i64_s f64.add
        local.get 2 f64.promote_f32 f64.add local.get 3 f64.add)))");
    EXPECT_EQ(must(instance.call("mix", 1, 2, 3, 4)), std::vector{Value::f64(10)});
    EXPECT_EQ(must(instance.call("mix", 1, types::i64(2), 3.5, 4)), std::vector{Value::f64(10.5)});
    expect_error(instance.call("mix", 1, 2, 3), Code::type, "expected 4 arguments, given 3");
    expect_error(instance.call("mix", 1, 2, 0.1, 4), Code::type,
                 "argument 3: expected f32, given f64 0.1");
    EXPECT_TRUE(instance.call("mix", {1, 2, 0.1, 4}, {}, ArgTyping::signature));
    expect_error(instance.call("mix", {1, 2, 3.0f, 4.0}, {}, ArgTyping::strict), Code::type,
                 "argument 2: expected i64, given i32 2");
}

TEST(Runtime, lists_exports) {
    Runtime runtime;
    const auto instance = make(runtime, R"((module
      (memory (export "m") 1) (global (export "g") (mut i64) (i64.const 0))
      (table (export "t") 1 funcref)
      (func (export "f") (param i32 f32) (result i64) i64.const 0)))");
    const auto exports = must(instance.get_exports());
    ASSERT_EQ(exports.size(), 4u);
    EXPECT_EQ(exports[0].name, "m");
    EXPECT_TRUE(kind_is(exports[0], "memory"));
    EXPECT_TRUE(kind_is(exports[1], "global"));
    EXPECT_TRUE(kind_is(exports[2], "table"));
    EXPECT_EQ(exports[3].name, "f");
    EXPECT_TRUE(kind_is(exports[3], "function"));
    EXPECT_TRUE(kind_is(exports[3], "func"));
    ASSERT_NE(exports[3].func(), nullptr);
    EXPECT_EQ(*exports[3].func(), (FuncType{{i32, f32}, {i64}}));
    EXPECT_EQ(must(runtime.get_exports(instance.id())).size(), 4u);
}

TEST(Runtime, memory_is_read_written_and_grown) {
    Runtime runtime;
    const auto instance = make(runtime, memory_module);
    EXPECT_EQ(must(instance.memory.size()), 1u);
    ASSERT_TRUE(instance.memory.write_string(65531, "hello"));
    EXPECT_EQ(must(instance.memory.read_string(65531, 5)), "hello");
    EXPECT_EQ(must(instance.call("load", 65531)), std::vector{Value::i32('h')});
    EXPECT_EQ(must(instance.memory.grow(2)), 1u);
    EXPECT_EQ(must(instance.memory.size()), 3u);
    EXPECT_EQ(must(instance.memory.byte_size()), 3u * 65536);
    EXPECT_EQ(must(must(runtime.memory(instance.id())).read(65531, 1)),
              std::vector{std::byte{'h'}});
}

TEST(Runtime, megabytes_cross_in_one_piece) {
    Runtime runtime;
    const auto instance = make(runtime, "(module (memory (export \"memory\") 32))");
    std::vector<std::byte> bytes(1 << 20);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = std::byte(i * 7 >> 3);
    ASSERT_TRUE(instance.memory.write(12345, bytes));
    EXPECT_EQ(must(instance.memory.read(12345, bytes.size())), bytes);
}

TEST(Runtime, out_of_bounds_copies_nothing) {
    Runtime runtime;
    const auto instance = make(runtime, memory_module);
    expect_error(instance.memory.write_string(65534, "abc"), Code::memory,
                 "out of bounds: offset 65534, length 3, memory of 65536 bytes");
    EXPECT_EQ(must(instance.memory.read_string(65534, 2)), std::string(2, '\0'));
    expect_error(instance.memory.read(65537, 0), Code::memory, "out of bounds");
    expect_error(instance.memory.read(0, ~std::uint64_t{0}), Code::memory, "out of bounds");
    expect_error(instance.memory.read(~std::uint64_t{0}, 2), Code::memory, "out of bounds");
    EXPECT_TRUE(instance.memory.read(65536, 0));
}

TEST(Runtime, refused_growth_leaves_the_instance_usable) {
    Runtime runtime;
    const auto instance = make(runtime, memory_module);
    expect_error(instance.memory.grow(3), Code::memory, "");
    EXPECT_EQ(must(instance.memory.size()), 1u);
    EXPECT_TRUE(instance.call("load", 0));
}

TEST(Runtime, the_export_called_memory_is_preferred) {
    Runtime runtime;
    const auto both = make(runtime, R"((module
      (memory (export "a") 1) (memory (export "memory") 2)))");
    EXPECT_EQ(must(both.memory.size()), 2u);
    const auto other = make(runtime, "(module (memory (export \"heap\") 3))");
    EXPECT_EQ(must(other.memory.size()), 3u);
}

TEST(Runtime, instances_share_nothing) {
    Runtime runtime;
    const auto module = must(runtime.compile(wat(R"((module
      (memory (export "memory") 1)
      (global $g (mut i32) (i32.const 0))
      (func (export "next") (result i32)
        global.get $g i32.const 1 i32.add global.set $g global.get $g)))")));
    const auto a = must(runtime.instantiate(module));
    const auto b = must(runtime.instantiate(module));
    EXPECT_NE(a.id(), b.id());
    EXPECT_EQ(must(a.call("next")), std::vector{Value::i32(1)});
    EXPECT_EQ(must(a.call("next")), std::vector{Value::i32(2)});
    EXPECT_EQ(must(b.call("next")), std::vector{Value::i32(1)});
    ASSERT_TRUE(a.memory.write_string(0, "x"));
    EXPECT_EQ(must(b.memory.read_string(0, 1)), std::string(1, '\0'));
}

TEST(Runtime, host_functions_serve_all_instances) {
    Runtime runtime;
    std::vector<std::int32_t> seen;
    runtime.func("env", "log", [&](std::int32_t v) { seen.push_back(v); });
    constexpr std::string_view text = R"((module
      (import "env" "log" (func $log (param i32)))
      (func (export "go") (param i32) local.get 0 call $log)))";
    ASSERT_TRUE(make(runtime, text).call("go", 1));
    ASSERT_TRUE(make(runtime, text).call("go", 2));
    EXPECT_EQ(seen, (std::vector{1, 2}));

    Imports own;
    own.func("env", "log", [&](std::int32_t v) { seen.push_back(-v); });
    ASSERT_TRUE(make(runtime, text, {.imports = &own}).call("go", 3));
    EXPECT_EQ(seen.back(), -3);
}

TEST(Runtime, a_host_function_may_call_back_into_its_instance) {
    Runtime runtime;
    InstanceId id;
    runtime.func("env", "twice", [&](std::int32_t v) -> Result<std::int32_t> {
        auto result = runtime.call(id, "double", {v});
        if (!result) return std::unexpected(result.error());
        return result->front().as_i32();
    });
    const auto instance = make(runtime, R"((module
      (import "env" "twice" (func $twice (param i32) (result i32)))
      (func (export "double") (param i32) (result i32) local.get 0 i32.const 2 i32.mul)
      (func (export "go") (param i32) (result i32) local.get 0 call $twice)))");
    id = instance.id();
    EXPECT_EQ(must(instance.call("go", 21)), std::vector{Value::i32(42)});
}

TEST(Runtime, exit_with_status_0_is_success) {
    Runtime runtime;
    const auto instance = make(runtime, exit_module);
    EXPECT_EQ(must(instance.exit_status()), std::nullopt);
    EXPECT_TRUE(must(instance.call("exit", 0)).empty());
    EXPECT_EQ(must(instance.exit_status()), 0);
}

TEST(Runtime, exit_with_another_status_is_5002_with_it) {
    Runtime runtime;
    const auto instance = make(runtime, exit_module);
    const auto result = instance.call("exit", 7);
    expect_error(result, Code::call, "7");
    EXPECT_EQ(result.error().exit_status(), 7);
    EXPECT_EQ(result.error().kind(), ErrorKind::exit);
}

TEST(Runtime, after_its_exit_an_instance_no_longer_runs) {
    Runtime runtime;
    const auto instance = make(runtime, exit_module);
    EXPECT_TRUE(instance.call("fine"));
    ASSERT_TRUE(instance.call("exit", 0));
    expect_error(instance.call("fine"), Code::call, "finished");
    EXPECT_TRUE(instance.memory.read(0, 1)) << "its memory can still be looked at";
    EXPECT_TRUE(instance.drop());
}

TEST(Runtime, a_trap_leaves_the_instance_usable) {
    Runtime runtime;
    const auto instance = make(runtime, R"((module
      (func (export "div") (param i32 i32) (result i32) local.get 0 local.get 1 i32.div_s)))");
    expect_error(instance.call("div", 1, 0), Code::call, "integer divide by zero");
    EXPECT_EQ(must(instance.call("div", 6, 3)), std::vector{Value::i32(2)});
}

TEST(Runtime, fuel_is_given_per_call) {
    Runtime runtime;
    const auto instance = make(runtime, R"((module
      (func (export "spin") (loop br 0))
      (func (export "quick") (result i32) i32.const 1)))");
    std::uint64_t used = 0;
    const auto result = instance.call("spin", {}, {.fuel = 10'000, .fuel_used = &used});
    expect_error(result, Code::fuel_exhausted, "");
    EXPECT_GE(used, 9'000u);
    EXPECT_TRUE(instance.call("quick", {}, {.fuel = 10}));
    EXPECT_TRUE(instance.call("quick"));
}

TEST(Runtime, ids_are_never_used_twice) {
    Runtime one;
    Runtime two;
    const auto a = must(one.compile(wat(add_module)));
    const auto b = must(two.compile(wat(add_module)));
    EXPECT_NE(a, b);
    expect_error(two.instantiate(a), Code::invalid_module, a);
    ASSERT_TRUE(one.drop_module(a));
    EXPECT_NE(must(one.compile(wat(add_module))), a);
}

TEST(Runtime, dropping_a_module_drops_its_instances) {
    Runtime runtime;
    const auto module = must(runtime.compile(wat(memory_module)));
    const auto a = must(runtime.instantiate(module));
    const auto other = make(runtime, add_module);
    ASSERT_TRUE(runtime.drop_module(module));
    expect_error(a.call("load", 0), Code::invalid_instance, a.id());
    expect_error(a.memory.read(0, 1), Code::invalid_instance, "");
    expect_error(a.drop(), Code::invalid_instance, a.id());
    expect_error(runtime.drop_module(module), Code::invalid_module, module);
    EXPECT_TRUE(other.call("add", 1, 2));
    EXPECT_EQ(runtime.instance_count(), 1u);
}

TEST(Runtime, a_module_in_use_can_be_refused_to_go) {
    Runtime runtime({.module_drop = ModuleDrop::refuse});
    const auto module = must(runtime.compile(wat(add_module)));
    const auto instance = must(runtime.instantiate(module));
    expect_error(runtime.drop_module(module), Code::permission_denied, "still has 1 instance");
    EXPECT_TRUE(instance.call("add", 1, 2));
    ASSERT_TRUE(instance.drop());
    EXPECT_TRUE(runtime.drop_module(module));
}

TEST(Runtime, instances_can_outlive_their_module) {
    Runtime runtime({.module_drop = ModuleDrop::keep});
    const auto module = must(runtime.compile(wat(add_module)));
    const auto instance = must(runtime.instantiate(module));
    ASSERT_TRUE(runtime.drop_module(module));
    EXPECT_EQ(must(instance.call("add", 1, 2)), std::vector{Value::i32(3)});
    expect_error(runtime.instantiate(module), Code::invalid_module, module);
}

TEST(Runtime, references_may_outlive_the_runtime) {
    std::optional<InstanceRef> instance;
    {
        Runtime runtime;
        instance = make(runtime, memory_module);
        EXPECT_TRUE(instance->call("load", 0));
    }
    expect_error(instance->call("load", 0), Code::invalid_instance, instance->id());
    expect_error(instance->memory.size(), Code::invalid_instance, "");
    expect_error(instance->drop(), Code::invalid_instance, instance->id());
    expect_error(instance->get_exports(), Code::invalid_instance, instance->id());
}

TEST(Runtime, an_instance_may_be_dropped_by_its_own_call) {
    Runtime runtime;
    InstanceId id;
    runtime.func("env", "drop", [&] { ASSERT_TRUE(runtime.drop(id)); });
    const auto instance = make(runtime, R"((module
      (import "env" "drop" (func $drop))
      (func (export "go") (result i32) call $drop i32.const 5)))");
    id = instance.id();
    EXPECT_EQ(must(instance.call("go")), std::vector{Value::i32(5)});
    expect_error(instance.call("go"), Code::invalid_instance, id);
}

}  // namespace
}  // namespace waxwing::test
