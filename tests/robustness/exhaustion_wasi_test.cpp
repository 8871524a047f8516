// WASI where memory runs out: the guest sees nomem, and nothing is half done.
#include <algorithm>
#include <cstring>

#include "exhaustion.hpp"
#include "wasi/abi.hpp"
#include "wasi/errno.hpp"
#include "waxwing/wasi.hpp"

namespace waxwing::test {
namespace {

using wasi::Errno;

// A module that exports a function of the same name for each of preview1 that the tests call.
struct Imported {
    const char* name;
    const char* params;
};
constexpr Imported imported[] = {
    {"args_get", "i32 i32"},
    {"environ_get", "i32 i32"},
    {"fd_write", "i32 i32 i32 i32"},
    {"fd_pwrite", "i32 i32 i32 i64 i32"},
    {"fd_read", "i32 i32 i32 i32"},
    {"fd_readdir", "i32 i32 i32 i64 i32"},
    {"fd_close", "i32"},
    {"fd_filestat_set_size", "i32 i64"},
    {"path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"},
    {"path_rename", "i32 i32 i32 i32 i32 i32"},
    {"path_symlink", "i32 i32 i32 i32 i32"},
    {"path_create_directory", "i32 i32 i32"},
    {"path_unlink_file", "i32 i32 i32"},
    {"path_filestat_get", "i32 i32 i32 i32 i32"},
    {"poll_oneoff", "i32 i32 i32 i32"},
    {"random_get", "i32 i32"},
};

const Module& functions() {
    static const Module module = [] {
        std::string imports, exports;
        for (const auto& [name, params] : imported) {
            const std::string type = std::string("(param ") + params + ") (result i32)";
            imports += std::string("(import \"wasi_snapshot_preview1\" \"") + name + "\" (func $" +
                       name + " " + type + "))";
            exports += std::string("(func (export \"") + name + "\") " + type + " (call $" + name;
            const auto count = 1 + std::ranges::count(std::string_view(params), ' ');
            for (int i = 0; i < count; ++i)
                exports += " (local.get " + std::to_string(i) + ")";
            exports += "))";
        }
        return must(Module::load(
            wat("(module " + imports + "(memory (export \"memory\") 16)" + exports + ")")));
    }();
    return module;
}

// Paths go to 0x1000 and 0x2000, results to 0x100, buffers to 0x200, bytes to 0x10000.
class Guest {
public:
    explicit Guest(const WasiConfig& config) {
        Imports imports;
        must(add_wasi(imports, config));
        instance_.emplace(must(store_.instantiate(functions(), imports)));
    }

    Errno call(Attempt& attempt, const char* name, std::initializer_list<std::uint64_t> args) {
        const Func func = must(instance_->func(name));
        std::uint64_t slots[16] = {};
        std::copy(args.begin(), args.end(), slots);
        const auto done = attempt([&] { return func.call_raw(slots); });
        if (!done) {  // the call itself needs a stack, the first time
            EXPECT_GT(attempt.failed(), 0u) << done.error().format();
            expect_no_memory(done.error(), Code::call);
            return Errno::nomem;
        }
        return static_cast<Errno>(static_cast<std::uint32_t>(slots[0]));
    }
    // As call(); what fails must be for want of memory, and is done again without failures.
    void twice(Attempt& attempt, const char* name, std::initializer_list<std::uint64_t> args) {
        const Errno code = call(attempt, name, args);
        if (code == Errno::success) return;
        EXPECT_EQ(code, Errno::nomem) << name;
        EXPECT_GT(attempt.failed(), 0u) << name;
        Attempt none(Failure{});
        EXPECT_EQ(call(none, name, args), Errno::success) << name;
    }

