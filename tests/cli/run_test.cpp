#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "../api/support.hpp"
#include "process.hpp"

namespace waxwing::test {
namespace {

using Strings = std::vector<std::string>;

// A module that works with numbers only.
constexpr std::string_view math = R"((module $math
  (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
  (func (export "two") (result i32 i64) i32.const -1 i64.const 5000000000)
  (func (export "same_f32") (param f32) (result f32) local.get 0)
  (func (export "same_f64") (param f64) (result f64) local.get 0)
  (func (export "same_i64") (param i64) (result i64) local.get 0)
  (func (export "nothing"))
  (func $inner (param i32) (result i32) i32.const 1 local.get 0 i32.div_s)
  (func (export "trap") (result i32) i32.const 0 call $inner)
  (func (export "spin") (loop br 0))
  (memory (export "memory") 1)
  (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)))";

// Writes its arguments, then its environment, each ended by a newline.
constexpr std::string_view show = R"((module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $as (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $ag (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $es (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $eg (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $print (param $at i32) (param $end i32)
    (local $i i32)
    (local.set $i (local.get $at))
    (loop $next
      (if (i32.lt_u (local.get $i) (local.get $end)) (then
        (if (i32.eqz (i32.load8_u (local.get $i))) (then
          (i32.store8 (local.get $i) (i32.const 10))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next))))
    (i32.store (i32.const 16) (local.get $at))
    (i32.store (i32.const 20) (i32.sub (local.get $end) (local.get $at)))
    (drop (call $w (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))
  (func (export "_start")
    (drop (call $as (i32.const 0) (i32.const 4)))
    (drop (call $ag (i32.const 1024) (i32.const 4096)))
    (call $print (i32.const 4096) (i32.add (i32.const 4096) (i32.load (i32.const 4))))
    (drop (call $es (i32.const 0) (i32.const 4)))
    (drop (call $eg (i32.const 1024) (i32.const 4096)))
    (call $print (i32.const 4096) (i32.add (i32.const 4096) (i32.load (i32.const 4))))))
)";

// Makes the file "made" in its first directory; exits with the error of that.
constexpr std::string_view make_file = R"((module
  (import "wasi_snapshot_preview1" "path_open" (func $open
    (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "made")
  (func (export "_start")
    (call $exit (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4)
      (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 100)))))
)";

