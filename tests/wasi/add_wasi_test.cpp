// add_wasi, as an embedder uses it.
#include <gtest/gtest.h>

#include "machine.hpp"
#include "waxwing/text.hpp"

namespace waxwing::wasi {
namespace {

TEST(AddWasi, puts_in_every_function_under_its_name_and_type) {
    Imports imports;
    ASSERT_TRUE(add_wasi(imports, {}).has_value());
    for (const Function& function : preview1()) {
        const Imports::Item* item = imports.find("wasi_snapshot_preview1", function.name);
        ASSERT_NE(item, nullptr) << function.name;
        const auto* host = std::get_if<HostFunction>(item);
        ASSERT_NE(host, nullptr) << function.name;
        EXPECT_EQ(host->type, function.type());
    }
    EXPECT_EQ(imports.find("wasi_unstable", "fd_write"), nullptr);
}

TEST(AddWasi, puts_in_nothing_if_the_configuration_is_wrong) {
    Imports imports;
    WasiConfig config;
    config.preopens.push_back({"/", "/does/not/exist"});
    const auto added = add_wasi(imports, config);
    ASSERT_FALSE(added.has_value());
    EXPECT_EQ(added.error().code(), Code::wasi);
    EXPECT_EQ(imports.find("wasi_snapshot_preview1", "fd_write"), nullptr);
}

// (module
//   (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
//   (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
//   (memory (export "memory") 1)
//   (data (i32.const 0) "\10\00\00\00\06\00\00\00")
//   (data (i32.const 16) "hello\n")
//   (func (export "_start")
//     (call 1 (i32.add (i32.const 33)
//                      (call 0 (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))))))
constexpr u8 hello[] = {
    0x00, 'a',  's',  'm',  0x01, 0x00, 0x00, 0x00,  //
    0x01, 0x10, 0x03,                                // types
    0x60, 0x04, 0x7F, 0x7F, 0x7F, 0x7F, 0x01, 0x7F,  //
    0x60, 0x01, 0x7F, 0x00,                          //
    0x60, 0x00, 0x00,                                //
    0x02, 0x46, 0x02,                                // imports
    0x16, 'w',  'a',  's',  'i',  '_',  's',  'n',  'a',  'p',  's',  'h',  'o',
    't',  '_',  'p',  'r',  'e',  'v',  'i',  'e',  'w',  '1',         //
    0x08, 'f',  'd',  '_',  'w',  'r',  'i',  't',  'e',  0x00, 0x00,  //
    0x16, 'w',  'a',  's',  'i',  '_',  's',  'n',  'a',  'p',  's',  'h',  'o',
    't',  '_',  'p',  'r',  'e',  'v',  'i',  'e',  'w',  '1',               //
    0x09, 'p',  'r',  'o',  'c',  '_',  'e',  'x',  'i',  't',  0x00, 0x01,  //
    0x03, 0x02, 0x01, 0x02,                                                  // functions
    0x05, 0x03, 0x01, 0x00, 0x01,                                            // memory
    0x07, 0x13, 0x02,                                                        // exports
    0x06, 'm',  'e',  'm',  'o',  'r',  'y',  0x02, 0x00,                    //
    0x06, '_',  's',  't',  'a',  'r',  't',  0x00, 0x02,                    //
    0x0A, 0x13, 0x01, 0x11, 0x00,                                            // code
    0x41, 0x21, 0x41, 0x01, 0x41, 0x00, 0x41, 0x01, 0x41, 0x20, 0x10, 0x00, 0x6A,
    0x10, 0x01, 0x0B, 0x0B, 0x19, 0x02,                                            // data
    0x00, 0x41, 0x00, 0x0B, 0x08, 0x10, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00,  //
    0x00, 0x41, 0x10, 0x0B, 0x06, 'h',  'e',  'l',  'l',  'o',  '\n',
};

TEST(AddWasi, a_module_writes_and_exits) {
    const auto module = Module::load(std::as_bytes(std::span(hello)));
    ASSERT_TRUE(module.has_value()) << module.error().message();
    const auto out = std::make_shared<std::string>();
    WasiConfig config;
    config.stdout_stream = Stream::buffer(out);
    Imports imports;
    ASSERT_TRUE(add_wasi(imports, config).has_value());
    Store store;
    auto instance = store.instantiate(*module, imports);
    ASSERT_TRUE(instance.has_value()) << instance.error().message();
    const auto result = instance->func("_start")->call();
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind(), ErrorKind::exit);
    EXPECT_EQ(result.error().exit_status(), 33);
    EXPECT_EQ(*out, "hello\n");
}

// What a guest leaves open when it ends in one way or another.
class GuestEndTest : public ::testing::Test {
protected:
    // Opens in.txt ten times, grows its memory in between, and goes on with `end`.
    static std::string opens_and(const std::string& end) {
        return R"((import "wasi_snapshot_preview1" "path_open" (func $path_open
              (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write"
              (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
            (memory (export "memory") 1)
            (data (i32.const 64) "in.txt")
            (func (export "_start") (local $i i32)
              (loop $again
                (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 6)
                      (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0)
                      (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)))
                  (then (unreachable)))
                (drop (memory.grow (i32.const 1)))
                (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                                        (i32.const 10))))
              )" +
               end + ")";
    }
    // Runs it, in a store of its own; the message of its end.
    std::string run(const std::string& text) {
        WasiConfig config = config_for(tree);
        Imports imports;
        EXPECT_TRUE(add_wasi(imports, config).has_value());
        const auto bytes = parse_wat(text);
        EXPECT_TRUE(bytes.has_value()) << bytes.error().message();
        const auto module = Module::load(*bytes);
        EXPECT_TRUE(module.has_value()) << module.error().message();
        Store store;
        const usize before = open_descriptors();
        auto instance = store.instantiate(*module, imports);
        if (!instance) return std::string(instance.error().message());
        const auto result = instance->func("_start")->call();
        EXPECT_EQ(open_descriptors(), before + 10);
        return result ? "" : std::string(result.error().message());
    }

    Tree tree;
};

TEST_F(GuestEndTest, what_it_left_open_is_closed_with_its_store) {
    const usize before = open_descriptors();
    const std::pair<const char*, const char*> ends[] = {
        {"", ""},
        {"(unreachable)", "unreachable"},
        {"(call $proc_exit (i32.const 3))", "exit"},
        {"(drop (call $fd_write (i32.const 1) (i32.const -4) (i32.const 1) (i32.const 0)))",
         "out of bounds memory access"}};
    for (const auto& [end, message] : ends)
        for (int i = 0; i < 100; ++i) {
            EXPECT_NE(run(opens_and(end)).find(message), std::string::npos) << end;
            ASSERT_EQ(open_descriptors(), before) << end;
        }
}

TEST_F(GuestEndTest, what_cannot_be_instantiated_leaves_nothing_open) {
    const usize before = open_descriptors();
    for (int i = 0; i < 100; ++i) {
        EXPECT_NE(run(R"((import "wasi_snapshot_preview1" "no_such" (func)))"), "");
        EXPECT_NE(run(R"((import "wasi_snapshot_preview1" "fd_close" (func (param i64))))"), "");
        EXPECT_NE(run("(memory 1) (data (i32.const -1) \"x\")"), "");
        EXPECT_NE(run("(start 0) (func (unreachable))"), "");
        ASSERT_EQ(open_descriptors(), before);
    }
}

}  // namespace
}  // namespace waxwing::wasi
