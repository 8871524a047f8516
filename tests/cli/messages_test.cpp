// What the command says, and what it ends with.
#include <gtest/gtest.h>

#include <cstdint>

#include "../api/support.hpp"
#include "cli/input.hpp"
#include "cli/values.hpp"
#include "process.hpp"

namespace waxwing::test {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Messages, errors_in_text_show_the_line) {
    const Folder folder;
    const std::string file = folder.write("a.wat", "(module\n"
                                                   "  (func $f (result i32)\n"
                                                   "    (i32.add (i32.const 1)\n"
                                                   "\t(i64.const 2))))\n");
    const std::string place =
        ": error[5000]: type mismatch: instruction requires [i32 i32] but stack has [i32 i64]"
        " (at line 3, column 5, func 0 $f)\n"
        "  3 |     (i32.add (i32.const 1)\n"
        "    |     ^\n";
    for (const char* command : {"validate", "run", "inspect"})
        EXPECT_TRUE(contains(waxwing({command, file}).err, place)) << waxwing({command, file}).err;
    const Outcome malformed = waxwing({"parse", "-"}, "(func\n\t(nop x))");
    EXPECT_EQ(malformed.err, "-: error[5000]: unknown operator x (at line 2, column 7)\n"
                             "  2 |  (nop x))\n"
                             "    |       ^\n");
}

TEST(Messages, errors_in_scripts_show_the_line) {
    const Folder folder;
    const std::string file =
        folder.write("a.wast", "(module)\n(module\n  (func $g (local.get 3)))\n"
                               "(assert_return (invoke \"a\"))\n(assert_return (invoke \"b\"))\n");
    const Outcome outcome = waxwing({"wast", file});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.out, ":2: module: invalid: unknown local 3 (at line 3, column 12,"
                                      " func 0 $g) (and 2 more that need it)\n"
                                      "  3 |   (func $g (local.get 3)))\n"
                                      "    |            ^\n"))
        << outcome.out;
    EXPECT_FALSE(contains(outcome.out, "assert_return")) << outcome.out;
    EXPECT_TRUE(contains(outcome.out, "0 passed, 3 failed")) << outcome.out;
}

TEST(Messages, long_lines_are_cut_around_the_caret) {
    const std::string line = std::string(200, 'a') + "X" + std::string(200, 'b');
    EXPECT_EQ(cli::excerpt("1\n" + line + "\n", 202), "  2 | ..." + std::string(40, 'a') + "X" +
                                                          std::string(31, 'b') + "...\n    | " +
                                                          std::string(43, ' ') + "^\n");
    EXPECT_EQ(cli::excerpt("\u00fc\x1bx", 3), "  1 | \u00fc\\1bx\n    |     ^\n");
    EXPECT_EQ(cli::excerpt("", 0), "  1 | \n    | ^\n");
    EXPECT_EQ(cli::excerpt("a\r\nb", 7), "  2 | b\n    |  ^\n");
}

TEST(Messages, an_empty_file_is_no_module) {
    const Folder folder;
    const std::string file = folder.write("empty", "");
    for (const char* command : {"run", "inspect", "dump", "print", "parse"}) {
        const Outcome outcome = waxwing({command, file});
        EXPECT_EQ(outcome.status, 126) << command;
        EXPECT_TRUE(contains(outcome.err, "empty: error[5000]: unexpected end")) << outcome.err;
    }
    EXPECT_EQ(waxwing({"validate", file}).status, 1);
    EXPECT_EQ(waxwing({"parse", "-"}, std::string("\0as", 3)).status, 126);
}

TEST(Messages, what_cannot_be_read_is_named) {
    const Folder folder;
    const std::string dir = folder.write("file", "");
    const std::string parent = dir.substr(0, dir.rfind('/'));
    for (const char* command : {"run", "inspect", "dump", "print", "parse"}) {
        const Outcome outcome = waxwing({command, parent});
        EXPECT_EQ(outcome.status, 127) << command;
        EXPECT_TRUE(contains(outcome.err, parent + ": Is a directory")) << outcome.err;
    }
}

