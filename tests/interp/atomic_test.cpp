// Atomic instructions, where the official scripts say nothing.
#include "support.hpp"

namespace waxwing::test {
namespace {

// Exchanges what memory holds, 0x1111..., if it is `expected`; the memory afterwards.
std::uint64_t exchanged(const std::string& type, const std::string& op, const char* expected) {
    const std::string text = "(module (memory 1 1 shared)"
                             "(data (i32.const 0) \"\\11\\11\\11\\11\\11\\11\\11\\11\")"
                             "(func (export \"run\") (result i64) (drop (" +
                             op + " (i32.const 0) (" + type + ".const " + expected + ") (" + type +
                             ".const -1))) (i64.load (i32.const 0))))";
    LoadOptions options;
    options.features = Features().with(Feature::threads);
    Store store;
    const Instance instance = must(store.instantiate(must(Module::load(wat(text), options))));
    const auto run = must(instance.func<std::uint64_t()>("run"));
    return must(run());
}

// The threads proposal's overview: "`expected` wrapped from i32 to i8, 8-bit compare equal".
TEST(Atomic, NarrowExchangesCompareTheLowBitsOnly) {
    const std::string i32 = "i32", i64 = "i64";
    EXPECT_EQ(exchanged(i32, "i32.atomic.rmw8.cmpxchg_u", "0xFFFFFF11"), 0x11111111111111FFu);
    EXPECT_EQ(exchanged(i32, "i32.atomic.rmw16.cmpxchg_u", "0x22221111"), 0x111111111111FFFFu);
    EXPECT_EQ(exchanged(i64, "i64.atomic.rmw8.cmpxchg_u", "0x111"), 0x11111111111111FFu);
    EXPECT_EQ(exchanged(i64, "i64.atomic.rmw16.cmpxchg_u", "0x21111"), 0x111111111111FFFFu);
    EXPECT_EQ(exchanged(i64, "i64.atomic.rmw32.cmpxchg_u", "0x7700000011111111"),
              0x11111111FFFFFFFFu);
}

TEST(Atomic, ExchangesOfWhatIsNotThereWriteNothing) {
    constexpr std::uint64_t before = 0x1111111111111111;
    EXPECT_EQ(exchanged("i32", "i32.atomic.rmw8.cmpxchg_u", "0x11111112"), before);
    EXPECT_EQ(exchanged("i32", "i32.atomic.rmw.cmpxchg", "0x11"), before);
    EXPECT_EQ(exchanged("i64", "i64.atomic.rmw.cmpxchg", "0x11111111"), before);
}

}  // namespace
}  // namespace waxwing::test