// Copies standard input to standard output, up to 1000 bytes.
constexpr std::string_view cat = R"((module
  (import "wasi_snapshot_preview1" "fd_read" (func $r (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 100))
    (i32.store (i32.const 4) (i32.const 1000))
    (drop (call $r (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store (i32.const 4) (i32.load (i32.const 8)))
    (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
)";

std::string exits_with(int status) {
    return R"((module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const )" +
           std::to_string(status) + "))))";
}

class Run : public testing::Test {
protected:
    std::string file(const std::string& name, std::string_view text) {
        return folder_.write(name, text).string();
    }
    Outcome invoke(Strings options, const std::string& function, Strings args = {}) {
        Strings all{"run"};
        all.insert(all.end(), options.begin(), options.end());
        all.insert(all.end(), {"--invoke", function, file("math.wat", math)});
        all.insert(all.end(), args.begin(), args.end());
        return waxwing(all);
    }
    Folder folder_;
};

TEST_F(Run, prints_what_a_function_returns) {
    const Outcome run = invoke({}, "add", {"40", "2"});
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(run.out, "42\n");
    EXPECT_EQ(run.err, "");
    EXPECT_EQ(invoke({}, "two").out, "-1\n5000000000\n");
    EXPECT_EQ(invoke({}, "nothing").out, "");
}

TEST_F(Run, prints_results_in_the_style_asked_for) {
    EXPECT_EQ(invoke({"--results", "typed"}, "two").out, "i32:-1\ni64:5000000000\n");
    EXPECT_EQ(invoke({"--results=json"}, "two").out,
              R"([{"type":"i32","value":-1},{"type":"i64","value":"5000000000"}])"
              "\n");
    EXPECT_EQ(invoke({"--results", "json"}, "nothing").out, "[]\n");
    EXPECT_EQ(invoke({"--results", "json"}, "same_f64", {"inf"}).out,
              R"([{"type":"f64","value":"inf"}])"
              "\n");
    EXPECT_EQ(invoke({"--results", "nice"}, "two").status, 2);
}

TEST_F(Run, reads_arguments_by_the_signature) {
    EXPECT_EQ(invoke({}, "add", {"0xffffffff", "0"}).out, "-1\n");
    EXPECT_EQ(invoke({}, "add", {"4294967295", "1"}).out, "0\n");
    EXPECT_EQ(invoke({}, "add", {"-2147483648", "i32:0"}).out, "-2147483648\n");
    EXPECT_EQ(invoke({}, "same_i64", {"-9223372036854775808"}).out, "-9223372036854775808\n");
    EXPECT_EQ(invoke({}, "same_f32", {"0.1"}).out, "0.1\n");
    EXPECT_EQ(invoke({}, "same_f64", {"-0x1.8p1"}).out, "-3\n");
    EXPECT_EQ(invoke({}, "same_f64", {"nan:0x8000000000001"}).out, "nan:0x8000000000001\n");
    EXPECT_EQ(invoke({}, "same_f64", {"-inf"}).out, "-inf\n");
}

TEST_F(Run, arguments_of_the_wrong_type_are_wrong_usage) {
    for (const char* wrong : {"x", "4294967296", "-2147483649", "1.5", "", "i64:1", "--1", "0x"}) {
        const Outcome run = invoke({}, "add", {wrong, "2"});
        EXPECT_EQ(run.status, 2) << wrong;
        EXPECT_NE(run.err.find("argument 1 of add: '" + std::string(wrong) + "' is not i32"),
                  std::string::npos)
            << run.err;
    }
    EXPECT_EQ(invoke({}, "add", {"1"}).status, 2);
    EXPECT_EQ(invoke({}, "add", {"1", "2", "3"}).status, 2);
    EXPECT_EQ(invoke({}, "same_f32", {"1e39"}).status, 2);
}

TEST_F(Run, missing_files_and_functions_are_127) {
    EXPECT_EQ(waxwing({"run", "missing.wasm"}).status, 127);
    EXPECT_EQ(waxwing({"missing.wasm"}).status, 127);
    const Outcome run = invoke({}, "missing");
    EXPECT_EQ(run.status, 127);
    EXPECT_NE(run.err.find("error[5003]"), std::string::npos) << run.err;
    EXPECT_EQ(invoke({}, "memory").status, 127);
}

TEST_F(Run, without_an_entry_point_the_functions_are_listed) {
    const Outcome run = waxwing({file("math.wat", math)});
    EXPECT_EQ(run.status, 127);
    EXPECT_NE(run.err.find("  add [i32 i32] -> [i32]\n"), std::string::npos) << run.err;
    EXPECT_EQ(run.out, "");
}

TEST_F(Run, rejected_modules_are_126) {
    const auto rejected = [&](std::string_view text, const char* message) {
        const Outcome run = waxwing({"run", file("bad", text)});
        EXPECT_EQ(run.status, 126) << run.err;
        EXPECT_NE(run.err.find(message), std::string::npos) << run.err;
    };
    rejected(std::string_view("\0asm\2\0\0\0", 8), "unknown binary version");
    rejected(std::string_view("\0as", 3), "unexpected end");
    rejected("", "unexpected end");
    rejected("(module (func (result i32)))", "type mismatch");
    rejected("(module (func", "error[5000]");
    rejected("hello", "error[5000]");
    rejected(R"((module (import "env" "f" (func)) (func (export "_start"))))", "unknown import");
    const Outcome wasi = waxwing({"run", "--dir", "/does/not/exist", file("m", make_file)});
    EXPECT_EQ(wasi.status, 126) << wasi.err;
    EXPECT_NE(wasi.err.find("error[5010]"), std::string::npos) << wasi.err;
}

TEST_F(Run, traps_are_134_with_a_backtrace) {
    const Outcome run = invoke({}, "trap");
    EXPECT_EQ(run.status, 134);
    EXPECT_TRUE(run.err.starts_with("error[5002]: trap: integer divide by zero\n  at math!inner "
                                    "(func 6) +0x"))
        << run.err;
    const auto outer = run.err.find("\n  at math!trap (func 7) +0x");
    EXPECT_NE(outer, std::string::npos) << run.err;
    EXPECT_EQ(run.out, "");
}

TEST_F(Run, fuel_is_125_and_time_is_124) {
    const Outcome fuel = invoke({"--fuel", "10000"}, "spin");
    EXPECT_EQ(fuel.status, 125);
    EXPECT_NE(fuel.err.find("error[5011]"), std::string::npos) << fuel.err;
    EXPECT_EQ(invoke({"--fuel", "10000"}, "nothing").status, 0);
    EXPECT_EQ(invoke({"--timeout", "30ms"}, "spin").status, 124);
    EXPECT_EQ(invoke({"--timeout=10s"}, "nothing").status, 0);
}

TEST_F(Run, guests_exit_with_their_own_status) {
    for (const int status : {0, 1, 7, 123, 255}) {
        const Outcome run = waxwing({file("exit.wat", exits_with(status))});
        EXPECT_EQ(run.status, status);
        EXPECT_EQ(run.err, "");
    }
    // A process has eight bits for it; none of those that mean failure seems to be success.
    const std::pair<int, int> wider[] = {
        {256, 255}, {65536, 255}, {-256, 255}, {259, 3}, {-1, 255}};
    for (const auto& [status, seen] : wider)
        EXPECT_EQ(waxwing({file("exit.wat", exits_with(status))}).status, seen) << status;
}

TEST_F(Run, memory_can_be_limited) {
    EXPECT_EQ(invoke({}, "grow", {"1"}).out, "1\n");
    // A quarter of it is the stack's.
    EXPECT_EQ(invoke({"--max-memory", "128K"}, "grow", {"1"}).out, "-1\n");
    EXPECT_EQ(invoke({"--max-memory", "256KiB"}, "grow", {"1"}).out, "1\n");
    EXPECT_EQ(invoke({"--max-memory", "256KiB"}, "grow", {"2"}).out, "-1\n");
    const Outcome refused = invoke({"--max-memory", "64K"}, "grow", {"0"});
    EXPECT_EQ(refused.status, 126);
    EXPECT_NE(refused.err.find("are left of the store's 65536"), std::string::npos) << refused.err;
}

TEST_F(Run, what_is_limited_is_all_that_the_guest_holds) {
    const std::string guest = file("holds.wat", R"((module (memory 1) (memory 1)
      (table 0 funcref) (type $a (array (mut i64))) (global $kept (mut anyref) (ref.null any))
      (func (export "memory") (result i32) (memory.grow 1 (i32.const 200)))
      (func (export "table") (result i32) (table.grow (ref.null func) (i32.const 2000000)))
      (func (export "array") (global.set $kept (array.new_default $a (i32.const 2000000))))))");
    const auto run = [&](const char* size, const char* function) {
        return waxwing({"run", "--max-memory", size, "--invoke", function, guest});
    };
    EXPECT_EQ(run("16M", "memory").out, "-1\n");
    EXPECT_EQ(run("32M", "memory").out, "1\n");
    EXPECT_EQ(run("16M", "table").out, "-1\n");
    EXPECT_EQ(run("32M", "table").out, "0\n");
    EXPECT_EQ(run("16M", "array").status, 134);
    EXPECT_EQ(run("32M", "array").status, 0);
    const std::string tables = file("tables.wat", R"((module (func (export "_start"))
      (table 10000000 funcref) (table 10000000 funcref)))");
    EXPECT_EQ(waxwing({"run", "--max-memory", "100M", tables}).status, 126);
}

TEST_F(Run, everything_after_file_is_the_guests) {
    const std::string guest = file("show.wat", show);
    EXPECT_EQ(waxwing({"run", guest, "--dir", "-x", "--", "a b", "--help", ""}).out,
              "show.wat\n--dir\n-x\n--\na b\n--help\n\n");
    EXPECT_EQ(waxwing({guest, "--env", "A=1"}).out, "show.wat\n--env\nA=1\n");
    EXPECT_EQ(waxwing({"run", "--", guest, "x"}).out, "show.wat\nx\n");
    EXPECT_EQ(waxwing({"run", "--argv0", "me", guest}).out, "me\n");
    EXPECT_EQ(waxwing({"--argv0=", guest}).out, "\n");
}

TEST_F(Run, the_environment_is_what_was_granted) {
    const std::string guest = file("show.wat", show);
    const Strings host{"FROM_HOST=1", "OTHER=2"};
    EXPECT_EQ(waxwing({guest}, {}, host).out, "show.wat\n");
    EXPECT_EQ(waxwing({"run", "--env", "A=1", "--env", "B=", "--env", "C=x=y", guest}).out,
              "show.wat\nA=1\nB=\nC=x=y\n");
    EXPECT_EQ(waxwing({"--env", "FROM_HOST", "--env=NOT_SET", guest}, {}, host).out,
              "show.wat\nFROM_HOST=1\n");
    EXPECT_EQ(waxwing({"--env", "=x", guest}).status, 2);
}

TEST_F(Run, directories_are_seen_only_if_granted) {
    const std::string guest = file("make.wat", make_file);
    const auto host = folder_.path() / "host";
    std::filesystem::create_directory(host);
    constexpr int bad_descriptor = 8;
    EXPECT_EQ(waxwing({guest}).status, bad_descriptor);
    const Outcome read_only = waxwing({"--dir", host.string() + "::/data:ro", guest});
    EXPECT_NE(read_only.status, 0);
    EXPECT_FALSE(std::filesystem::exists(host / "made"));
    const Outcome granted = waxwing({"--dir", host.string() + "::/data", guest});
    EXPECT_EQ(granted.status, 0) << granted.err;
    EXPECT_TRUE(std::filesystem::exists(host / "made"));
    std::filesystem::remove(host / "made");
    EXPECT_EQ(waxwing({"--walk-paths", "--dir", host.string() + "::/data", guest}).status, 0);
    EXPECT_TRUE(std::filesystem::exists(host / "made"));
    EXPECT_EQ(waxwing({"--dir", "::/x", guest}).status, 2);
    EXPECT_EQ(waxwing({"--dir", "", guest}).status, 2);
    EXPECT_EQ(waxwing({"--dir", host.string() + "::/data:max=1K:rw", guest}).status, 0);
    EXPECT_NE(waxwing({"--dir", host.string() + "::/data:ro:max=1K", guest}).status, 0);
    EXPECT_EQ(waxwing({"--dir", host.string() + "::/data:max=", guest}).status, 2);
}

TEST_F(Run, a_directory_may_have_a_quota) {
    // Writes to a file until that fails; exits with the error of that.
    const std::string guest = file("fill.wat", R"((module
      (import "wasi_snapshot_preview1" "path_open" (func $open
        (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "made")
      (data (i32.const 16) "\00\00\00\00\04\00\00\00")
      (func (export "_start") (local $error i32)
        (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4)
          (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 100)))
        (loop $again
          (local.set $error
            (call $w (i32.load (i32.const 100)) (i32.const 16) (i32.const 1) (i32.const 104)))
          (br_if $again (i32.eqz (local.get $error))))
        (call $exit (local.get $error)))))");
    constexpr int dquot = 19, nospc = 51;
    const auto host = folder_.path() / "full";
    std::filesystem::create_directory(host);
    EXPECT_EQ(waxwing({"--dir", host.string() + "::/data:max=1K", guest}).status, dquot);
    EXPECT_EQ(std::filesystem::file_size(host / "made"), 1024u);
    EXPECT_EQ(waxwing({"--temp-dir", "/tmp=1K", guest}).status, nospc);
}

