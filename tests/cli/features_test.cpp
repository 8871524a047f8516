// What modules need to have switched on, and what is said when it is not.
#include <gtest/gtest.h>

#include "../api/support.hpp"
#include "cli/needed_features.hpp"
#include "process.hpp"
#include "suite_modules.hpp"

namespace waxwing::test {
namespace {

// "simd: i8x16.add at 0x26", and so on.
std::string needs(const std::vector<std::byte>& module) {
    std::string all;
    for (const cli::NeededFeature& need : cli::needed_features(module)) {
        char offset[32];
        std::snprintf(offset, sizeof(offset), "0x%x", static_cast<unsigned>(need.offset));
        all += all.empty() ? "" : "; ";
        all += std::string(to_string(need.feature)) + ": " + need.witness + " at " + offset;
    }
    return all;
}

std::string needs(std::string_view text) { return needs(wat(text)); }

TEST(NeededFeatures, are_none_for_what_the_first_release_had) {
    EXPECT_EQ(
        needs("(module (memory 1) (func (param f32) (result i32) local.get 0 i32.trunc_f32_s))"),
        "");
}

TEST(NeededFeatures, come_with_what_needs_them_first_and_where_that_is) {
    constexpr struct {
        const char* text;
        const char* needed;
    } modules[] = {
        {R"((func (drop (i32.extend8_s (i32.const 0)))))", "sign-extension: i32.extend8_s at 0x19"},
        {R"((func (drop (i32.trunc_sat_f32_s (f32.const 0)))))",
         "saturating-float-to-int: i32.trunc_sat_f32_s at 0x1c"},
        {R"((memory 1) (func i32.const 0 i32.const 0 i32.const 0 memory.fill))",
         "bulk-memory: memory.fill at 0x22"},
        {R"((memory 1) (data $d "") (func data.drop $d))",
         "bulk-memory: data count section at 0x17"},
        {R"((func (drop (ref.null func))))", "reference-types: ref.null at 0x17"},
        {R"((table 1 funcref) (table 1 funcref))", "reference-types: multiple tables at 0xe"},
        {R"((func (result i32 i32) unreachable))", "multi-value: more than one result at 0xd"},
        {R"((func (i32.const 1) (block (param i32) drop)))",
         "multi-value: type index as block type at 0x1e"},
        {R"((global (import "a" "b") (mut i32)))",
         "mutable-globals: mutable global imported at 0xb"},
        {R"((global (export "a") (mut i32) (i32.const 1)))",
         "mutable-globals: mutable global exported at 0x13"},
        {R"((func (drop (i8x16.neg (v128.const i64x2 0 0)))))", "simd: v128.const at 0x17"},
        {R"((func (param v128)))", "simd: v128 at 0xd"},
        {R"((func (drop (f32x4.relaxed_min (v128.const i64x2 0 0) (v128.const i64x2 0 0)))))",
         "simd: v128.const at 0x17; relaxed-simd: f32x4.relaxed_min at 0x3b"},
        {R"((func $f return_call $f))", "tail-call: return_call at 0x17"},
        {R"((global i32 (i32.add (i32.const 1) (i32.const 2))))",
         "extended-const: i32.add at 0x11"},
        {R"((memory 1) (memory 1))", "multi-memory: multiple memories at 0xd"},
        {R"((memory i64 1))", "memory64: 64-bit addresses at 0xb"},
        {R"((type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))",
         "function-references: (ref ...) at 0x10"},
        {R"((type $t (struct)) (func (drop (struct.new $t))))", "gc: struct type at 0xb"},
        {R"((rec (type (func)) (type (func))))", "gc: rec at 0xb"},
        {R"((type $t (sub (func))))", "gc: sub type at 0xb"},
        {R"((func (drop (ref.i31 (i32.const 1)))))", "gc: ref.i31 at 0x19"},
        {R"((global $g i32 (i32.const 1)) (global i32 (global.get $g)))",
         "gc: global.get of a global that is not imported at 0x12"},
        {R"((tag))", "exceptions: tag section at 0xe"},
        {R"((tag (import "a" "b")))", "exceptions: tag at 0x15"},
        {R"((func (try_table)))", "exceptions: try_table at 0x17"},
        {R"((func atomic.fence))", "threads: atomic.fence at 0x17"},
        {R"((memory 1 2 shared))", "threads: shared memory at 0xb"},
        {R"((memory 1 (pagesize 1)))", "custom-page-sizes: page size at 0xb"},
        {R"((func (param i64) (drop (drop (i64.mul_wide_s (local.get 0) (local.get 0))))))",
         "wide-arithmetic: i64.mul_wide_s at 0x1c"},
        {R"((table 1 (ref func) (ref.func 0)) (func))",
         "function-references: table initializer at 0x15; reference-types: ref.func at 0x1b"},
        {R"((table i64 1 funcref))", "memory64: 64-bit addresses at 0xc"},
        {R"((table 1 funcref) (func $f) (elem declare func $f))",
         "bulk-memory: element segment kind at 0x1b"},
        {R"((table 1 funcref) (func $f) (elem (i32.const 0) funcref (ref.func $f)))",
         "bulk-memory: element segment kind at 0x1b; reference-types: ref.func at 0x20"},
        {R"((table 1 externref))", "reference-types: extern at 0xb"},
        {R"((func (select (result i32) (i32.const 0) (i32.const 0) (i32.const 0)) drop))",
         "reference-types: select at 0x1d"},
    };
    for (const auto& [text, needed] : modules)
        EXPECT_EQ(needs(text), needed) << text;
}

// Errors name the feature, the instruction and the place, and tell how to go on.
TEST(Features, switched_off_are_named_with_the_instruction_and_its_offset) {
    const Folder folder;
    const std::string fence = folder.write("fence.wat", R"((func (export "f") atomic.fence))");
    const std::string wanted =
        fence + ": error[5000]: illegal opcode fe 03: atomic.fence: the feature threads is "
                "switched off (at line 1, column 20)\n"
                "  1 | (func (export \"f\") atomic.fence)\n"
                "    |                    ^\n"
                "  hint: --enable threads\n";
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"validate"}, {"run", "--invoke", "f"}}) {
        std::vector<std::string> args = command;
        args.push_back(fence);
        EXPECT_EQ(waxwing(args).err, wanted);
        args.insert(args.begin() + 1, {"--enable", "threads"});
        EXPECT_EQ(waxwing(args).status, 0) << waxwing(args).err;
    }
}

