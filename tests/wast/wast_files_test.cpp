#include "cli/wast_files.hpp"

#include <gtest/gtest.h>

namespace waxwing::cli {
namespace {

TEST(WastFiles, a_pattern_without_slash_is_matched_against_the_name_alone) {
    EXPECT_TRUE(matches_script("simd_*", "suite/simd_load.wast"));
    EXPECT_FALSE(matches_script("simd_*", "simd_things/load.wast"));
    EXPECT_TRUE(matches_script("load", "a/b/load.wast"));
    EXPECT_FALSE(matches_script("load", "a/b/load0.wast"));
}

TEST(WastFiles, a_pattern_with_a_slash_is_matched_against_as_many_components) {
    EXPECT_TRUE(matches_script("threads/*", "suite/proposals/threads/atomic.wast"));
    EXPECT_FALSE(matches_script("threads/*", "threads/suite/i32.wast"));
    EXPECT_FALSE(matches_script("threads/*", "more-threads/atomic.wast"));
    EXPECT_TRUE(matches_script("proposals/*/imports.wast", "proposals/threads/imports.wast"));
}

TEST(WastFiles, groups_follow_the_names_of_the_suite) {
    EXPECT_EQ(script_group("suite/i32.wast"), "core 1.0");
    EXPECT_EQ(script_group("suite/f64_cmp.wast"), "core 1.0");
    EXPECT_EQ(script_group("suite/i31.wast"), "gc");
    EXPECT_EQ(script_group("suite/load64.wast"), "memory64");
    EXPECT_EQ(script_group("suite/load2.wast"), "multi-memory");
    EXPECT_EQ(script_group("suite/br_on_null.wast"), "function references");
    EXPECT_EQ(script_group("suite/br_on_cast.wast"), "gc");
    EXPECT_EQ(script_group("suite/i8x16_relaxed_swizzle.wast"), "relaxed simd");
    EXPECT_EQ(script_group("suite/proposals/custom-page-sizes/binary.wast"), "custom page sizes");
    EXPECT_EQ(script_group("suite/custom.wast"), "core 1.0");
    EXPECT_EQ(script_group("suite/custom/name_annot.wast"), "custom annotations");
}

TEST(WastFiles, every_group_appears_once_in_the_summary) {
    const auto& titles = script_groups();
    for (std::size_t i = 1; i < titles.size(); ++i)
        EXPECT_LT(titles[i - 1], titles[i]);
    EXPECT_EQ(titles.size(), 19u);
}

TEST(WastFiles, a_folder_chooses_the_features) {
    EXPECT_EQ(script_features("suite/i32.wast"), Features());
    const Features threads = script_features("suite/proposals/threads/memory.wast");
    EXPECT_TRUE(threads.has(Feature::threads));
    EXPECT_FALSE(threads.has(Feature::multi_memory));
    EXPECT_TRUE(script_features("custom-page-sizes/a.wast").has(Feature::custom_page_sizes));
    EXPECT_TRUE(script_features("wide-arithmetic/a.wast").has(Feature::wide_arithmetic));
    EXPECT_FALSE(script_features("threads/more/a.wast").has(Feature::threads));
}

TEST(SkipList, entries_name_scripts_or_lines_and_give_a_reason) {
    const auto list = SkipList::parse("# a comment\n\n"
                                      "legacy/*  old\n"
                                      "linking:12 needs a file \r\n");
    ASSERT_TRUE(list) << list.error().message();
    ASSERT_NE(list->script("suite/legacy/throw.wast"), nullptr);
    EXPECT_EQ(*list->script("suite/legacy/throw.wast"), "old");
    EXPECT_EQ(list->script("suite/linking.wast"), nullptr);
    ASSERT_NE(list->command("suite/linking.wast", 12), nullptr);
    EXPECT_EQ(*list->command("suite/linking.wast", 12), "needs a file");
    EXPECT_EQ(list->command("suite/linking.wast", 13), nullptr);
    EXPECT_EQ(list->command("suite/legacy/throw.wast", 12), nullptr);
}

TEST(SkipList, an_entry_without_reason_is_refused_with_its_line) {
    const auto list = SkipList::parse("a reason\nb\n");
    ASSERT_FALSE(list);
    EXPECT_EQ(list.error().message(), "skip list, line 2: an entry needs a reason");
    const auto bad = SkipList::parse("a:x reason");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().message(), "skip list, line 1: no number after the colon");
}

}  // namespace
}  // namespace waxwing::cli
