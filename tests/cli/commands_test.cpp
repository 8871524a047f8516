#include <gtest/gtest.h>

#include <chrono>

#include "../api/support.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/run_options.hpp"
#include "process.hpp"

namespace waxwing::test {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Command, help_lists_every_command) {
    const Outcome help = waxwing({"--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_EQ(help.out, waxwing({"help"}).out);
    for (const cli::Command& command : cli::commands())
        EXPECT_TRUE(contains(help.out, std::string("  ") + std::string(command.name) + " "));
}

TEST(Command, every_command_explains_itself) {
    for (const cli::Command& command : cli::commands()) {
        const std::string name(command.name);
        const Outcome help = waxwing({"help", name});
        EXPECT_EQ(help.status, 0) << name;
        EXPECT_TRUE(contains(help.out, "waxwing " + name)) << help.out;
        EXPECT_EQ(help.err, "");
        if (name == "help" || name == "version") continue;
        EXPECT_EQ(waxwing({name, "--help"}).out, help.out);
        EXPECT_EQ(waxwing({name, "--no-such-option"}).status, 2);
    }
    EXPECT_EQ(waxwing({"help", "nonsense"}).status, 2);
}

TEST(Command, help_has_no_colour_outside_of_a_terminal) {
    EXPECT_FALSE(contains(waxwing({"run", "--help"}).out, "\x1b"));
}

TEST(Command, lines_of_help_fit_a_terminal) {
    for (const char* name : {"run", "validate", "inspect", "parse", "print", "dump"}) {
        const std::string help = waxwing({name, "--help"}).out;
        for (std::size_t at = 0; at < help.size();) {
            const std::size_t end = std::min(help.find('\n', at), help.size());
            EXPECT_LE(end - at, 90u) << help.substr(at, end - at);
            at = end + 1;
        }
    }
}

TEST(Command, version_is_told) {
    const Outcome version = waxwing({"version"});
    EXPECT_EQ(version.status, 0);
    EXPECT_TRUE(version.out.starts_with("waxwing 0.")) << version.out;
    EXPECT_EQ(waxwing({"--version"}).out, version.out);
}

TEST(Validate, says_nothing_about_valid_modules) {
    const Folder folder;
    const std::string good = folder.write("good.wat", add_module);
    const std::string bad = folder.write("bad.wat", "(module (func (result i32) i64.const 0))");
    const Outcome fine = waxwing({"validate", good, good});
    EXPECT_EQ(fine.status, 0);
    EXPECT_EQ(fine.out + fine.err, "");
    EXPECT_EQ(waxwing({"validate", "-v", good}).out, good + ": valid\n");

    const Outcome mixed = waxwing({"validate", good, bad, "missing"});
    EXPECT_EQ(mixed.status, 1);
    EXPECT_TRUE(contains(mixed.err, bad + ": error[5000]: type mismatch")) << mixed.err;
    EXPECT_TRUE(contains(mixed.err, "error[5008]: missing: No such file")) << mixed.err;
    EXPECT_EQ(waxwing({"validate"}).status, 2);
    EXPECT_EQ(waxwing({"validate", "-"}, add_module).status, 0);
}

TEST(Parse, writes_the_binary_form) {
    const Folder folder;
    const std::string text = folder.write("a.wat", "(module)");
    const Outcome parsed = waxwing({"parse", text, "-o", "-"});
    EXPECT_EQ(parsed.status, 0) << parsed.err;
    EXPECT_EQ(parsed.out, std::string("\0asm\1\0\0\0", 8));
    EXPECT_EQ(waxwing({"parse", "-"}, "(module)").out, parsed.out);
    const Outcome wrong = waxwing({"parse", folder.write("b.wat", "(module (func (nop x)))")});
    EXPECT_EQ(wrong.status, 126);
    EXPECT_TRUE(contains(wrong.err, "b.wat: error[5000]")) << wrong.err;
    EXPECT_EQ(waxwing({"parse", "missing.wat"}).status, 127);
    EXPECT_EQ(waxwing({"parse", text, "-o", text}).status, 2);
}

TEST(Print, writes_the_text_form) {
    const Folder folder;
    const std::string file = folder.write("a.wat", "(func $f (drop (i32.const 1)))");
    const Outcome flat = waxwing({"print", file});
    EXPECT_EQ(flat.status, 0) << flat.err;
    EXPECT_EQ(flat.out, "(module\n  (type (;0;) (func))\n  (func $f (;0;) (type 0)\n"
                        "    i32.const 1\n    drop)\n)\n");
    EXPECT_TRUE(contains(waxwing({"print", "--fold", file}).out, "(drop (i32.const 1))"));
    EXPECT_TRUE(contains(waxwing({"print", "--offsets", file}).out, "\n(;0x17;)    i32.const 1"));

    const std::string out = file + ".out";
    EXPECT_EQ(waxwing({"print", file, "-o", out}).status, 0);
    EXPECT_EQ(waxwing({"print", out}).out, flat.out);
    EXPECT_EQ(waxwing({"print", file, "-o", file}).status, 2);
    EXPECT_EQ(waxwing({"print", file, "-o", "/dev/full"}).status, 1);
    EXPECT_EQ(waxwing({"print", "missing"}).status, 127);
    const Outcome broken = waxwing({"print", "-"}, std::string("\0asm\1\0\0\0\x0A", 9));
    EXPECT_EQ(broken.status, 126);
    EXPECT_TRUE(contains(broken.err, "unexpected end of section")) << broken.err;
}

TEST(Dump, lists_sections_and_instructions) {
    const Folder folder;
    const std::string file =
        folder.write("a.wat", R"((module (import "env" "f" (func $f)) (memory 1)
          (func $g (export "run") (local i32) (if (local.get 0) (then (call $f)))
            (f64.store offset=8 (i32.const 4) (f64.const 1.5)))
          (data (i32.const 8) "hello\00")))");
    const Outcome all = waxwing({"dump", file});
    EXPECT_EQ(all.status, 0) << all.err;
    const std::string code = "func 1 $g, 25 bytes at 0x2f\n"
                             "  local 1 x i32\n"
                             "000032: 20 00                    local.get 0\n"
                             "000034: 04 40                    if (;@1;)\n"
                             "000036: 10 00                      call $f\n"
                             "000038: 0b                       end\n"
                             "000039: 41 04                    i32.const 4\n"
                             "00003b: 44 00 00 00 00 00 00 f8  f64.const 1.5\n"
                             "000043: 3f\n"
                             "000044: 39 03 08                 f64.store offset=8\n"
                             "000047: 0b                       end\n";
    const std::string headers = waxwing({"dump", "--headers", file}).out;
    EXPECT_TRUE(
        contains(headers, "import                           9 bytes at 0x10        1 entry\n"))
        << headers;
    EXPECT_EQ(all.out, headers + "\n" + code);
    for (const char* which : {"1", "$g", "g", "run"}) {
        EXPECT_EQ(waxwing({"dump", "--function", which, file}).out, code) << which;
    }
    EXPECT_EQ(waxwing({"dump", "--function", "0", file}).status, 127);
}

TEST(Dump, tells_what_sections_say_and_what_they_are_made_of) {
    const Folder folder;
    const std::string file = folder.write(
        "a.wat", "(module (func $f) (start $f) (data \"ab\") (@custom \"c\" \"\\01\\02\"))");
    const auto section = [&](const char* name) {
        return waxwing({"dump", "--section", name, file}).out;
    };
    EXPECT_TRUE(contains(section("start"), "\n(;0x14;)  (start $f)\n")) << section("start");
    EXPECT_TRUE(contains(section("function"), "\n000011: func 0 $f (type 0)\n"))
        << section("function");
    EXPECT_TRUE(contains(section("code"), "\n00001a: 0b                       end\n"))
        << section("code");
    EXPECT_TRUE(contains(section("c"), ": 01 63 01 02                                      .c..\n"))
        << section("c");
    EXPECT_TRUE(contains(waxwing({"dump", "-s", "--section", "data", file}).out,
                         ": 01 01 02 61 62                                   ...ab\n"));
    const std::string details = waxwing({"dump", "--details", file}).out;
    EXPECT_TRUE(contains(details, "(start $f)\n\ndata"));
    EXPECT_FALSE(contains(details, "end\n"));
    const Outcome none = waxwing({"dump", "--section", "nothing", file});
    EXPECT_EQ(none.status, 127);
    EXPECT_TRUE(contains(none.err, "no section nothing"));
}

TEST(Inspect, shows_imports_exports_and_sections) {
    const Folder folder;
    const std::string file = folder.write("a.wat", R"((module $lib
      (import "env" "log" (func (param i32)))
      (memory (export "memory") 1 2)
      (func (export "f\"") (param i64) (result i64) local.get 0 i64.extend8_s)))");
    const Outcome text = waxwing({"inspect", file});
    EXPECT_EQ(text.status, 0) << text.err;
    EXPECT_TRUE(contains(text.out, "name lib\n")) << text.out;
    EXPECT_TRUE(contains(text.out, "  function env.log  [i32] -> []\n"));
    EXPECT_TRUE(contains(text.out, "  memory   memory  1 2\n"));
    EXPECT_TRUE(
        contains(text.out, "features needed\n  sign-extension           i64.extend8_s at 0x43\n"));

