// Verbs for the tests of the interpreter.
#pragma once

#include <gtest/gtest.h>
#include <pthread.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "waxwing/store.hpp"
#include "waxwing/text.hpp"

namespace waxwing::test {

// The value of a result that must be there.
template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().format();
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

inline std::vector<std::byte> wat(std::string_view text) { return must(parse_wat(text)); }
inline Module load(std::string_view text) { return must(Module::load(wat(text))); }

template <class... T>
std::vector<Value> values(T... each) {
    return {each...};
}

// A store with one instance in it.
struct Machine {
    explicit Machine(std::string_view text, const Imports& imports = {},
                     const StoreLimits& limits = {})
        : store(limits), instance(must(store.instantiate(load(text), imports))) {}

    // m.call<int(int)>("f", 1); aborts the test if it fails.
    template <class Signature, class... A>
    auto call(std::string_view name, A... args) {
        return must(try_call<Signature>(name, args...));
    }
    template <class Signature, class... A>
    auto try_call(std::string_view name, A... args) {
        return must(instance.func<Signature>(name))(args...);
    }
    Func func(std::string_view name) { return must(instance.func(name)); }

    Store store;
    Instance instance;
};

template <class T>
void expect_trap(const Result<T>& result, Trap trap, std::string_view message = {}) {
    ASSERT_FALSE(result) << "expected " << to_string(trap);
    EXPECT_EQ(result.error().code(), Code::call);
    EXPECT_EQ(result.error().kind(), ErrorKind::trap) << result.error().format();
    EXPECT_EQ(result.error().trap(), trap) << result.error().format();
    EXPECT_TRUE(result.error().message().starts_with(to_string(trap))) << result.error().message();
    if (!message.empty()) {
        EXPECT_EQ(result.error().message(), message);
    }
}

// Runs `body` in a thread with that much host stack.
inline void with_host_stack(std::size_t bytes, std::function<void()> body) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    bytes *= 4;  // sanitizers make host frames larger
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    bytes *= 4;
#endif
#endif
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
    pthread_t thread;
    ASSERT_EQ(pthread_create(
                  &thread, &attributes,
                  [](void* what) -> void* {
                      (*static_cast<std::function<void()>*>(what))();
                      return nullptr;
                  },
                  &body),
              0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

}  // namespace waxwing::test
