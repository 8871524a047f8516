#include "helpers.hpp"

#include "text/locate.hpp"

namespace waxwing::text {
namespace {

// The place in the text that is told for the byte at `offset` of the module.
std::string place_of_byte(std::string_view wat, usize offset) {
    Error error(Code::compile, ErrorKind::invalid, "wrong (at 0x0)");
    error.with_offset(offset);
    return std::string(locate_in_text(error, wat).message());
}

TEST(Locate, every_instruction_has_its_place) {
    // Columns:                  1         11        21        31        41
    const std::string_view wat = "(func $f (local i32)\n"
                                 "  (i32.add\n"
                                 "    (i32.const 1)\n"
                                 "    (if (result i32) (local.get 0)\n"
                                 "      (then (i32.const 2))\n"
                                 "      (else i32.const 3)))\n"
                                 "  drop)";
    // 0x19: 41 01 | 20 00 | 04 7f | 41 02 | 05 | 41 03 | 0b | 6a | 1a | 0b
    const auto at = [&](usize offset) { return place_of_byte(wat, 0x19 + offset); };
    EXPECT_EQ(at(0), "wrong (at line 3, column 5 $f)");
    EXPECT_EQ(at(2), "wrong (at line 4, column 22 $f)");
    EXPECT_EQ(at(4), "wrong (at line 4, column 5 $f)");
    EXPECT_EQ(at(5), "wrong (at line 4, column 5 $f)");
    EXPECT_EQ(at(6), "wrong (at line 5, column 13 $f)");
    EXPECT_EQ(at(8), "wrong (at line 6, column 7 $f)");
    EXPECT_EQ(at(9), "wrong (at line 6, column 13 $f)");
    EXPECT_EQ(at(11), "wrong (at line 6, column 25 $f)");
    EXPECT_EQ(at(12), "wrong (at line 2, column 3 $f)");
    EXPECT_EQ(at(13), "wrong (at line 7, column 3 $f)");
    EXPECT_EQ(at(14), "wrong (at line 7, column 7 $f)");
}

TEST(Locate, bodies_of_any_size_and_other_sections) {
    std::string wat = "(type (func))\n(rec (type (struct))\n (type (struct)))\n(memory 1)\n(func\n";
    for (int i = 0; i < 100; ++i)
        wat += "i32.const 1000 drop\n";
    wat += ")\n(func $b unreachable)\n(export \"m\" (memory 0))\n(func (export \"b\"))";
    const auto module = parse_wat(wat);
    ASSERT_TRUE(module);
    const std::string_view bytes(reinterpret_cast<const char*>(module->data()), module->size());
    EXPECT_EQ(place_of_byte(wat, bytes.find("\x00\x00\x0b", 0, 2) + 1).substr(0, 14),
              "wrong (at line");
    EXPECT_EQ(place_of_byte(wat, bytes.find(std::string_view("\x03\0\0\x0b", 4)) + 2),
              "wrong (at line 107, column 10 $b)");
    EXPECT_EQ(place_of_byte(wat, bytes.find("\x01m\x02")), "wrong (at line 108, column 1)");
    EXPECT_EQ(place_of_byte(wat, bytes.find(std::string_view("\x01"
                                                             "b\0",
                                                             3))),
              "wrong (at line 109, column 7)");
    EXPECT_EQ(place_of_byte(wat, bytes.find("\x4e\x02\x5f") + 4), "wrong (at line 3, column 2)");
}

TEST(Locate, errors_without_a_place_stay_as_they_are) {
    Error error(Code::compile, ErrorKind::invalid, "wrong");
    EXPECT_EQ(locate_in_text(error, "(module)").message(), "wrong");
    error.with_offset(1000);
    EXPECT_EQ(locate_in_text(error, "(module)").message(), "wrong");
    EXPECT_EQ(locate_in_text(error, "(no module").message(), "wrong");
}

}  // namespace
}  // namespace waxwing::text