    const Outcome json = waxwing({"inspect", "--json", file});
    EXPECT_TRUE(contains(json.out, R"("imports":[{"module":"env","name":"log","kind":"function",)"
                                   R"("params":["i32"],"results":[]}])"))
        << json.out;
    EXPECT_TRUE(contains(json.out, R"({"name":"f\"","kind":"function","params":["i64"],)"
                                   R"("results":["i64"]})"));
    EXPECT_TRUE(contains(json.out, R"("features":[{"name":"sign-extension",)"
                                   R"("needed_by":"i64.extend8_s","offset":67}]})"));
    EXPECT_TRUE(contains(json.out, R"({"name":"type","offset":10,)"));
    EXPECT_EQ(waxwing({"inspect", "missing"}).status, 127);
}

TEST(Options, durations_have_units) {
    using namespace std::chrono_literals;
    EXPECT_EQ(cli::parse_duration("300ms"), 300ms);
    EXPECT_EQ(cli::parse_duration("2s"), 2s);
    EXPECT_EQ(cli::parse_duration("1.5m"), 90s);
    EXPECT_EQ(cli::parse_duration("2"), 2s);
    EXPECT_EQ(cli::parse_duration("1h"), 3600s);
    for (const char* wrong : {"", "s", "-1s", "2 s", "2d", "1e30s", "nan", "0x1s"})
        EXPECT_EQ(cli::parse_duration(wrong), std::nullopt) << wrong;
}

