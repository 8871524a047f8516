// Loading, printing and parsing where memory runs out.
#include <filesystem>
#include <fstream>

#include "exhaustion.hpp"
#include "print/dump.hpp"
#include "text/script.hpp"
#include "waxwing/policy.hpp"
#include "waxwing/runtime.hpp"

namespace waxwing::test {
namespace {

// Each of its lists takes 64 KB and more, and there are functions of all sizes.
std::string large_module(int count) {
    return "(module $large" +
           repeat(count / 4,
                  [](int i) {
                      const std::string n = std::to_string(i);
                      return "(type $t" + n + " (struct (field i32) (field (ref null " +
                             std::to_string(i / 2) + "))))";
                  }) +
           "(type $f (func (param i32) (result i32)))"
           "(memory (export \"memory\") 4)(table 10 funcref)" +
           repeat(count,
                  [](int i) {
                      const std::string n = std::to_string(i);
                      return "(global $g" + n + " i32 (i32.const " + n + "))(func $f" + n +
                             " (export \"f" + n +
                             "\") (type $f) (i32.add (local.get 0) (global.get $g" + n + ")))";
                  }) +
           "(func (export \"long\") (result i32) (local i32)" +
           repeat(2 * count,
                  [](int i) {
                      return "(local.set 0 (i32.xor (i32.mul (local.get 0) (i32.const 31)) "
                             "(i32.const " +
                             std::to_string(i * 77777) + ")))";
                  }) +
           "(local.get 0))(elem (i32.const 0) func $f0 $f1 $f2)(elem func " +
           repeat(count, [](int i) { return " $f" + std::to_string(i); }) +
           ")(data (i32.const 0) \"" + std::string(70'000, 'x') + "\"))";
}

void expect_works(const Module& module) {
    Store store;
    const Instance instance = must(store.instantiate(module));
    EXPECT_EQ(must(must(instance.func<int(int)>("f7"))(5)), 12);
    EXPECT_EQ(must(instance.memory()).data()[69'999], std::byte{'x'});
}

TEST(Exhaustion, Load) {
    for (const bool eager : {false, true}) {
        for (const std::size_t least : {large, any}) {
            const auto bytes = wat(large_module(least == large ? 9000 : 12));
            const LoadOptions options{.eager = eager};
            const std::size_t requests = fail_each(least, [&](Attempt& attempt) {
                expect_works(
                    *twice(attempt, Code::compile, [&] { return Module::load(bytes, options); }));
            });
            EXPECT_GE(requests, 10u);
        }
    }
}

TEST(Exhaustion, Validate) {
    for (const std::size_t least : {large, any}) {
        const auto bytes = wat(large_module(least == large ? 9000 : 12));
        EXPECT_GE(fail_each(least,
                            [&](Attempt& attempt) {
                                twice(attempt, Code::compile,
                                      [&] { return Module::validate(bytes); });
                            }),
                  8u);
    }
}

TEST(Exhaustion, LoadFile) {
    const auto path = std::filesystem::path(testing::TempDir()) / "waxwing-exhaustion.wasm";
    const auto bytes = wat(large_module(3000));
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    const std::size_t requests = fail_each(large, [&](Attempt& attempt) {
        auto module = attempt([&] { return Module::load_file(path); });
        if (!module) {
            const bool reading = module.error().code() == Code::io;
            expect_no_memory(module.error(), reading ? Code::io : Code::compile,
                             reading ? "cannot read" : "out of memory");
            module = Module::load_file(path);
        }
        expect_works(*module);
    });
    EXPECT_GE(requests, 6u);
    std::filesystem::remove(path);
}

TEST(Exhaustion, RejectedModule) {
    // The error needs memory too: without it, it says that.
    const auto bytes = wat("(module (func (result i32) (i64.const 0)))");
    fail_each(any, [&](Attempt& attempt) {
        const auto module = attempt([&] { return Module::load(bytes); });
        ASSERT_FALSE(module);
        EXPECT_EQ(module.error().code(), Code::compile);
        if (attempt.failed() == 0)
            EXPECT_TRUE(module.error().message().starts_with("type mismatch"));
        const Error copy = attempt([&] { return Error(module.error()); });
        EXPECT_EQ(copy.code(), Code::compile);
        EXPECT_FALSE(attempt([&] { return copy.format(); }).empty());
    });
}

TEST(Exhaustion, Print) {
    for (const bool fold : {false, true}) {
        for (const std::size_t least : {large, any}) {
            const auto bytes = wat(large_module(least == large ? 3000 : 5));
            const PrintOptions options{.fold = fold};
            const std::string whole = must(print_wat(bytes, options));
            const std::size_t requests = fail_each(least, [&](Attempt& attempt) {
                const auto text =
                    twice(attempt, Code::compile, [&] { return print_wat(bytes, options); });
                EXPECT_EQ(*text, whole);
            });
            EXPECT_GE(requests, 8u);
        }
    }
}

TEST(Exhaustion, ParseText) {
    for (const std::size_t least : {large, any}) {
        const std::string text = large_module(least == large ? 3000 : 5);
        const auto whole = wat(text);
        const std::size_t requests = fail_each(least, [&](Attempt& attempt) {
            const auto bytes = twice(attempt, Code::compile, [&] { return parse_wat(text); });
            EXPECT_EQ(*bytes, whole);
        });
        EXPECT_GE(requests, 8u);
    }
}

TEST(Exhaustion, ParseScript) {
    for (const std::size_t least : {large, any}) {
        const std::string text = repeat(least == large ? 3000 : 30, [](int i) {
            return "(assert_return (invoke \"a function with a long name " + std::to_string(i) +
                   "\" (i32.const 1)) (i32.const 2))";
        });
        const std::size_t requests = fail_each(least, [&](Attempt& attempt) {
            const auto script =
                twice(attempt, Code::compile, [&] { return text::parse_script(text); });
            EXPECT_EQ(script->commands.size(), least == large ? 3000u : 30u);
        });
        EXPECT_GE(requests, 4u);
    }
}

// The handle layer -----------------------------------------------------------------------

TEST(Exhaustion, RuntimeCompile) {
    const auto bytes = wat(large_module(12));
    fail_each(any, [&](Attempt& attempt) {
        Runtime runtime;
        const auto id = twice(attempt, Code::compile, [&] { return runtime.compile(bytes); });
        EXPECT_EQ(runtime.module_count(), 1u);
        EXPECT_TRUE(runtime.module(*id));
    });
}

TEST(Exhaustion, RuntimeInstantiateAndCall) {
    const auto bytes = wat(R"((module
      (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
      (memory (export "memory") 4) (table 20000 funcref)
      (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))))");
    fail_large_and_any(1, [&](Attempt& attempt) {
        Runtime runtime;
        const ModuleId module = must(runtime.compile(bytes));
        auto instance = attempt([&] { return runtime.instantiate(module); });
        if (!instance) {
            EXPECT_TRUE(instance.error().code() == Code::instantiate ||
                        instance.error().code() == Code::wasi ||
                        instance.error().code() == Code::invalid_module)
                << instance.error().format();
            EXPECT_EQ(instance.error().kind(), ErrorKind::limit) << instance.error().format();
            EXPECT_EQ(runtime.instance_count(), 0u);
            instance = runtime.instantiate(module);
        }
        ASSERT_TRUE(instance);
        EXPECT_EQ(runtime.instance_count(), 1u);
        const auto results = twice(attempt, Code::call, [&] { return instance->call("f", 41); });
        EXPECT_EQ(results->at(0), Value::i32(42));
        const auto text =
            twice(attempt, Code::memory, [&] { return instance->memory.read_string(0, 200'000); });
        EXPECT_EQ(text->size(), 200'000u);
        twice(attempt, Code::memory, [&] { return instance->memory.read(0, 200'000); });
        twice(attempt, Code::invalid_instance, [&] { return instance->get_exports(); });
        // Dropping frees memory; it must not need any but for the list of what is dropped.
        auto dropped = attempt([&] { return runtime.drop_module(module); });
        if (!dropped) {
            expect_no_memory(dropped.error(), Code::invalid_module);
            EXPECT_EQ(runtime.instance_count(), 1u);
            EXPECT_EQ(runtime.module_count(), 1u);
            must(runtime.drop_module(module));
        }
        EXPECT_EQ(runtime.instance_count(), 0u);
        EXPECT_EQ(runtime.module_count(), 0u);
    });
}

TEST(Exhaustion, Policy) {
    std::vector<std::string> list;
    for (int i = 0; i < 20; ++i)
        list.push_back("/somewhere/in/a/directory/with/number/" + std::to_string(i) + "/**");
    const std::filesystem::path listed = "/somewhere/in/a/directory/with/number/19/x.wasm";
    const std::filesystem::path elsewhere = "/elsewhere/x.wasm";
    const Policy policy = Policy::deny_all().load(Grant::only(list));
    fail_each(any, [&](Attempt& attempt) {
        const auto allowed = attempt([&] { return policy.check_load(listed); });
        if (!allowed) {
            EXPECT_GT(attempt.failed(), 0u);
            EXPECT_EQ(allowed.error().code(), Code::permission_denied);
        }
        const auto denied = attempt([&] { return policy.check_load(elsewhere); });
        EXPECT_FALSE(denied);
    });
}

}  // namespace
}  // namespace waxwing::test
