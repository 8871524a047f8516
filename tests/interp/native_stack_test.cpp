// Guests and host functions that call each other use native stack. However many
// stores take part, that ends with a trap before the thread's stack does.
#include <ucontext.h>

#include "support.hpp"

namespace waxwing::test {
namespace {

// Instances in stores of their own, each of which calls the next through the host, endlessly.
class Ring {
public:
    // A host function uses `frame` bytes of native stack for itself.
    explicit Ring(std::size_t size, std::size_t frame = 0) : stores_(size) {
        const Module module = load(R"((module
            (import "h" "next" (func $next (param i32) (result i32)))
            (func (export "go") (param i32) (result i32) (call $next (local.get 0)))))");
        for (std::size_t i = 0; i < size; ++i) {
            Imports imports;
            imports.func("h", "next", [this, i, frame](std::int32_t x) {
                return next((i + 1) % stores_.size(), frame, x);
            });
            const Instance instance = must(stores_[i].instantiate(module, imports));
            entries_.push_back(must(instance.func("go")));
        }
    }
    Result<std::vector<Value>> go() { return entries_[0].call(values(Value::i32(limit))); }
    long deepest() const { return deepest_; }
    static constexpr std::int32_t limit = 1 << 20;

private:
    Result<std::int32_t> next(std::size_t to, std::size_t frame, std::int32_t x) {
        auto* own = static_cast<volatile char*>(__builtin_alloca(frame + 1));
        own[0] = 1;
        own[frame] = 1;
        deepest_ = std::max(deepest_, ++depth_);
        auto results = entries_[to].call(values(Value::i32(x - 1)));
        --depth_;
        if (!results) return std::unexpected(results.error());
        return results->front().as_i32();
    }

    std::vector<Store> stores_;
    std::vector<Func> entries_;
    long depth_ = 0, deepest_ = 0;
};

void expect_native_end(Ring& ring) {
    for (int round = 0; round < 2; ++round)
        expect_trap(ring.go(), Trap::call_stack_exhausted, "call stack exhausted (native stack)");
}

TEST(NativeStack, ARingOfStoresEndsWithATrap) {
    with_host_stack(8 << 20, [] {
        Ring ring(200);
        expect_native_end(ring);
        EXPECT_GT(ring.deepest(), 200);
    });
    with_host_stack(512 << 10, [] {
        Ring ring(20);
        expect_native_end(ring);
        EXPECT_GT(ring.deepest(), 20);
    });
}

TEST(NativeStack, WhatAHostFunctionMayUseIsLeft) {
    with_host_stack(1 << 20, [] {
        Ring ring(20, 32 << 10);
        expect_native_end(ring);
        EXPECT_GT(ring.deepest(), 10);
    });
}

TEST(NativeStack, TheLimitOfOneStoreIsTheSameOnEveryThread) {
    for (const std::size_t stack : {std::size_t{2} << 20, std::size_t{16} << 20}) {
        with_host_stack(stack, [] {
            Ring ring(1);
            expect_trap(ring.go(), Trap::call_stack_exhausted, "call stack exhausted");
            EXPECT_EQ(ring.deepest(), 100);
        });
    }
}

TEST(NativeStack, AThreadWithLittleOfItLoadsAndRuns) {
    with_host_stack(128 << 10, [] {
        Machine m("(module (func (export \"f\") (result i32) i32.const 7))");
        EXPECT_EQ(m.call<int()>("f"), 7);
    });
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// A fiber's stack is not the thread's.
ucontext_t fiber, outside;

TEST(NativeStack, AFiberHasSoMuchAsIsAssumed) {
    with_host_stack(2 << 20, [] {
        static Ring* ring;
        Ring made(200);
        ring = &made;
        std::vector<char> stack(512 << 10);
        getcontext(&fiber);
        fiber.uc_stack.ss_sp = stack.data();
        fiber.uc_stack.ss_size = stack.size();
        fiber.uc_link = &outside;
        makecontext(&fiber, [] { expect_native_end(*ring); }, 0);
        swapcontext(&outside, &fiber);
        EXPECT_GT(made.deepest(), 10);
        // And back on the thread's own, where there is more.
        const long on_fiber = made.deepest();
        expect_native_end(made);
        EXPECT_GT(made.deepest(), on_fiber);
    });
}
#endif

}  // namespace
}  // namespace waxwing::test
