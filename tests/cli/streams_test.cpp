// What the command does when its output cannot be written, and what it lets through to a
// terminal.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "../api/support.hpp"
#include "process.hpp"

namespace waxwing::test {
namespace {

namespace fs = std::filesystem;

// Runs a line of the shell, in which $W is the command and $1 a file; its status.
int shell(const std::string& line, const std::string& file) {
    const std::string script = "W=$WAXWING; " + line;
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl("/bin/sh", "sh", "-c", script.c_str(), "sh", file.c_str(), nullptr);
        ::_exit(99);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string contents(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

constexpr const char* commands_with_output[] = {
    "$W --help",        "$W --version",         "$W help run",          "$W run --help",
    "$W inspect $1",    "$W inspect --json $1", "$W dump $1",           "$W print $1",
    "$W parse $1 -o -", "$W validate -v $1",    "$W run --invoke f $1",
};

TEST(Streams, output_that_cannot_be_written_is_a_failure) {
    const Folder folder;
    const std::string file =
        folder.write("a.wat", "(func (export \"f\") (result i32) i32.const 7)");
    for (const std::string command : commands_with_output) {
        const std::string err = folder.write("err", "");
        EXPECT_EQ(shell(command + " >/dev/full 2>" + err, file), 1) << command;
        EXPECT_NE(contents(err).find("No space left on device"), std::string::npos) << command;
        EXPECT_EQ(shell(command + " >&- 2>/dev/null", file), 1) << command;
        EXPECT_EQ(shell(command + " >/dev/full 2>/dev/full", file), 1) << command;
        EXPECT_EQ(shell(command + " >&- 2>&-", file), 1) << command;
        // A pipe that nobody reads: its status comes out of the subshell by a file.
        const std::string status = folder.write("status", "");
        shell("(sleep 0.05; " + command + " 2>/dev/null; echo $? >" + status + ") | true", file);
        EXPECT_EQ(contents(status), "1\n") << command;
    }
}

TEST(Streams, messages_that_cannot_be_written_change_no_failure) {
    const Folder folder;
    const std::string bad = folder.write("bad.wat", "(func (result i32))");
    for (const char* stderr_of : {" 2>&-", " 2>/dev/full"}) {
        EXPECT_EQ(shell(std::string("$W validate $1") + stderr_of, bad), 1);
        EXPECT_EQ(shell(std::string("$W run $1") + stderr_of, bad), 126);
        EXPECT_EQ(shell(std::string("$W run --no-such-option") + stderr_of, bad), 2);
        EXPECT_EQ(shell(std::string("$W run $1.missing") + stderr_of, bad), 127);
        EXPECT_EQ(shell(std::string("$W wast $1") + stderr_of + " >/dev/full", bad), 1);
    }
}

TEST(Streams, no_file_becomes_a_stream_that_is_closed) {
    const Folder folder;
    const std::string file = folder.write("a.wat", "(func $x (drop (i32.const 1)))");
    const std::string out = file + ".out";
    EXPECT_EQ(shell("$W print $1 -o $1.out >&- 2>&- <&-", file), 0);
    EXPECT_EQ(contents(out), waxwing({"print", file}).out);
}

TEST(Streams, files_are_written_whole_or_not_at_all) {
    const Folder folder;
    const std::string text = folder.write("a.wat", "(func)");
    const std::string bad = folder.write("bad.wat", "(func nonsense)");
    const std::string out = folder.write("out", "before");
    EXPECT_EQ(waxwing({"parse", bad, "-o", out}).status, 126);
    EXPECT_EQ(contents(out), "before");
    // Some of the text is made before the error is met.
    const std::string broken = folder.write(
        "broken.wasm", std::string("\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\x0a\5\1\3\0\xff\x0b", 25));
    EXPECT_EQ(waxwing({"print", broken, "-o", out}).status, 126);
    EXPECT_EQ(contents(out), "before");
    EXPECT_EQ(waxwing({"print", text, "-o", out}).status, 0);
    EXPECT_EQ(contents(out), waxwing({"print", text}).out);
    const Outcome missing = waxwing({"parse", text, "-o", out + "/x/y"});
    EXPECT_EQ(missing.status, 1);
    EXPECT_NE(missing.err.find("out/x/y: "), std::string::npos) << missing.err;
    EXPECT_EQ(waxwing({"parse", text, "-o", "/dev/full"}).status, 1);
    for (const auto& entry : fs::directory_iterator(fs::path(out).parent_path()))
        EXPECT_EQ(entry.path().string().find(".part"), std::string::npos) << entry.path();
}

TEST(Streams, names_have_no_control_characters) {
    const Folder folder;
    const std::string evil = R"(\1b]0;T\07\c2\9b31m\e2\80\ae)";
    const std::string wat = "(module $\"m" + evil + "\" (import \"env" + evil + "\" \"x" + evil +
                            "\" (func)) (func $\"f" + evil + "\" (export \"a" + evil +
                            "\") unreachable) (@custom \"c" + evil + "\" \"\"))";
    const std::string file = folder.write("a.wat", wat);
    const std::string trap = folder.write("t.wat", "(module $\"m" + evil + "\" (func $\"f" + evil +
                                                       "\" (export \"_start\") unreachable))");
    const std::string twice =
        folder.write("d.wat", "(func (export \"a" + evil + "\") (export \"a" + evil + "\"))");
    const std::string script =
        folder.write("s.wast", "(module) (assert_return (invoke \"a" + evil + "\"))");
    const std::vector<std::vector<std::string>> calls = {
        {"run", file},
        {"run", "--invoke", "\x1b[1m", file},
        {"run", trap},
        {"validate", twice},
        {"inspect", file},
        {"inspect", "--json", file},
        {"dump", file},
        {"dump", "--details", file},
        {"print", file},
        {"wast", script},
        {"wast", "--json", script},
        {"wast", "--tap", script},
        {"run", "\x1b[2J"},
        {"\x1b[2J"},
        {"run", "--\x1b[2J"},
        {"wast", "\x1b[2J"},
        {"help", "\x1b[2J"},
        {"run", "--dir", "\x1b[2J", "\x1b"},
        {"run", "--fuel", "\x1b", file},
    };
    for (const auto& call : calls) {
        const Outcome outcome = waxwing(call);
        const std::string text = outcome.out + outcome.err;
        EXPECT_NE(text, "") << call[0];
        for (const char* part : {"\x1b", "\a", "\u009b", "\u202e"})
            EXPECT_EQ(text.find(part), std::string::npos) << call[0] << ": " << text;
    }
    EXPECT_NE(waxwing({"run", trap}).err.find(R"(at m\1b]0;T\07\u{9b}31m\u{202e}!f\1b)"),
              std::string::npos);
}

}  // namespace
}  // namespace waxwing::test