TEST(Options, counts_have_no_sign) {
    EXPECT_EQ(cli::parse_count("18446744073709551615"), ~std::uint64_t{0});
    for (const char* wrong : {"", "-1", "+1", "1e3", "18446744073709551616"})
        EXPECT_EQ(cli::parse_count(wrong), std::nullopt) << wrong;
}

TEST(Options, sizes_have_units) {
    EXPECT_EQ(cli::parse_size("65536"), 65536u);
    EXPECT_EQ(cli::parse_size("64K"), 65536u);
    EXPECT_EQ(cli::parse_size("1.5M"), 1572864u);
    EXPECT_EQ(cli::parse_size("4GiB"), std::uint64_t{4} << 30);
    for (const char* wrong : {"", "K", "-1", "1 K", "1T", "1e40"})
        EXPECT_EQ(cli::parse_size(wrong), std::nullopt) << wrong;
}

TEST(Options, preopens_name_host_guest_and_rights) {
    const auto preopen = [](const char* text) { return cli::parse_preopen(text); };
    EXPECT_EQ(preopen("a")->host, "a");
    EXPECT_EQ(preopen("a")->guest, "a");
    EXPECT_FALSE(preopen("a")->read_only);
    EXPECT_EQ(preopen("a:b::/c:ro")->host, "a:b");
    EXPECT_EQ(preopen("a:b::/c:ro")->guest, "/c");
    EXPECT_TRUE(preopen("a:b::/c:ro")->read_only);
    EXPECT_EQ(preopen("a:rw")->host, "a");
    EXPECT_EQ(preopen("a::/b:max=2K:ro")->max_bytes, 2048u);
    EXPECT_TRUE(preopen("a::/b:max=2K:ro")->read_only);
    EXPECT_EQ(preopen("a:max=1:b")->host, "a:max=1:b");
    EXPECT_FALSE(preopen("a:max=x"));
    EXPECT_FALSE(preopen("a::"));
    EXPECT_FALSE(preopen("::a"));
    EXPECT_FALSE(preopen(""));
}

}  // namespace
}  // namespace waxwing::test
