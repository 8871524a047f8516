#include "cli/input.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/console.hpp"
#include "core/printable.hpp"
#include "waxwing/text.hpp"

namespace waxwing::cli {
namespace {

std::unexpected<Error> io_error(const std::string& file) {
    return std::unexpected(Error(Code::io, ErrorKind::host, file + ": " + std::strerror(errno)));
}

std::string_view as_text(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Descriptor {
public:
    explicit Descriptor(int fd, bool owned = true) : fd_(fd), owned_(owned) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (owned_ && fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }

private:
    int fd_;
    bool owned_;
};

}  // namespace

Result<std::vector<std::byte>> read_input(const std::string& file) {
    const bool is_stdin = file == "-";
    const Descriptor in(is_stdin ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC),
                        !is_stdin);
    if (in.get() < 0) return io_error(file);

    // The size is only a hint: a pipe has none, and a file may change.
    struct stat status;
    const bool sized = ::fstat(in.get(), &status) == 0 && S_ISREG(status.st_mode);
    std::vector<std::byte> bytes(sized ? static_cast<std::size_t>(status.st_size) + 1 : 1 << 16);
    std::size_t filled = 0;
    for (;;) {
        const ssize_t count = ::read(in.get(), bytes.data() + filled, bytes.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return io_error(file);
        if (count == 0) break;
        filled += static_cast<std::size_t>(count);
        if (filled == bytes.size()) bytes.resize(bytes.size() * 2);
    }
    bytes.resize(filled);
    return bytes;
}

// A tab would move the caret away; it is a space here.
std::string excerpt(std::string_view text, std::size_t offset) {
    constexpr std::size_t before = 40, width = 72;  // bytes shown in front, and in all
    offset = std::min(offset, text.size());
    const std::size_t line =
        1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, offset), '\n'));
    const std::size_t start = text.substr(0, offset).rfind('\n') + 1;  // npos + 1 is 0
    const std::size_t end = std::min(text.find_first_of("\r\n", offset), text.size());

    const auto within_character = [&](std::size_t at) {
        return at < end && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    };
    std::size_t first = offset - start > before ? offset - before : start;
    std::size_t last = std::min(end, first + width);
    while (first < offset && within_character(first))
        ++first;
    while (last > offset && within_character(last))
        --last;
    const auto shown = [&](std::size_t from, std::size_t to) {
        std::string part(text.substr(from, to - from));
        std::ranges::replace(part, '\t', ' ');
        return printable(part);
    };
    const std::string head = (first != start ? "..." : "") + shown(first, offset);
    const auto columns = std::ranges::count_if(
        head, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    const std::string number = std::to_string(line);
    return fmt::format("  {} | {}{}{}\n  {:{}} | {:{}}^\n", number, head, shown(offset, last),
                       last != end ? "..." : "", "", number.size(), "", columns);
}

int InputError::report(const std::string& file) const {
    // The texts of Code::io begin with the file's name themselves.
    print_error(error, error.code() == Code::io ? std::string_view() : file, excerpt);
    return exit_code_of(error);
}

InputError ModuleInput::explain(Error error) const {
    if (text.empty()) return {std::move(error), {}};
    const std::string_view source = as_text(text);
    Error located = locate_in_text(error, source);
    if (located.message() == error.message()) return {std::move(error), {}};
    std::string lines = excerpt(source, *located.byte_offset());
    return {std::move(located), std::move(lines)};
}

Input<ModuleInput> parse_module(std::vector<std::byte> input) {
    // What begins with a zero byte is no text in any case: the decoder will say why.
    if (input.empty() || input.front() == std::byte(0)) return ModuleInput{std::move(input), {}};
    const std::string_view source = as_text(input);
    auto bytes = parse_wat(source);
    if (bytes) return ModuleInput{*std::move(bytes), std::move(input)};
    const auto offset = bytes.error().byte_offset();
    std::string lines = offset ? excerpt(source, *offset) : "";
    return std::unexpected(InputError{std::move(bytes).error(), std::move(lines)});
}

Input<ModuleInput> read_module(const std::string& file) {
    auto input = read_input(file);
    if (!input) return std::unexpected(InputError{std::move(input).error(), {}});
    return parse_module(*std::move(input));
}

Input<Module> load_module(const std::string& file, const LoadOptions& options) {
    const auto plain = [](Error error) {
        return std::unexpected(InputError{std::move(error), {}});
    };
    // A pipe must be opened once only.
    struct stat status;
    if (file != "-" && ::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
        const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
        if (in.get() < 0) return plain(io_error(file).error());
        char first = 1;
        if (::read(in.get(), &first, 1) == 1 && first == 0) {
            auto module = Module::load_file(file, options);
            if (!module) return plain(std::move(module).error());
            return *std::move(module);
        }
    }
    auto input = read_module(file);
    if (!input) return std::unexpected(std::move(input).error());
    if (input->text.empty()) {
        auto module = Module::load(std::move(input->bytes), options);
        if (!module) return plain(std::move(module).error());
        return *std::move(module);
    }
    auto module = Module::load(Bytes(input->bytes), options);
    if (!module) return std::unexpected(input->explain(std::move(module).error()));
    return *std::move(module);
}

}  // namespace waxwing::cli
