// Whatever is made from a module is in proportion to its bytes, and made in a time that is.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>

#include "allocation.hpp"
#include "interp/compiled_module.hpp"
#include "interp/module_impl.hpp"
#include "interp/objects.hpp"
#include "producers.hpp"
#include "waxwing/module.hpp"
#include "waxwing/store.hpp"
#include "waxwing/text.hpp"

namespace waxwing::test {
namespace {

using interp::Mode;

// Of the processor, so that it does not count what else the machine does.
double seconds() {
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Cost {
    std::size_t bytes;
    double time;
};

Cost cost_of(const std::function<void()>& work) {
    const AllocationScope memory;
    const double start = seconds();
    work();
    return {memory.peak(), seconds() - start};
}

std::string error_of(const auto& result) {
    return result ? "" : std::string(result.error().message());
}

// Loads, instantiates, and translates every function.
std::string load_and_run(const Bytes& bytes, bool eager, Mode mode) {
    const auto module = Module::load(bytes, {.features = Features::all(), .eager = eager});
    if (!module) return error_of(module);
    interp::CompiledModule& compiled = *module->impl()->compiled;
    Store store;
    Imports imports;
    imports.func("", "", [] {});
    const auto instance = store.instantiate(*module, imports);
    if (!instance) return error_of(instance);
    interp::Activation caller;
    caller.mode = mode;
    for (std::size_t i = compiled.module.imported_functions; i < compiled.module.functions.size();
         ++i) {
        const auto done = compiled.ensure(static_cast<std::uint32_t>(i), caller);
        if (!done) return error_of(done);
    }
    return "";
}

std::string print(const Bytes& bytes, bool fold) {
    const TextSink nowhere = [](std::string_view) { return true; };
    return error_of(print_wat(bytes, {.fold = fold}, nowhere));
}

struct Way {
    const char* name;
    std::string (*go)(const Bytes&);
    bool is_counted = true;  // its memory; else its time only
};
constexpr Way ways[] = {
    {"loaded, translated when called",
     [](const Bytes& bytes) { return load_and_run(bytes, false, Mode::plain); }},
    {"translated with fuel",
     [](const Bytes& bytes) { return load_and_run(bytes, false, Mode::metered); }},
    {"translated at once",
     [](const Bytes& bytes) { return load_and_run(bytes, true, Mode::plain); }},
    {"printed", [](const Bytes& bytes) { return print(bytes, false); }, false},
    {"printed, folded", [](const Bytes& bytes) { return print(bytes, true); }, false},
};

// With WAXWING_SHOW set, what was measured.
void show(const Producer& producer, const Way& way, std::size_t size, const Cost& few,
          const Cost& many) {
    if (!std::getenv("WAXWING_SHOW")) return;
    std::printf("%-26s %-31s %7zu bytes, times %6.1f, %.3f s, times %.1f\n", producer.name,
                way.name, size, static_cast<double>(many.bytes) / static_cast<double>(size),
                many.time, many.time / few.time);
}

class Producers : public testing::TestWithParam<Producer> {};

// Four times the bytes may take four times as long; what is quadratic takes sixteen times.
TEST_P(Producers, are_in_proportion) {
    constexpr double most_growth = 9;
    constexpr double unnoticed = 0.02;
    const Producer& producer = GetParam();
    const Bytes small = producer.module(producer.n / 4);
    const Bytes large = producer.module(producer.n);
    const auto share = [&](const Bytes& bytes) {
        return module_share(bytes.size(), producer.bytes_per_byte);
    };
    for (const Way& way : ways) {
        double growth = 0;
        for (int attempt = 0; attempt < 3; ++attempt) {
            std::string message;
            const Cost few = cost_of([&] { message = way.go(small); });
            const Cost many = cost_of([&] { message += way.go(large); });
            EXPECT_EQ(message, "") << way.name;
            if (way.is_counted) {
                EXPECT_LE(few.bytes, share(small)) << way.name << ", " << small.size();
                EXPECT_LE(many.bytes, share(large)) << way.name << ", " << large.size();
            }
            show(producer, way, large.size(), few, many);
            growth = many.time < unnoticed ? 0 : many.time / few.time;
            if (growth < most_growth) break;
        }
        EXPECT_LT(growth, most_growth) << way.name;
    }
}

INSTANTIATE_TEST_SUITE_P(every, Producers,
                         testing::ValuesIn(producers().begin(), producers().end()),
                         [](const auto& info) {
                             std::string name = info.param.name;
                             std::ranges::replace(name, ' ', '_');
                             return name;
                         });

// A thousand parameters and results each, if all of them were told.
TEST(Proportion, a_message_tells_a_few_missing_imports_and_how_many_more) {
    const Bytes bytes =
        header()
            .section(1,
                     Bytes{1, 0x60}.leb(1000).repeat(1000, {0x7F}).leb(1000).repeat(1000, {0x7F}))
            .section(2, Bytes{}.leb(10'000).repeat(10'000, {1, 'm', 1, 'f', 0, 0}));
    const auto module = Module::load(bytes);
    ASSERT_TRUE(module) << error_of(module);
    Store store;
    const AllocationScope memory;
    const auto instance = store.instantiate(*module);
    ASSERT_FALSE(instance);
    const std::string message = error_of(instance);
    EXPECT_LE(message.size(), 100'000u);
    EXPECT_TRUE(message.starts_with("unknown import \"m\" \"f\" (function [i32 i32"));
    EXPECT_TRUE(message.ends_with(") and 9992 more"));
    EXPECT_LE(memory.peak(), module_share(bytes.size()));
}

// Names come in descending order, the worst for a sorted list.
double time_of_linking(unsigned count) {
    Bytes exports = Bytes{}.leb(count);
    for (unsigned i = count; i-- > 0;) {
        const std::string name = std::to_string(1'000'000 + i);
        exports.leb(name.size()).text(name).add({0, 0});
    }
    const auto module = Module::load(header()
                                         .section(1, {1, 0x60, 0, 0})
                                         .section(3, {1, 0})
                                         .section(7, exports)
                                         .section(10, {1, 2, 0, 0x0B}));
    EXPECT_TRUE(module) << error_of(module);
    Store store;
    const auto instance = store.instantiate(*module);
    EXPECT_TRUE(instance) << error_of(instance);
    const double start = seconds();
    Imports imports;
    imports.instance("m", *instance);
    return seconds() - start;
}

TEST(Proportion, linking_takes_a_time_in_proportion_to_the_exports) {
    double growth = 100;
    for (int attempt = 0; attempt < 3 && growth > 9; ++attempt)
        growth = time_of_linking(40'000) / time_of_linking(10'000);
    EXPECT_LE(growth, 9);
}

}  // namespace
}  // namespace waxwing::test
