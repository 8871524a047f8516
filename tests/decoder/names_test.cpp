#include "decoder/names.hpp"

#include "bytes.hpp"

namespace waxwing::test {
namespace {

// The names of a module whose name section holds this.
struct Named {
    explicit Named(const Bytes& payload)
        : module(expect_decoded(test::module(section(0, 4, "name", payload)))),
          names(parse_names(module)) {}
    core::Module module;
    NameSection names;
};

TEST(Names, of_module_functions_and_locals_are_found) {
    const Named it(bytes(section(0, 3, "mod"),                       //
                         section(1, 2, 0, 1, "f", 7, 2, "gg"),       //
                         section(2, 1, 7, 2, 0, 1, "x", 1, 1, "y"),  //
                         section(9, "of a later version")));
    EXPECT_EQ(it.names.module, "mod");
    EXPECT_EQ(it.names.func(0), "f");
    EXPECT_EQ(it.names.func(7), "gg");
    EXPECT_EQ(it.names.func(1), "");
    EXPECT_EQ(it.names.local(7, 0), "x");
    EXPECT_EQ(it.names.local(7, 1), "y");
    EXPECT_EQ(it.names.local(0, 0), "");
}

TEST(Names, out_of_order_are_found_and_the_first_of_two_counts) {
    const Named it(section(1, 3, 9, 1, "a", 2, 1, "b", 9, 1, "c"));
    EXPECT_EQ(it.names.func(9), "a");
    EXPECT_EQ(it.names.func(2), "b");
    EXPECT_EQ(it.names.funcs.size(), 2u);
}

TEST(Names, that_are_not_utf8_are_left_out) {
    const Named it(bytes(section(0, 1, 0xFF), section(1, 2, 0, 1, 0x80, 1, 1, "b")));
    EXPECT_EQ(it.names.module, "");
    EXPECT_EQ(it.names.func(0), "");
    EXPECT_EQ(it.names.func(1), "b");
}

TEST(Names, before_a_broken_place_are_kept) {
    const Bytes huge = bytes(0xFF, 0xFF, 0xFF, 0xFF, 0x0F);
    const Named it(bytes(section(1, huge, 0, 1, "a", 1, huge, "b")));
    EXPECT_EQ(it.names.func(0), "a");
    EXPECT_EQ(it.names.funcs.size(), 1u);
    EXPECT_EQ(Named(bytes(section(0, 1, "m"), 1, 99, 1)).names.module, "m");
}

TEST(Names, of_a_section_cut_anywhere_are_no_error) {
    const Bytes whole =
        bytes(section(0, 3, "mod"), section(1, 1, 0, 1, "f"), section(2, 1, 0, 1, 0, 1, "x"));
    for (usize size = 0; size < whole.size(); ++size)
        Named(Bytes(whole.begin(), whole.begin() + static_cast<long>(size)));
}

TEST(Names, are_empty_without_a_name_section) {
    EXPECT_EQ(parse_names(expect_decoded(module())).func(0), "");
}

}  // namespace
}  // namespace waxwing::test
