#include "process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace waxwing::test {
namespace {

// A file without a name, for one stream.
class Stream {
public:
    Stream() : file_(std::tmpfile()) {}
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { std::fclose(file_); }
    int fd() const { return ::fileno(file_); }
    void fill(std::string_view text) {
        std::fwrite(text.data(), 1, text.size(), file_);
        std::rewind(file_);
    }
    std::string contents() {
        std::string text;
        char buffer[4096];
        ::lseek(fd(), 0, SEEK_SET);
        for (ssize_t count; (count = ::read(fd(), buffer, sizeof buffer)) > 0;)
            text.append(buffer, static_cast<std::size_t>(count));
        return text;
    }

private:
    std::FILE* file_;
};

}  // namespace

Outcome waxwing(const std::vector<std::string>& args, std::string_view input,
                const std::vector<std::string>& env) {
    const char* program = std::getenv("WAXWING");
    if (!program) {
        ADD_FAILURE() << "WAXWING is not set";
        return {};
    }
    std::vector<char*> argv{const_cast<char*>(program)};
    for (const std::string& arg : args)
        argv.push_back(const_cast<char*>(arg.c_str()));
    argv.push_back(nullptr);

    Stream in, out, err;
    in.fill(input);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(in.fd(), 0);
        ::dup2(out.fd(), 1);
        ::dup2(err.fd(), 2);
        for (const std::string& variable : env)
            ::putenv(const_cast<char*>(variable.c_str()));
        ::execv(program, argv.data());
        ::_exit(99);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), out.contents(),
            err.contents()};
}

}  // namespace waxwing::test