TEST(Features, of_the_standard_can_be_switched_off) {
    const Folder folder;
    const std::string file = folder.write("a.wat", R"((func (param v128)))");
    EXPECT_EQ(waxwing({"validate", file}).status, 0);
    const Outcome off = waxwing({"validate", "--disable=gc", "--disable=simd", file});
    EXPECT_EQ(off.status, 1);
    EXPECT_EQ(off.err, file + ": error[5000]: v128: the feature simd is switched off "
                              "(at line 1, column 1)\n  1 | (func (param v128))\n    | ^\n");
    const std::string script = folder.write("a.wast", "(module (memory 1) (memory 1))");
    EXPECT_EQ(waxwing({"wast", script}).status, 0);
    const Outcome wast = waxwing({"wast", "--disable", "multi-memory", script});
    EXPECT_EQ(wast.status, 1);
    EXPECT_TRUE(wast.out.find("multiple memories: the feature multi-memory is switched off "
                              "(at line 1, column 20)") != std::string::npos)
        << wast.out;
}

TEST(Features, that_are_none_are_wrong_usage) {
    for (const char* command : {"run", "validate", "wast"}) {
        for (const char* option : {"--enable", "--disable"}) {
            const Outcome wrong = waxwing({command, option, "speed", "a.wat"});
            EXPECT_EQ(wrong.status, 2);
            EXPECT_TRUE(wrong.err.find(std::string(option) + " speed: no such feature") !=
                        std::string::npos)
                << wrong.err;
        }
        const Outcome legacy = waxwing({command, "--enable", "legacy-exceptions", "a.wat"});
        EXPECT_EQ(legacy.status, 2);
        EXPECT_TRUE(legacy.err.find("legacy-exceptions: not supported") != std::string::npos);
    }
}

// Whatever is found missing is enough, and nothing of it is too much.
TEST(NeededFeatures, of_every_module_in_the_suite_are_sufficient_and_necessary) {
    if (!has_suite()) GTEST_SKIP() << "WASM_TESTSUITE is not set";
    std::size_t valid = 0;
    for (const SuiteModule& module : suite_modules()) {
        if (!Module::validate(module.bytes, Features::all())) continue;
        ++valid;
        Features features = Features::none();
        for (const cli::NeededFeature& need : cli::needed_features(module.bytes)) {
            features = features.with(need.feature);
            EXPECT_FALSE(Module::validate(module.bytes, Features::all().with(need.feature, false)))
                << module.where << ": " << to_string(need.feature) << ": " << need.witness;
        }
        const auto enough = Module::validate(module.bytes, features);
        EXPECT_TRUE(enough) << module.where << ": " << enough.error().message();
    }
    EXPECT_GT(valid, 1800u);
}

}  // namespace
}  // namespace waxwing::test