    std::span<std::byte> memory() { return must(instance_->memory()).data(); }
    template <class T>
    void put(std::uint32_t at, const T& value) {
        std::memcpy(&memory()[at], &value, sizeof value);
    }
    template <class T>
    T get(std::uint32_t at) {
        T value;
        std::memcpy(&value, &memory()[at], sizeof value);
        return value;
    }
    std::uint64_t path(std::string_view text, std::uint32_t at = 0x1000) {
        std::memcpy(&memory()[at], text.data(), text.size());
        return text.size();
    }
    // One buffer of `size` bytes, at 0x10000.
    void buffer(std::uint32_t size) {
        put<std::uint32_t>(0x200, 0x10000);
        put<std::uint32_t>(0x204, size);
    }
    static constexpr std::uint64_t creat = 1;
    std::uint32_t open(std::string_view text, std::uint64_t oflags = creat) {
        Attempt none(Failure{});
        const std::uint64_t length = path(text);
        const Errno code = call(none, "path_open",
                                {3, 0, 0x1000, length, oflags, 0x1FFFFFFF & ~(1u << 14 | 1u << 29),
                                 0x1FFFFFFF, 0, 0x100});
        EXPECT_EQ(code, Errno::success) << text;
        return get<std::uint32_t>(0x100);
    }

private:
    Store store_;
    std::optional<Instance> instance_;
};

WasiConfig with_files(const FileTree& tree, bool overlay = false) {
    WasiConfig config;
    config.preopens.push_back({.guest = "/", .files = tree, .overlay = overlay});
    return config;
}

TEST(ExhaustionWasi, Configure) {
    FileTree tree;
    WasiConfig config = with_files(tree);
    for (int i = 0; i < 20; ++i) {
        config.args.push_back("an argument that is rather long: " + std::to_string(i));
        config.env.emplace_back("A_VARIABLE_WITH_A_LONG_NAME_" + std::to_string(i), "value");
    }
    config.args.push_back(std::string(100'000, 'a'));
    for (const std::size_t least : {large, any}) {
        const std::size_t requests = fail_each(least, [&](Attempt& attempt) {
            Imports imports;
            auto added = attempt([&] { return add_wasi(imports, config); });
            if (!added) {
                expect_no_memory(added.error(), Code::wasi);
                EXPECT_EQ(imports.find("wasi_snapshot_preview1", "args_get"), nullptr);
                must(add_wasi(imports, config));
            }
            EXPECT_NE(imports.find("wasi_snapshot_preview1", "sock_shutdown"), nullptr);
        });
        EXPECT_GE(requests, 1u);
    }
}

TEST(ExhaustionWasi, FilesInMemoryGrow) {
    fail_large_and_any(2, [&](Attempt& attempt) {
        FileTree tree;
        Guest guest(with_files(tree));
        Attempt none(Failure{});
        const std::uint32_t fd = guest.open("file");
        guest.buffer(200'000);
        std::fill_n(&guest.memory()[0x10000], 200'000, std::byte{'x'});
        for (int i = 0; i < 3; ++i) {
            const std::uint64_t before = tree.bytes();
            const Errno code = guest.call(attempt, "fd_write", {fd, 0x200, 1, 0x100});
            if (code != Errno::success) {
                EXPECT_EQ(code, Errno::nomem);
                EXPECT_GT(attempt.failed(), 0u);
                EXPECT_EQ(tree.bytes(), before);
                EXPECT_EQ(guest.call(none, "fd_write", {fd, 0x200, 1, 0x100}), Errno::success);
            }
            EXPECT_EQ(tree.bytes(), before + 200'000);
        }
        guest.twice(attempt, "fd_filestat_set_size", {fd, 2'000'000});
        EXPECT_EQ(tree.bytes(), 2'000'000u);
        guest.twice(attempt, "fd_filestat_set_size", {fd, 5});
        EXPECT_EQ(tree.bytes(), 5u);
        EXPECT_EQ(must(tree.read_file("file")), "xxxxx");
    });
}

// An overlay shares the bytes of files until they are written.
TEST(ExhaustionWasi, CopiesOfFiles) {
    FileTree tree;
    must(tree.add_file("file", std::string(300'000, 'o')));
    fail_large_and_any(1, [&](Attempt& attempt) {
        Guest guest(with_files(tree, true));
        const std::uint32_t fd = guest.open("file");
        guest.buffer(1);
        guest.put(0x10000, 'x');
        guest.twice(attempt, "fd_pwrite", {fd, 0x200, 1, 1000, 0x100});
        guest.buffer(300'000);
        guest.twice(attempt, "fd_read", {fd, 0x200, 1, 0x100});
        EXPECT_EQ(guest.get<char>(0x10000 + 999), 'o');
        EXPECT_EQ(guest.get<char>(0x10000 + 1000), 'x');
        EXPECT_EQ(must(tree.read_file("file"))[1000], 'o');
    });
}

TEST(ExhaustionWasi, Names) {
    fail_each(any, [&](Attempt& attempt) {
        FileTree tree;
        must(tree.add_file("a file with a long name", "1"));
        must(tree.add_file("another file with a long name", "2"));
        Guest guest(with_files(tree));
        const std::uint64_t from = guest.path("a file with a long name");
        const std::uint64_t to = guest.path("another file with a long name", 0x2000);
        Errno code = guest.call(attempt, "path_rename", {3, 0x1000, from, 3, 0x2000, to});
        if (code != Errno::success) {
            EXPECT_EQ(code, Errno::nomem);
            EXPECT_EQ(must(tree.read_file("a file with a long name")), "1");
            EXPECT_EQ(must(tree.read_file("another file with a long name")), "2");
        } else {
            EXPECT_EQ(must(tree.read_file("another file with a long name")), "1");
            EXPECT_EQ(must(tree.paths()).size(), 1u);
        }
        const std::uint64_t link = guest.path("a link with a long name");
        guest.twice(attempt, "path_symlink", {0x2000, to, 3, 0x1000, link});
        const std::uint64_t dir = guest.path("a directory with a long name");
        guest.twice(attempt, "path_create_directory", {3, 0x1000, dir});
        guest.twice(attempt, "path_filestat_get", {3, 0, 0x1000, dir, 0x300});
        guest.twice(attempt, "fd_readdir", {3, 0x10000, 4000, 0, 0x100});
        const std::uint64_t gone = guest.path("another file with a long name");
        guest.twice(attempt, "path_unlink_file", {3, 0x1000, gone});
        EXPECT_FALSE(tree.read_file("another file with a long name"));
    });
}

TEST(ExhaustionWasi, OpenFiles) {
    fail_each(any, [&](Attempt& attempt) {
        FileTree tree;
        must(tree.add_file("a file with a long name", "1"));
        Guest guest(with_files(tree));
        const std::uint64_t length = guest.path("a file with a long name");
        for (std::uint32_t i = 0; i < 6; ++i) {
            guest.twice(attempt, "path_open", {3, 0, 0x1000, length, 0, 1u << 1, 0, 0, 0x100});
            EXPECT_EQ(guest.get<std::uint32_t>(0x100), 4 + i);
        }
        for (std::uint32_t i = 0; i < 6; ++i)
            EXPECT_EQ(guest.call(attempt, "fd_close", {4 + i}), Errno::success);
    });
}

TEST(ExhaustionWasi, Poll) {
    constexpr std::uint32_t count = 4000;
    fail_large_and_any(2, [&](Attempt& attempt) {
        WasiConfig config;
        Guest guest(config);
        for (std::uint32_t i = 0; i < count; ++i) {  // clocks that are due at once
            guest.put<std::uint64_t>(0x10000 + i * 48, i);
            guest.put<std::uint64_t>(0x10000 + i * 48 + 8, 0);
            guest.put<std::uint32_t>(0x10000 + i * 48 + 16, 1);
        }
        guest.twice(attempt, "poll_oneoff", {0x10000, 0x80000, count, 0x100});
        EXPECT_EQ(guest.get<std::uint32_t>(0x100), count);
    });
}

TEST(ExhaustionWasi, StreamsInMemory) {
    fail_large_and_any(2, [&](Attempt& attempt) {
        WasiConfig config;
        const auto written = std::make_shared<std::string>();
        config.stdout_stream = Stream::buffer(written);
        config.args = {"a program with a long name", "and an argument"};
        Guest guest(config);
        guest.buffer(300'000);
        for (int i = 0; i < 3; ++i) {
            const std::size_t before = written->size();
            const Errno code = guest.call(attempt, "fd_write", {1, 0x200, 1, 0x100});
            EXPECT_EQ(written->size(), code == Errno::success ? before + 300'000 : before);
            if (code != Errno::success) {
                EXPECT_EQ(code, Errno::nomem);
                EXPECT_GT(attempt.failed(), 0u);
            }
        }
        guest.twice(attempt, "random_get", {0x10000, 300'000});
        guest.twice(attempt, "args_get", {0x300, 0x400});
        guest.twice(attempt, "environ_get", {0x300, 0x400});
    });
}

TEST(ExhaustionWasi, FileTree) {
    const std::string bytes(200'000, 'b');
    const std::size_t requests = fail_each(large, [&](Attempt& attempt) {
        FileTree tree;
        const auto again = [&](auto work) {
            auto done = attempt(work);
            if (!done) {
                EXPECT_GT(attempt.failed(), 0u) << done.error().format();
                EXPECT_EQ(done.error().code(), Code::wasi);
                EXPECT_NE(done.error().message().find("mem"), std::string_view::npos);
                done = work();
            }
            ASSERT_TRUE(done) << done.error().format();
        };
        again([&] { return tree.add_directory("some/directories/with/long/names/for/all"); });
        again([&] { return tree.add_file("some/file/with/a/long/name", bytes); });
        again([&] { return tree.add_symlink("some/link/with/a/long/name", "../file"); });
        again([&] { return tree.read_file("some/file/with/a/long/name"); });
        again([&] { return tree.paths(); });
        again([&] { return tree.copy(); });
        EXPECT_EQ(tree.bytes(), 200'007u);
        EXPECT_TRUE(must(tree.read_file("some/file/with/a/long/name")) == bytes);
    });
    EXPECT_GE(requests, 2u);
}

}  // namespace
}  // namespace waxwing::test