TEST(Messages, a_start_function_may_exit) {
    const Folder folder;
    const auto module = [&](const char* status) {
        return folder.write("exit.wat",
                            std::string("(import \"wasi_snapshot_preview1\" \"proc_exit\" (func $e "
                                        "(param i32))) (memory (export \"memory\") 1)"
                                        "(func $s (call $e (i32.const ") +
                                status + "))) (start $s) (func (export \"_start\"))");
    };
    const Outcome zero = waxwing({"run", module("0")});
    EXPECT_EQ(zero.status, 0);
    EXPECT_EQ(zero.err, "");
    const Outcome seven = waxwing({"run", module("7")});
    EXPECT_EQ(seven.status, 7);
    EXPECT_EQ(seven.err, "");
}

TEST(Messages, a_reactor_takes_no_arguments) {
    const Folder folder;
    const std::string file =
        folder.write("r.wat", "(func (export \"_initialize\")) (func (export \"f\") (param i32))");
    EXPECT_EQ(waxwing({"run", file}).status, 0);
    const Outcome outcome = waxwing({"run", file, "7"});
    EXPECT_EQ(outcome.status, 127);
    EXPECT_TRUE(contains(outcome.err, "there is no _start to run")) << outcome.err;
    EXPECT_EQ(waxwing({"run", "--invoke", "f", file, "7"}).status, 0);
}

TEST(Messages, what_ran_out_says_where_the_guest_was) {
    const Folder folder;
    const std::string file = folder.write(
        "spin.wat",
        "(module $m (func $inner (loop br 0)) (func $outer (export \"f\") call $inner))");
    const Outcome fuel = waxwing({"run", "--fuel", "1000", "--invoke", "f", file});
    EXPECT_EQ(fuel.status, 125);
    EXPECT_TRUE(contains(fuel.err, "error[5011]: all fuel consumed\n  at m!inner (func 0) +0x"))
        << fuel.err;
    EXPECT_TRUE(contains(fuel.err, "\n  at m!outer (func 1) +0x")) << fuel.err;
    const Outcome time = waxwing({"run", "--timeout", "50ms", "--invoke", "f", file});
    EXPECT_EQ(time.status, 124);
    EXPECT_TRUE(contains(time.err, "interrupted\n  at m!inner (func 0) +0x")) << time.err;
    EXPECT_TRUE(contains(time.err, "\n  at m!outer (func 1) +0x")) << time.err;
}

TEST(Arguments, are_numbers_of_the_text_format) {
    const auto f32_of = [](const char* text) { return cli::parse_value(f32, text); };
    EXPECT_EQ(f32_of("1e-46")->bits(), 0u);
    EXPECT_EQ(f32_of("-1e-46")->bits(), 0x8000'0000u);
    EXPECT_EQ(f32_of("1e-45")->bits(), 1u);
    EXPECT_EQ(f32_of("0x1.8p1")->as_f32(), 3.0f);
    EXPECT_EQ(f32_of("0X1P4")->as_f32(), 16.0f);
    EXPECT_EQ(f32_of(".5")->as_f32(), 0.5f);
    EXPECT_EQ(f32_of("7")->as_f32(), 7.0f);
    EXPECT_EQ(f32_of("-nan:0x200000")->bits(), 0xFFA0'0000u);
    EXPECT_EQ(f32_of("-infinity")->bits(), 0xFF80'0000u);
    EXPECT_EQ(cli::parse_value(f64, "4.9e-324")->bits(), 1u);
    EXPECT_EQ(cli::parse_value(f64, "1e-400")->bits(), 0u);
    EXPECT_EQ(cli::parse_value(i32, "4294967295")->bits(), 0xFFFF'FFFFu);
    EXPECT_EQ(cli::parse_value(i32, "-2147483648")->bits(), 0x8000'0000u);
    EXPECT_EQ(cli::parse_value(i64, "-0x8000000000000000")->bits(), std::uint64_t{1} << 63);
    for (const char* wrong : {"0x-1", "0x+1", "--1", "+-1", "1e39", "0x1p128", "nan:0x0",
                              "nan:0x800000", "", "-", " 1", "1 ", "0x", "1e", "0x1p", "1,5"})
        EXPECT_EQ(f32_of(wrong), std::nullopt) << wrong;
    for (const char* wrong : {"4294967296", "-2147483649", "0x-1", "-0x-1", "1.0", "1e3", "",
                              "99999999999999999999", " 1", "1 ", "\n1", "inf"})
        EXPECT_EQ(cli::parse_value(i32, wrong), std::nullopt) << wrong;
    EXPECT_EQ(cli::parse_value(ValType::ref(HeapKind::extern_, true), "-0"), std::nullopt);
}

}  // namespace
}  // namespace waxwing::test
