// Files that a command makes.
#pragma once

#include <string>
#include <string_view>

#include "waxwing/error.hpp"

namespace waxwing::cli {

// A file that is there when it is whole: written beside its place, then put into it.
// What is no regular file, such as a device or a pipe, is written at once, and so is a
// file in a directory that takes no new ones. "-" is standard output. Errors: Code::io,
// the texts begin with the file's name.
class OutputFile {
public:
    static Result<OutputFile> create(const std::string& path);
    OutputFile(OutputFile&& other) noexcept;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile();  // without commit(): the file is as it was before

    // False if it cannot be written; commit() says why.
    bool write(std::string_view bytes);
    // To be called when everything has been written.
    Result<void> commit();

private:
    OutputFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
    bool flush();

    std::string path_;
    std::string target_;     // what path_ leads to
    std::string temporary_;  // empty if target_ itself is written
    std::string buffer_;
    int fd_;
    int error_ = 0;
};

}  // namespace waxwing::cli
