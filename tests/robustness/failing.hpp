// A host whose memory runs out at a chosen moment: replaces operator new and delete of the
// executable this is linked into, and what the library calls of malloc and mmap (see the linker's
// option --wrap in meson.build). One thread only.
#pragma once

#include <cstddef>
#include <functional>

namespace waxwing::test {

// What is held now: blocks of operator new and malloc, and bytes that are mapped.
struct Held {
    std::size_t blocks = 0;
    std::size_t block_bytes = 0;
    std::size_t mapped_bytes = 0;
    friend bool operator==(const Held&, const Held&) = default;
};
Held held();

// Which requests fail: of those for `least` bytes or more, the one with the number `first`
// (from 1), and, if `all_after`, every later one.
struct Failure {
    std::size_t first = 0;
    std::size_t least = 0;
    bool all_after = false;
};

// One run of an operation, in which a request for memory may fail.
class Attempt {
public:
    explicit Attempt(const Failure& failure) : failure_(failure) {}

    // What `work` returns. Requests fail only in here; those of several calls are counted on.
    template <class Work>
    auto operator()(Work&& work) {
        const Armed armed(*this);
        return work();
    }
    // How many requests have failed.
    std::size_t failed() const { return failed_; }

private:
    class Armed {
    public:
        explicit Armed(Attempt& attempt);
        Armed(const Armed&) = delete;
        Armed& operator=(const Armed&) = delete;
        ~Armed();

    private:
        Attempt& attempt_;
    };
    const Failure failure_;
    std::size_t seen_ = 0;
    std::size_t failed_ = 0;
};

// Runs `scenario` with the first request failing, then the second, and so on, until none has
// failed; each time the one request, and then it and all that follow. Whatever the scenario
// has made must be gone when it returns. Tells how many requests there are.
using Scenario = std::function<void(Attempt&)>;
std::size_t fail_each(std::size_t least, const Scenario& scenario);

// The bound of what the library promises: larger requests fail as an error.
inline constexpr std::size_t large = 64 << 10;
inline constexpr std::size_t any = 0;

}  // namespace waxwing::test
