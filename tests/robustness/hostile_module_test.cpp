// Small modules that ask for a lot. Each must be answered quickly, without a
// crash, and without memory out of proportion to its bytes.
#include <gtest/gtest.h>

#include <string>

#include "allocation.hpp"
#include "bytes.hpp"
#include "waxwing/module.hpp"
#include "waxwing/store.hpp"

namespace waxwing::test {
namespace {

constexpr std::size_t megabyte = std::size_t{1} << 20;

struct Outcome {
    bool ok = false;
    ErrorKind kind = ErrorKind::usage;
    std::string message;
};

Outcome load(const Bytes& bytes, bool eager = true) {
    const AllocationScope memory;
    LoadOptions options;
    options.eager = eager;
    const auto module = Module::load(bytes, options);
    // Many of these modules are types, which take more than other things do.
    EXPECT_LE(memory.peak(), module_share(bytes.size(), 250)) << "for " << bytes.size() << " bytes";
    if (module) return {.ok = true};
    return {false, module.error().kind(), std::string(module.error().message())};
}

constexpr std::uint64_t huge = 0xFFFFFFFF;

class ClaimedCount : public testing::TestWithParam<int> {};

TEST_P(ClaimedCount, a_section_claiming_four_billion_entries_is_malformed) {
    const int section = GetParam();
    for (const std::uint64_t count : {huge, std::uint64_t{1'000'000}, std::uint64_t{0x7FFFFFFF}}) {
        const Outcome outcome = load(header().section(section, Bytes{}.leb(count)));
        EXPECT_FALSE(outcome.ok);
        EXPECT_TRUE(outcome.kind == ErrorKind::malformed || outcome.kind == ErrorKind::limit)
            << outcome.message;
    }
}

INSTANTIATE_TEST_SUITE_P(sections, ClaimedCount,
                         testing::Values(1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13));

TEST(HostileModule, vectors_inside_types_do_not_size_allocations) {
    const Bytes params = Bytes{1, 0x60}.leb(huge);
    const Bytes results = Bytes{1, 0x60, 0}.leb(huge);
    const Bytes fields = Bytes{1, 0x5F}.leb(huge);
    const Bytes group = Bytes{1, 0x4E}.leb(huge);
    const Bytes supers = Bytes{1, 0x50}.leb(huge);
    for (const Bytes& types : {params, results, fields, group, supers}) {
        const Outcome outcome = load(header().section(1, types));
        EXPECT_FALSE(outcome.ok);
        EXPECT_NE(outcome.kind, ErrorKind::invalid) << outcome.message;
    }
}

TEST(HostileModule, many_empty_recursion_groups_are_cheap) {
    const Bytes module = header().section(1, Bytes{}.leb(500'000).repeat(500'000, Bytes{0x4E, 0}));
    EXPECT_TRUE(load(module).ok);
}

TEST(HostileModule, many_equal_types_are_cheap) {
    const Bytes module =
        header().section(1, Bytes{}.leb(300'000).repeat(300'000, Bytes{0x60, 0, 0}));
    const Outcome outcome = load(module);
    EXPECT_TRUE(outcome.ok || outcome.kind == ErrorKind::limit) << outcome.message;
}

// type i = sub (i - 1): a display of all supertypes for each would be quadratic.
TEST(HostileModule, a_long_chain_of_supertypes_is_cheap_or_refused) {
    constexpr unsigned length = 50'000;
    Bytes types;
    types.leb(length).add({0x50, 0, 0x5F, 0});
    for (unsigned i = 1; i < length; ++i)
        types.add({0x50, 1}).leb(i - 1).add({0x5F, 0});
    const Outcome outcome = load(header().section(1, types));
    EXPECT_TRUE(outcome.ok || outcome.kind == ErrorKind::limit) << outcome.message;
}

TEST(HostileModule, one_large_recursion_group_of_references_is_cheap) {
    constexpr unsigned count = 50'000;
    Bytes types;
    types.leb(1).add({0x4E}).leb(count);
    types.repeat(count, Bytes{0x5F, 1, 0x63, 0, 0});
    const Outcome outcome = load(header().section(1, types));
    EXPECT_TRUE(outcome.ok || outcome.kind == ErrorKind::limit) << outcome.message;
}

TEST(HostileModule, four_billion_locals_are_not_allocated) {
    const Outcome one = load(one_function(Bytes{1}.leb(huge).add({0x7F, 0x0B})));
    EXPECT_TRUE(one.ok || one.kind == ErrorKind::limit) << one.message;
    Bytes groups;
    groups.leb(5);
    for (int i = 0; i < 5; ++i)
        groups.leb(huge).add({0x7F});
    const Outcome five = load(one_function(groups.add({0x0B})));
    EXPECT_FALSE(five.ok);
    EXPECT_TRUE(five.message.starts_with("too many locals")) << five.message;
}

TEST(HostileModule, a_count_of_local_groups_does_not_size_an_allocation) {
    const Outcome outcome = load(one_function(Bytes{}.leb(huge).add({0x0B})));
    EXPECT_FALSE(outcome.ok);
}

// Every function has the most locals allowed, in six bytes.
TEST(HostileModule, locals_of_many_functions_are_not_kept) {
    constexpr unsigned count = 2'000;
    const Bytes body = Bytes{1}.leb(50'000).add({0x7F, 0x0B});
    Bytes code;
    code.leb(count);
    for (unsigned i = 0; i < count; ++i)
        code.sized(body);
    const Bytes module = header()
                             .section(1, {1, 0x60, 0, 0})
                             .section(3, Bytes{}.leb(count).repeat(count, Bytes{0}))
                             .section(10, code);
    EXPECT_TRUE(load(module).ok);
}

TEST(HostileModule, a_million_nested_blocks_load) {
    constexpr std::size_t depth = 1'000'000;
    for (const int opcode : {0x02, 0x03}) {  // block, loop
        const Bytes code =
            Bytes{0}.repeat(depth, Bytes{opcode, 0x40}).repeat(depth, Bytes{0x0B}).add({0x0B});
        const Outcome outcome = load(one_function(code));
        EXPECT_TRUE(outcome.ok || outcome.kind == ErrorKind::limit) << outcome.message;
    }
    const Bytes ifs = Bytes{0}
                          .repeat(depth, Bytes{0x41, 0, 0x04, 0x40})
                          .repeat(depth, Bytes{0x05, 0x0B})
                          .add({0x0B});
    const Outcome outcome = load(one_function(ifs));
    EXPECT_TRUE(outcome.ok || outcome.kind == ErrorKind::limit) << outcome.message;
}

TEST(HostileModule, a_million_nested_try_tables_load) {
    constexpr std::size_t depth = 1'000'000;
    const Bytes code = Bytes{0}
                           .repeat(depth, Bytes{0x1F, 0x40, 1, 0x02, 0})
                           .repeat(depth, Bytes{0x0B})
                           .add({0x0B});
    const Outcome outcome = load(one_function(code));
    EXPECT_TRUE(outcome.ok || outcome.kind == ErrorKind::limit) << outcome.message;
}

TEST(HostileModule, a_million_blocks_never_closed_are_malformed) {
    const Outcome outcome = load(one_function(Bytes{0}.repeat(1'000'000, Bytes{0x02, 0x40})));
    EXPECT_FALSE(outcome.ok);
    EXPECT_EQ(outcome.kind, ErrorKind::malformed) << outcome.message;
}

TEST(HostileModule, a_million_operands_left_on_the_stack_are_answered) {
    const Bytes code = Bytes{0}.repeat(1'000'000, Bytes{0x41, 0}).add({0x00, 0x0B});
    const Outcome outcome = load(one_function(code));
    EXPECT_TRUE(outcome.ok || outcome.kind == ErrorKind::limit) << outcome.message;
}

// A block of a thousand results in three bytes, many times.
TEST(HostileModule, blocks_with_a_thousand_results_do_not_multiply) {
    constexpr std::size_t count = 20'000;
    const Bytes code = Bytes{0}
                           .add({0x00})
                           .repeat(count, Bytes{0x02, 1})
                           .add({0x00})
                           .repeat(count, Bytes{0x0B})
                           .add({0x00, 0x0B});
    const Bytes module =
        header()
            .section(1, Bytes{2, 0x60, 0, 0, 0x60, 0}.leb(1'000).repeat(1'000, Bytes{0x7F}))
            .section(3, {1, 0})
            .section(10, Bytes{1}.sized(code));
    const Outcome outcome = load(module);
    EXPECT_TRUE(outcome.ok || outcome.kind == ErrorKind::limit) << outcome.message;
}

TEST(HostileModule, a_br_table_with_a_false_count_is_malformed) {
    const Outcome outcome = load(one_function(Bytes{0, 0x41, 0, 0x0E}.leb(huge).add({0, 0x0B})));
    EXPECT_FALSE(outcome.ok);
    EXPECT_EQ(outcome.kind, ErrorKind::malformed) << outcome.message;
}

TEST(HostileModule, a_br_table_of_a_million_targets_loads) {
    constexpr std::size_t count = 1'000'000;
    const Bytes code = Bytes{0, 0x41, 0, 0x0E}.leb(count).repeat(count, Bytes{0}).add({0, 0x0B});
    const Outcome outcome = load(one_function(code));
    EXPECT_TRUE(outcome.ok || outcome.kind == ErrorKind::limit) << outcome.message;
}

// Each target carries a thousand values.
TEST(HostileModule, a_br_table_to_a_label_of_a_thousand_values_loads) {
    constexpr std::size_t targets = 20'000;
    const Bytes code = Bytes{0, 0x02, 1, 0x00, 0x0E}
                           .leb(targets)
                           .repeat(targets, Bytes{0})
                           .add({0, 0x0B, 0x00, 0x0B});
    const Bytes module =
        header()
            .section(1, Bytes{2, 0x60, 0, 0, 0x60, 0}.leb(1'000).repeat(1'000, Bytes{0x7F}))
            .section(3, {1, 0})
            .section(10, Bytes{1}.sized(code));
    const Outcome outcome = load(module);
    EXPECT_TRUE(outcome.ok || outcome.kind == ErrorKind::limit) << outcome.message;
}

TEST(HostileModule, counts_in_immediates_do_not_size_allocations) {
    const Bytes select_types = Bytes{0, 0x1C}.leb(huge).add({0x7F, 0x0B});
    const Bytes catches = Bytes{0, 0x1F, 0x40}.leb(huge).add({0x02, 0, 0x0B, 0x0B});
    for (const Bytes& code : {select_types, catches}) {
        const Outcome outcome = load(one_function(code));
        EXPECT_FALSE(outcome.ok);
    }
}

TEST(HostileModule, array_new_fixed_of_four_billion_elements_is_invalid) {
    const Bytes module =
        header()
            .section(1, {2, 0x60, 0, 0, 0x5E, 0x7F, 0})
            .section(3, {1, 0})
            .section(10, Bytes{1}.sized(Bytes{0, 0x41, 0, 0xFB, 8, 1}.leb(huge).add({0x1A, 0x0B})));
    const Outcome outcome = load(module);
    EXPECT_FALSE(outcome.ok);
    EXPECT_TRUE(outcome.kind == ErrorKind::invalid || outcome.kind == ErrorKind::limit)
        << outcome.message;
}

// After unreachable the operands exist as far as validation is concerned.
TEST(HostileModule, array_new_fixed_of_four_billion_elements_in_dead_code_is_answered) {
    const Bytes module =
        header()
            .section(1, {2, 0x60, 0, 0, 0x5E, 0x7F, 0})
            .section(3, {1, 0})
            .section(10, Bytes{1}.sized(Bytes{0, 0x00, 0xFB, 8, 1}.leb(huge).add({0x1A, 0x0B})));
    const Outcome outcome = load(module);
    EXPECT_TRUE(outcome.ok || outcome.kind == ErrorKind::limit) << outcome.message;
}

TEST(HostileModule, segments_with_false_sizes_are_malformed) {
    const Bytes data =
        header().section(5, {1, 0, 1}).section(11, Bytes{1, 0, 0x41, 0, 0x0B}.leb(huge));
    const Bytes passive = header().section(11, Bytes{1, 1}.leb(huge));
    const Bytes funcs = header().section(9, Bytes{1, 1, 0}.leb(huge));
    const Bytes exprs = header().section(9, Bytes{1, 5, 0x70}.leb(huge));
    for (const Bytes& module : {data, passive, funcs, exprs}) {
        const Outcome outcome = load(module);
        EXPECT_FALSE(outcome.ok);
        EXPECT_EQ(outcome.kind, ErrorKind::malformed) << outcome.message;
    }
}

TEST(HostileModule, names_with_false_lengths_are_malformed) {
    for (const int section : {0, 2, 7}) {
        const Bytes content = section == 0 ? Bytes{}.leb(huge) : Bytes{1}.leb(huge);
        const Outcome outcome = load(header().section(section, content));
        EXPECT_FALSE(outcome.ok);
        EXPECT_EQ(outcome.kind, ErrorKind::malformed) << outcome.message;
    }
}

TEST(HostileModule, a_broken_name_section_is_ignored) {
    const Bytes claims[] = {
        Bytes{4}.text("name").add({1}).leb(huge),
        Bytes{4}.text("name").add({1, 6}).leb(huge).add({0}),
        Bytes{4}.text("name").add({0, 5}).leb(huge),
        Bytes{4}.text("name").add({2, 7, 1, 0}).leb(huge),
        Bytes{4}.text("name").add({0xFF, 0xFF, 0xFF}),
    };
    for (const Bytes& content : claims)
        EXPECT_TRUE(load(header().section(0, content)).ok);
}

TEST(HostileModule, a_section_longer_than_the_file_is_malformed) {
    for (int id = 0; id < 14; ++id) {
        const Outcome outcome = load(header().add({id}).leb(huge));
        EXPECT_FALSE(outcome.ok);
        EXPECT_EQ(outcome.kind, ErrorKind::malformed) << outcome.message;
    }
}

TEST(HostileModule, a_component_is_unsupported) {
    const Outcome outcome = load(Bytes{0x00, 'a', 's', 'm', 0x0D, 0x00, 0x01, 0x00});
    EXPECT_FALSE(outcome.ok);
    EXPECT_NE(outcome.message.find("component"), std::string::npos) << outcome.message;
}

TEST(HostileModule, an_unknown_version_is_malformed) {
    for (const int version : {0, 2, 0xFF}) {
        const Outcome outcome = load(Bytes{0x00, 'a', 's', 'm', version, 0, 0, 0});
        EXPECT_FALSE(outcome.ok);
        EXPECT_TRUE(outcome.message.starts_with("unknown binary version")) << outcome.message;
    }
}

TEST(HostileModule, many_exports_are_checked_in_good_time) {
    constexpr unsigned count = 200'000;
    Bytes exports;
    exports.leb(count);
    for (unsigned i = 0; i < count; ++i) {
        const std::string name = "f" + std::to_string(i);
        exports.leb(name.size()).text(name).add({0, 0});
    }
    const Bytes module = header()
                             .section(1, {1, 0x60, 0, 0})
                             .section(3, {1, 0})
                             .section(7, exports)
                             .section(10, {1, 2, 0, 0x0B});
    EXPECT_TRUE(load(module).ok);
}

TEST(HostileModule, many_imports_are_read_in_good_time) {
    constexpr unsigned count = 200'000;
    const Bytes module =
        header()
            .section(1, {1, 0x60, 0, 0})
            .section(2, Bytes{}.leb(count).repeat(count, Bytes{1, 'a', 1, 'b', 0, 0}));
    EXPECT_TRUE(load(module).ok);
}

// Objects of the largest size are fine to describe and refused when made.
TEST(HostileModule, the_largest_memories_and_tables_load_and_are_refused) {
    const Bytes memory64 = header().section(5, Bytes{1, 4}.leb(std::uint64_t{1} << 48));
    const Bytes memory32 = header().section(5, Bytes{1, 0}.leb(65536));
    const Bytes table32 = header().section(4, Bytes{1, 0x70, 0}.leb(huge));
    const Bytes table64 = header().section(4, Bytes{1, 0x70, 4}.leb(~std::uint64_t{0}));
    for (const Bytes& bytes : {memory64, memory32, table32, table64}) {
        const auto module = Module::load(bytes);
        ASSERT_TRUE(module) << module.error().message();
        StoreLimits limits;
        limits.max_memory_bytes = 1 << 20;
        limits.max_table_elements = 1 << 16;
        Store store(limits);
        const AllocationScope memory;
        const auto instance = store.instantiate(*module);
        EXPECT_LE(memory.peak(), megabyte);
        ASSERT_FALSE(instance);
        EXPECT_EQ(instance.error().code(), Code::instantiate);
    }
}

}  // namespace
}  // namespace waxwing::test