TEST_F(Run, deterministic_runs_are_the_same) {
    const std::string guest = file("random.wat", R"((module
      (import "wasi_snapshot_preview1" "random_get" (func $r (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "clock_time_get"
        (func $c (param i32 i64 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "\10\00\00\00\10\00\00\00")
      (func (export "_start")
        (drop (call $r (i32.const 16) (i32.const 8)))
        (drop (call $c (i32.const 0) (i64.const 0) (i32.const 24)))
        (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))))");
    const std::string first = waxwing({"--deterministic", guest}).out;
    EXPECT_EQ(first.size(), 16u);
    EXPECT_EQ(waxwing({"--deterministic", guest}).out, first);
    EXPECT_NE(waxwing({guest}).out, first);
}

TEST_F(Run, a_socket_is_listened_on) {
    // Exits with the type of descriptor 3.
    const std::string guest = file("type.wat", R"((module
      (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $f (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (drop (call $f (i32.const 3) (i32.const 8)))
        (call $exit (i32.load8_u (i32.const 8))))))");
    constexpr int socket_stream = 6;
    EXPECT_EQ(waxwing({guest}).status, 0);
    EXPECT_EQ(waxwing({"--listen", "127.0.0.1:0", guest}).status, socket_stream);
    const Outcome wrong = waxwing({"--listen", "nowhere", guest});
    EXPECT_NE(wrong.err.find("listeners[0]: \"nowhere\": "), std::string::npos) << wrong.err;
}

TEST_F(Run, a_temporary_directory_is_in_memory) {
    const std::string guest = file("make.wat", make_file);
    EXPECT_EQ(waxwing({"--temp-dir", "/tmp", guest}).status, 0);
    EXPECT_EQ(waxwing({"--temp-dir", "/tmp=1K", guest}).status, 0);
    EXPECT_FALSE(std::filesystem::exists("/tmp/made"));
    const Outcome wrong = waxwing({"--temp-dir", "/tmp=lots", guest});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_NE(wrong.err.find("--temp-dir /tmp=lots: expected GUEST or GUEST=SIZE"),
              std::string::npos)
        << wrong.err;
    EXPECT_EQ(waxwing({"--temp-dir", "=1K", guest}).status, 2);
}

TEST_F(Run, granting_the_host_root_is_warned_about) {
    const std::string guest = file("exit.wat", exits_with(0));
    const Outcome run = waxwing({"--dir", "/usr/..::/all", guest});
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.err.find("warning: --dir /usr/..::/all: the guest can reach every file"),
              std::string::npos)
        << run.err;
    EXPECT_EQ(waxwing({"--dir", folder_.path(), guest}).err, "");
}

TEST_F(Run, streams_are_those_of_the_command) {
    EXPECT_EQ(waxwing({file("cat.wat", cat)}, "some text").out, "some text");
}

TEST_F(Run, a_module_may_come_from_standard_input) {
    EXPECT_EQ(waxwing({"run", "--invoke", "add", "-", "1", "2"}, math).out, "3\n");
    EXPECT_EQ(waxwing({"-"}, exits_with(9)).status, 9);
    // The guest finds nothing left there.
    EXPECT_EQ(waxwing({"-"}, std::string(cat) + "   ").out, "");
}

TEST_F(Run, text_and_binary_are_told_apart_by_content) {
    const std::string text = file("text.wasm", math);
    const std::string binary = (folder_.path() / "binary.wat").string();
    ASSERT_EQ(waxwing({"parse", text, "-o", binary}).status, 0);
    EXPECT_EQ(waxwing({"run", "--invoke", "add", text, "1", "2"}).out, "3\n");
    EXPECT_EQ(waxwing({"run", "--invoke", "add", binary, "1", "2"}).out, "3\n");
}

TEST_F(Run, a_reactor_is_initialized_before_it_is_called) {
    const std::string reactor = file("reactor.wat", R"((module
      (global $g (mut i32) (i32.const 0))
      (func (export "_initialize") (global.set $g (i32.const 7)))
      (func (export "get") (result i32) global.get $g)))");
    EXPECT_EQ(waxwing({"run", "--invoke", "get", reactor}).out, "7\n");
    EXPECT_EQ(waxwing({"run", reactor}).status, 0);
}

TEST_F(Run, wrong_options_are_wrong_usage) {
    const std::string guest = file("exit.wat", exits_with(0));
    for (const Strings& args : std::vector<Strings>{{"run"},
                                                    {"run", "--bogus", guest},
                                                    {"--bogus", guest},
                                                    {"run", "--fuel", "x", guest},
                                                    {"run", "--fuel", "-1", guest},
                                                    {"run", "--timeout", "2 days", guest},
                                                    {"run", "--timeout", "-1s", guest},
                                                    {"run", "--max-memory", "1X", guest},
                                                    {"run", "--env"},
                                                    {}}) {
        const Outcome run = waxwing(args);
        EXPECT_EQ(run.status, 2) << testing::PrintToString(args) << run.err;
    }
    EXPECT_NE(waxwing({"run", "--bogus", guest}).err.find("--bogus"), std::string::npos);
}

}  // namespace
}  // namespace waxwing::test
