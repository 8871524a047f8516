#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "api/glob.hpp"
#include "support.hpp"

namespace waxwing::test {
namespace {

namespace fs = std::filesystem;

TEST(Glob, star_stays_within_a_name) {
    EXPECT_TRUE(api::matches_name("*.wasm", "a.wasm"));
    EXPECT_TRUE(api::matches_name("a*b*c", "a--b-b--c"));
    EXPECT_FALSE(api::matches_name("a*b*c", "a--b-b--"));
    EXPECT_TRUE(api::matches_name("?.wasm", "a.wasm"));
    EXPECT_FALSE(api::matches_name("?.wasm", ".wasm"));
    const auto matches = [](const char* pattern, const char* path) {
        return api::matches_path(api::split_path(pattern), api::split_path(path));
    };
    EXPECT_FALSE(matches("/wasm/*", "/wasm/a/b"));
    EXPECT_TRUE(matches("/wasm/**", "/wasm/a/b"));
    EXPECT_TRUE(matches("/wasm/**/b", "/wasm/b"));
    EXPECT_TRUE(matches("/**/x/*.wasm", "/a/x/b/x/c.wasm"));
    EXPECT_FALSE(matches("/**/x/*.wasm", "/a/x/b/y/c.wasm"));
}

TEST(Glob, many_stars_take_little_time) {
    const std::string pattern = [] {
        std::string text;
        for (int i = 0; i < 200; ++i)
            text += "a*";
        return text + "b";
    }();
    EXPECT_FALSE(api::matches_name(pattern, std::string(20'000, 'a')));
}

TEST(Policy, allow_all_allows_all) {
    const Policy policy = Policy::allow_all();
    EXPECT_TRUE(policy.check_load());
    EXPECT_TRUE(policy.check_load("/any/file"));
    EXPECT_TRUE(policy.check_execute());
    EXPECT_TRUE(policy.check_preopen({.guest = "/", .host = "/"}));
}

TEST(Policy, deny_all_denies_all) {
    const Policy policy = Policy::deny_all();
    expect_error(policy.check_load(), Code::permission_denied, "capability load");
    expect_error(policy.check_load("/any/file"), Code::permission_denied, "/any/file");
    expect_error(policy.check_execute(), Code::permission_denied, "capability execute");
    expect_error(policy.check_preopen({.guest = "/", .host = "/tmp"}), Code::permission_denied,
                 "capability preopens");
}

TEST(Policy, load_list_judges_files_by_where_they_really_are) {
    const Folder folder;
    folder.write("wasm/a.wasm", "");
    folder.write("secret/b.wasm", "");
    fs::create_symlink("../secret/b.wasm", folder.path() / "wasm/link.wasm");
    const Policy policy =
        Policy::declared(Grant::only({"./wasm/*.wasm"}), std::nullopt, std::nullopt, folder.path());
    EXPECT_TRUE(policy.check_load());
    EXPECT_TRUE(policy.check_load(folder.path() / "wasm/a.wasm"));
    EXPECT_TRUE(policy.check_load(folder.path() / "secret/../wasm/a.wasm"));
    EXPECT_TRUE(policy.check_load(folder.path() / "wasm/missing.wasm"));
    EXPECT_FALSE(policy.check_load(folder.path() / "wasm/a.txt"));
    EXPECT_FALSE(policy.check_load(folder.path() / "secret/b.wasm"));
    EXPECT_FALSE(policy.check_load(folder.path() / "wasm/../secret/b.wasm"));
    EXPECT_FALSE(policy.check_load(folder.path() / "wasm/link.wasm"));
}

TEST(Policy, home_is_expanded) {
    const Folder folder;
    const std::string before = std::getenv("HOME") ? std::getenv("HOME") : "";
    ::setenv("HOME", folder.path().c_str(), 1);
    const Policy policy = Policy::deny_all().load(Grant::only({"~/apps/**"}));
    EXPECT_TRUE(policy.check_load(folder.path() / "apps/a/b.wasm"));
    EXPECT_FALSE(policy.check_load(folder.path() / "b.wasm"));
    ::setenv("HOME", before.c_str(), 1);
}

TEST(Policy, preopen_list_grants_what_is_below) {
    const Folder folder;
    folder.write("data/sub/file", "");
    folder.write("database/file", "");
    fs::create_directory_symlink("../database", folder.path() / "data/link");
    const Policy policy =
        Policy::deny_all().preopens(Grant::only({(folder.path() / "data").string()}));
    const auto allowed = [&](const char* host) {
        return policy.check_preopen({.guest = "/d", .host = (folder.path() / host).string()})
            .has_value();
    };
    EXPECT_TRUE(allowed("data"));
    EXPECT_TRUE(allowed("data/"));
    EXPECT_TRUE(allowed("data/sub"));
    EXPECT_FALSE(allowed("database"));
    EXPECT_FALSE(allowed("data/.."));
    EXPECT_FALSE(allowed("data/link"));
    EXPECT_FALSE(allowed("."));
}

TEST(Policy, preopens_are_resolved_before_they_are_opened) {
    const Folder folder;
    folder.write("real/file", "");
    fs::create_directory_symlink("real", folder.path() / "link");
    const Preopen preopen = must(Policy::allow_all().check_preopen(
        {.guest = "/d", .host = (folder.path() / "link").string(), .read_only = true}));
    EXPECT_EQ(preopen.host, fs::canonical(folder.path() / "real"));
    EXPECT_EQ(preopen.guest, "/d");
    EXPECT_TRUE(preopen.read_only);
}

// Somebody exchanges a directory and a link that leads out, after the policy has
// judged the path: what is opened is what it judged, or nothing.
class Exchange {
public:
    explicit Exchange(fs::path there)
        : there_(std::move(there)), aside_(there_.string() + "-aside") {
        fs::create_directory_symlink("/", link_);
    }
    void put_link() const {
        fs::rename(there_, aside_);
        fs::rename(link_, there_);
    }
    void put_directory() const {
        fs::rename(there_, link_);
        fs::rename(aside_, there_);
    }

private:
    fs::path there_, aside_, link_ = there_.string() + "-link";
};

TEST(Policy, what_a_preopen_leads_to_after_it_was_judged_is_not_opened) {
    const Folder folder;
    folder.write("data/sub/deep/file", "");
    const Policy policy =
        Policy::deny_all().preopens(Grant::only({(folder.path() / "data").string()}));
    for (const char* host : {"data/sub", "data/sub/deep"}) {
        const Preopen judged =
            must(policy.check_preopen({.guest = "/d", .host = (folder.path() / host).string()}));
        EXPECT_FALSE(judged.follow_links);
        WasiConfig config;
        config.preopens.push_back(judged);
        Imports imports;
        EXPECT_TRUE(add_wasi(imports, config));
        const Exchange exchange(folder.path() / "data/sub");
        exchange.put_link();
        expect_error(add_wasi(imports, config), Code::wasi, "Not a directory");
        exchange.put_directory();
        EXPECT_TRUE(add_wasi(imports, config));
        fs::remove(folder.path() / "data/sub-link");
    }
    // What cannot be judged is not passed on to be opened either.
    fs::create_symlink("loop", folder.path() / "loop");
    expect_error(Policy::allow_all().host_root(false).check_preopen(
                     {.guest = "/d", .host = (folder.path() / "loop").string()}),
                 Code::permission_denied, "capability preopens");
}

TEST(Policy, what_a_file_leads_to_after_it_was_judged_is_not_loaded) {
    const Folder folder;
    folder.write("apps/one/a.wasm", std::string("\0asm\1\0\0\0", 8));
    const Policy policy =
        Policy::deny_all().load(Grant::only({(folder.path() / "apps/**").string()}));
    const CheckedFile judged = must(policy.check_load(folder.path() / "apps/one/a.wasm"));
    EXPECT_TRUE(judged.load());
    for (const char* there : {"apps/one", "apps/one/a.wasm"}) {
        const Exchange exchange(folder.path() / there);
        exchange.put_link();
        expect_error(judged.load(), Code::io, "cannot read ");
        exchange.put_directory();
        EXPECT_TRUE(judged.load());
        fs::remove(folder.path() / (std::string(there) + "-link"));
    }
    // It may even become a FIFO: then nobody waits.
    fs::remove(judged.path);
    ASSERT_EQ(::mkfifo(judged.path.c_str(), 0600), 0);
    expect_error(judged.load(), Code::compile, "unexpected end");
}

TEST(Policy, a_race_for_what_it_judges_is_lost) {
    const Folder folder;
    folder.write("data/sub/file", "");
    const fs::path sub = folder.path() / "data/sub";
    Runtime runtime({.policy = Policy::deny_all().load(true).execute(true).preopens(
                         Grant::only({(folder.path() / "data").string()}))});
    const auto module = must(runtime.compile(wat(R"((module
        (import "wasi_snapshot_preview1" "path_filestat_get"
          (func $stat (param i32 i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1) (data (i32.const 0) "etc")
        (func (export "escaped") (result i32)
          (i32.eqz (call $stat (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 3)
                               (i32.const 64))))))")));
    const Exchange exchange(sub);
    std::atomic<bool> stop = false;
    std::thread attacker([&] {
        while (!stop) {
            exchange.put_link();
            std::this_thread::sleep_for(std::chrono::microseconds(1));
            exchange.put_directory();
            std::this_thread::sleep_for(std::chrono::microseconds(1));
        }
    });
    int made = 0;
    for (int i = 0; i < 2000; ++i) {
        WasiConfig config;
        config.preopens.push_back({.guest = "/d", .host = sub.string()});
        const auto instance = runtime.instantiate(module, config);
        if (!instance) continue;
        ++made;
        EXPECT_EQ(must(instance->call("escaped")).front().as_i32(), 0);
        EXPECT_TRUE(instance->drop());
    }
    stop = true;
    attacker.join();
    EXPECT_GT(made, 0);
}

TEST(Policy, host_root_can_be_refused_however_it_is_spelled) {
    const Policy policy = Policy::allow_all().host_root(false);
    for (const char* host : {"/", "//", "/tmp/..", "/./"})
        expect_error(policy.check_preopen({.guest = "/", .host = host}), Code::permission_denied,
                     "root of the host");
    EXPECT_TRUE(policy.check_preopen({.guest = "/", .host = "/tmp"}));
    EXPECT_TRUE(Policy::is_host_root("/usr/.."));
    EXPECT_FALSE(Policy::is_host_root("/usr"));
}

TEST(Policy, declared_fills_in_what_is_unsaid) {
    const Policy silent = Policy::declared({}, {}, {});
    EXPECT_FALSE(silent.check_load());
    EXPECT_FALSE(silent.check_execute());
    EXPECT_FALSE(silent.check_preopen({.guest = "/", .host = "/tmp"}));

    const Policy plain = Policy::declared(Grant(true), {}, {});
    EXPECT_TRUE(plain.check_load("/any/file"));
    EXPECT_TRUE(plain.check_execute());
    EXPECT_TRUE(plain.check_preopen({.guest = "/", .host = "/tmp"}));
    EXPECT_FALSE(plain.check_preopen({.guest = "/", .host = "/"}));

    const Policy list = Policy::declared(Grant::only({"*.wasm"}), {}, {});
    EXPECT_TRUE(list.check_load());
    EXPECT_TRUE(list.check_execute());
    EXPECT_FALSE(list.check_preopen({.guest = "/", .host = "/tmp"}));

    EXPECT_FALSE(Policy::declared(Grant::only({"*.wasm"}), false, {}).check_execute());
    EXPECT_TRUE(
        Policy::declared({}, {}, Grant::only({"/"})).check_preopen({.guest = "/", .host = "/"}));

    EXPECT_FALSE(plain.is_deterministic());
    EXPECT_TRUE(Policy::declared({}, {}, {}, {}, true).is_deterministic());
}

TEST(Policy, makes_every_guest_deterministic) {
    constexpr const char* clock = R"((module
        (import "wasi_snapshot_preview1" "clock_time_get"
          (func $now (param i32 i64 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "now") (result i64)
          (drop (call $now (i32.const 0) (i64.const 0) (i32.const 8)))
          (i64.load (i32.const 8)))))";
    const auto time_of = [&](const Policy& policy) {
        Runtime runtime({.policy = policy});
        const auto module = must(runtime.compile(wat(clock)));
        const auto instance = must(runtime.instantiate(module, WasiConfig{}));
        return must(instance.call("now")).front().as_i64();
    };
    constexpr std::int64_t year_2000 = 946'684'800'000'000'000;
    EXPECT_GT(time_of(Policy::allow_all()), year_2000 + year_2000 / 2);
    EXPECT_EQ(time_of(Policy::allow_all().deterministic(true)), year_2000);
}

}  // namespace
}  // namespace waxwing::test
