#include "decoder/module_decoder.hpp"

#include "bytes.hpp"
#include <algorithm>

#include "core/limits.hpp"

namespace waxwing::test {
namespace {

constexpr const char* cut_short = "unexpected end of section or function";

Bytes i32_const(int value) { return bytes(0x41, value, 0x0B); }

// One of everything that a module can hold.
Bytes full_module() {
    return module(section(0, 1, "a", "first"),
                  section(1, 4, 0x60, 1, 0x7F, 2, 0x7E, 0x6F,  // 0: [i32] -> [i64 externref]
                          0x60, 0, 0,                          // 1: [] -> []
                          0x4E, 2, 0x50, 0, 0x5F, 2, 0x78, 1, 0x64, 3,
                          0,                             // 2: sub struct i8 mut, (ref 3)
                          0x4F, 1, 2, 0x5F, 1, 0x7F, 0,  // 3: sub final 2 struct
                          0x5E, 0x77, 1),                // 4: array i16 mut
                  section(2, 5, 1, "m", 1, "f", 0, 0,    //
                          0, 1, "t", 1, 0x70, 1, 1, 2,   //
                          0, 0, 2, 5, 1, 2,              // memory i64 1 2
                          0, 0, 3, 0x7F, 1,              //
                          0, 0, 4, 0, 1),
                  section(3, 1, 1),  //
                  section(4, 2, 0x6F, 0, 3, 0x40, 0, 0x64, 0x70, 0, 1, 0xD2, 0, 0x0B),
                  section(5, 1, 0, 9),                   //
                  section(13, 1, 0, 1),                  //
                  section(6, 1, 0x7F, 0, i32_const(7)),  //
                  section(7, 2, 1, "e", 0, 1, 0, 4, 0),  //
                  section(8, 1),
                  section(9, 2, 0, i32_const(0), 2, 0, 1,  // active
                          7, 0x6E, 1, 0xD0, 0x6E, 0x0B),   // declarative
                  section(12, 3),                          //
                  section(10, 1, 8, 2, 3, 0x7F, 1, 0x7E, 0x01, 0x01, 0x0B),
                  section(11, 3, 0, i32_const(1), 3, "abc", 1, 0, 2, 1, i32_const(2), 1, "z"),
                  section(0, 1, "b", "last"));
}

TEST(ModuleDecoder, types_are_numbered_through_recursion_groups) {
    const core::Module m = expect_decoded(full_module());
    ASSERT_EQ(m.types.size(), 5u);
    ASSERT_EQ(m.rec_groups.size(), 4u);
    EXPECT_EQ(m.rec_groups[2].first, 2u);
    EXPECT_EQ(m.rec_groups[2].count, 2u);
    EXPECT_EQ(m.types[0].func()->params, std::vector<ValType>{i32});
    EXPECT_EQ(m.types[0].func()->results, (std::vector<ValType>{i64, externref}));
    EXPECT_TRUE(m.types[0].is_final);
    const core::StructType& pair = *m.types[2].struct_();
    EXPECT_FALSE(m.types[2].is_final);
    EXPECT_EQ(pair.fields[0], (core::FieldType{ValType::Kind::i8, true}));
    EXPECT_EQ(pair.fields[1], (core::FieldType{ValType::ref(HeapType::defined(3), false), false}));
    EXPECT_TRUE(m.types[3].is_final);
    EXPECT_EQ(m.types[3].supertypes, std::vector<u32>{2});
    EXPECT_EQ(m.types[4].array()->element, (core::FieldType{ValType::Kind::i16, true}));
}

TEST(ModuleDecoder, imports_come_first_in_each_index_space) {
    const core::Module m = expect_decoded(full_module());
    ASSERT_EQ(m.imports.size(), 5u);
    EXPECT_EQ(m.imports[0].module, "m");
    EXPECT_EQ(m.imports[0].name, "f");
    EXPECT_EQ(m.imports[1].kind, ExternKind::table);
    EXPECT_EQ(m.imports[1].index, 0u);
    EXPECT_EQ(m.imported_functions, 1u);
    ASSERT_EQ(m.functions.size(), 2u);
    EXPECT_EQ(m.functions[0].type, 0u);
    EXPECT_EQ(m.functions[1].type, 1u);
    EXPECT_EQ(m.memories[0].type.address, AddressType::i64);
    EXPECT_EQ(m.memories[0].type.limits, (Limits{1, 2}));
    EXPECT_EQ(m.memories[1].type.limits, (Limits{9, std::nullopt}));
    EXPECT_TRUE(m.globals[0].type.is_mutable);
    EXPECT_FALSE(m.globals[1].type.is_mutable);
    EXPECT_EQ(m.tags[0].type, 1u);
    EXPECT_EQ(m.imported_tags, 1u);
}

TEST(ModuleDecoder, initializers_are_ranges_that_include_their_end) {
    const core::Module m = expect_decoded(full_module());
    const auto text = [&](const core::Expr& expr) {
        const auto view = m.view(expr.body);
        return Bytes(view.begin(), view.end());
    };
    EXPECT_EQ(text(m.globals[1].init), i32_const(7));
    EXPECT_FALSE(m.tables[1].init.has_value());
    EXPECT_EQ(text(m.tables[2].init.value()), bytes(0xD2, 0, 0x0B));
    EXPECT_EQ(m.tables[2].type.element, ValType::ref(HeapKind::func, false));
}

TEST(ModuleDecoder, exports_start_and_segments_are_as_written) {
    const core::Module m = expect_decoded(full_module());
    EXPECT_EQ(m.exports[0].name, "e");
    EXPECT_EQ(m.exports[0].index, 1u);
    EXPECT_EQ(m.exports[1].kind, ExternKind::tag);
    EXPECT_EQ(m.start->func, 1u);
    ASSERT_EQ(m.elems.size(), 2u);
    EXPECT_EQ(m.elems[0].mode, core::SegmentMode::active);
    EXPECT_EQ(m.elems[0].type, ValType::ref(HeapKind::func, false));
    EXPECT_EQ(m.elems[0].funcs, (std::vector<u32>{0, 1}));
    EXPECT_EQ(m.elems[1].mode, core::SegmentMode::declarative);
    EXPECT_EQ(m.elems[1].type, anyref);
    EXPECT_EQ(m.elems[1].exprs.size(), 1u);
    EXPECT_EQ(m.data_count, 3u);
    ASSERT_EQ(m.datas.size(), 3u);
    EXPECT_EQ(m.datas[0].bytes.size, 3u);
    EXPECT_EQ(m.view(m.datas[0].bytes)[0], 'a');
    EXPECT_EQ(m.datas[1].mode, core::SegmentMode::passive);
    EXPECT_EQ(m.datas[2].memory, 1u);
    EXPECT_EQ(m.view(m.datas[2].memory_offset.body)[1], 2);
}

TEST(ModuleDecoder, code_knows_its_locals_and_where_instructions_begin) {
    const core::Module m = expect_decoded(full_module());
    ASSERT_EQ(m.code.size(), 1u);
    const core::Code& code = m.code[0];
    EXPECT_EQ(code.range.size, 8u);
    EXPECT_EQ(code.instructions.offset, code.range.offset + 5);
    EXPECT_EQ(code.instructions.size, 3u);
    EXPECT_EQ(code.local_count, 4u);
    ASSERT_EQ(m.locals(code).size(), 2u);
    EXPECT_EQ(m.locals(code)[0].count, 3u);
    EXPECT_EQ(m.locals(code)[1].type, i64);
    EXPECT_EQ(walk(m).value(), 3u);
}

TEST(ModuleDecoder, custom_sections_remember_what_they_follow) {
    const core::Module m = expect_decoded(full_module());
    ASSERT_EQ(m.customs.size(), 2u);
    EXPECT_EQ(m.customs[0].name, "a");
    EXPECT_EQ(m.customs[0].after_section, 0);
    EXPECT_EQ(m.customs[0].offset, 8u);
    EXPECT_EQ(m.customs[1].after_section, 11);
    EXPECT_EQ(m.customs[1].payload.size, 4u);
    EXPECT_EQ(m.view(m.customs[1].payload)[0], 'l');
}

TEST(ModuleDecoder, views_survive_a_move_of_the_module) {
    core::Module first = expect_decoded(full_module());
    const core::Module second = std::move(first);
    EXPECT_EQ(second.imports[0].module, "m");
    EXPECT_EQ(walk(second).value(), 3u);
}

TEST(ModuleDecoder, a_module_cut_anywhere_is_an_error_unless_cut_between_sections) {
    const Bytes whole = full_module();
    ASSERT_TRUE(decode_and_walk(whole).has_value());
    usize accepted = 0;
    for (usize size = 0; size < whole.size(); ++size) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<long>(size));
        const auto result = decode_and_walk(cut);
        if (result.has_value()) {
            ++accepted;
            continue;
        }
        EXPECT_EQ(result.error().kind(), ErrorKind::malformed) << size;
        EXPECT_LE(result.error().byte_offset().value(), size);
    }
    // Before the first section, after each of the three before functions are
    // declared, and before the last custom section.
    EXPECT_EQ(accepted, 5u);
}

TEST(ModuleDecoder, a_module_with_any_one_byte_changed_does_not_crash) {
    const Bytes whole = full_module();
    for (usize at = 0; at < whole.size(); ++at) {
        for (int value = 0; value < 256; ++value) {
            Bytes changed = whole;
            changed[at] = static_cast<u8>(value);
            if (const auto result = decode_and_walk(changed, Features::all()); !result) {
                EXPECT_LE(result.error().byte_offset().value(), changed.size());
                EXPECT_FALSE(result.error().message().empty());
            }
        }
    }
}

TEST(Preamble, must_be_the_magic_and_version_one) {
    expect_malformed({}, cut_short, 0);
    expect_malformed(bytes(0, "as"), cut_short, 3);
    expect_malformed(bytes("wasm"), "magic header not detected", 0);
    expect_malformed(bytes(0, "asm", 1, 0), cut_short, 6);
    expect_malformed(bytes(0, "asm", 2, 0, 0, 0), "unknown binary version 2", 4);
    EXPECT_TRUE(decode_module(module(), {}).has_value());
}

TEST(Preamble, a_component_is_told_from_an_unknown_version) {
    expect_error(bytes(0, "asm", 0x0D, 0, 1, 0), ErrorKind::unsupported,
                 "unknown binary version: this is a component, which Waxwing does not run yet; "
                 "use a core module",
                 4);
    expect_malformed(bytes(0, "asm", 0, 0, 1, 0), "unknown binary version 65536", 4);
}

TEST(Sections, ids_are_bytes_up_to_thirteen) {
    expect_malformed(module(section(14, 0)), "malformed section id 0e", 8);
    expect_malformed(module(bytes(0x80, 0x01, 0x00)), "malformed section id 80", 8);
}

TEST(Sections, come_once_and_in_order) {
    constexpr int in_order[] = {1, 2, 3, 4, 5, 13, 6, 7, 9, 10, 11};
    Bytes all = module();
    for (const int id : in_order)
        append(all, section(id, 0));
    EXPECT_TRUE(decode_module(all, {}).has_value());
    for (const int first : in_order) {
        for (const int second : in_order) {
            const auto place = [&](int id) { return std::ranges::find(in_order, id); };
            if (place(first) < place(second)) continue;
            expect_malformed(module(section(first, 0), section(second, 0)),
                             "unexpected content after last section", 11);
        }
    }
}

TEST(Sections, are_used_up_exactly) {
    expect_malformed(module(section(1, 1, 0x60, 0, 0, 0x60)),
                     "section size mismatch: 1 bytes left of the type section", 14);
    expect_malformed(module(section(5, 1)), cut_short, 11);
    expect_malformed(module(bytes(1, 7, 2, 0x60, 0, 0)), "length out of bounds 7", 9);
}

TEST(Sections, a_count_in_a_tiny_module_does_not_allocate) {
    const Bytes huge = bytes(0xFF, 0xFF, 0xFF, 0xFF, 0x0F);
    for (const int id : {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13})
        expect_malformed(module(section(id, huge)), "length out of bounds 4294967295", 10);
    expect_malformed(module(section(1, 1, 0x60, huge)), "length out of bounds", 12);
    expect_malformed(module(section(1, 1, 0x5F, huge)), "length out of bounds", 12);
    expect_malformed(module(section(1, 1, 0x4E, huge)), "length out of bounds", 12);
    expect_malformed(module(section(9, 1, 1, 0, huge)), "length out of bounds", 13);
}

TEST(Sections, functions_and_bodies_are_as_many) {
    expect_malformed(
        module(section(1, 1, 0x60, 0, 0), section(3, 2, 0, 0), section(10, 1, 2, 0, 0x0B)),
        "function and code section have inconsistent lengths: 2 and 1", 25);
    expect_malformed(module(section(10, 1, 2, 0, 0x0B)),
                     "function and code section have inconsistent lengths: 0 and 1", 14);
    expect_malformed(module(section(12, 2)),
                     "data count and data section have inconsistent lengths: 2 and 0", 11);
}

TEST(Sections, a_malformed_body_is_reported_before_what_follows_it) {
    expect_malformed(module(section(10, 1, 3, 0, 0xFF, 0x0B), section(14, 0)), "illegal opcode ff",
                     13);
}

TEST(Types, bytes_that_are_no_type_say_which_kind_was_expected) {
    expect_malformed(module(section(1, 1, 0x5D, 0)), "malformed definition type 5d", 11);
    expect_malformed(module(section(1, 1, 0x60, 1, 0x79, 0)), "malformed value type 79", 13);
    expect_malformed(module(section(1, 1, 0x5E, 0x40, 0)), "malformed storage type 40", 12);
    expect_malformed(module(section(1, 1, 0x5E, 0x78, 2)), "malformed mutability 02", 13);
    expect_malformed(module(section(1, 1, 0x5E, 0x64, 0x7F, 0)), "malformed heap type 7f", 13);
    expect_malformed(module(section(4, 1, 0x7F, 0, 0)), "malformed reference type 7f", 11);
    expect_malformed(module(section(6, 1, 0x7F, 2, i32_const(0))), "malformed mutability 02", 12);
    expect_malformed(module(section(13, 1, 1, 0)), "malformed tag attribute 01", 11);
    expect_malformed(module(section(4, 1, 0x40, 1, 0x70, 0, 0)), "malformed table", 12);
}

TEST(Types, every_abstract_heap_type_has_its_code) {
    const HeapKind kinds[] = {HeapKind::exn,      HeapKind::array,  HeapKind::struct_,
                              HeapKind::i31,      HeapKind::eq,     HeapKind::any,
                              HeapKind::extern_,  HeapKind::func,   HeapKind::none,
                              HeapKind::noextern, HeapKind::nofunc, HeapKind::noexn};
    for (int i = 0; i < 12; ++i) {
        const core::Module m = expect_decoded(module(section(4, 1, 0x69 + i, 0, 0)));
        EXPECT_EQ(m.tables[0].type.element, ValType::ref(kinds[i], true));
        const core::Module n = expect_decoded(module(section(4, 1, 0x64, 0x69 + i, 0, 0)));
        EXPECT_EQ(n.tables[0].type.element, ValType::ref(kinds[i], false));
    }
}

TEST(Types, of_features_switched_off_are_unsupported) {
    const auto off = [](Feature f) { return Features().with(f, false); };
    const auto type = [](int code) { return module(section(1, 1, 0x60, 1, code, 0)); };
    expect_error(type(0x7B), ErrorKind::unsupported, "v128: the feature simd is switched off", 13,
                 off(Feature::simd));
    expect_error(type(0x6F), ErrorKind::unsupported,
                 "extern: the feature reference-types is switched off", 13,
                 off(Feature::reference_types));
    expect_error(type(0x6E), ErrorKind::unsupported, "any: the feature gc is switched off", 13,
                 off(Feature::gc));
    expect_error(type(0x69), ErrorKind::unsupported, "exn: the feature exceptions is switched off",
                 13, off(Feature::exceptions));
    expect_error(module(section(1, 1, 0x60, 0, 2, 0x7F, 0x7F)), ErrorKind::unsupported,
                 "more than one result: the feature multi-value is switched off", 13,
                 off(Feature::multi_value));
    expect_error(module(section(1, 1, 0x5F, 0)), ErrorKind::unsupported,
                 "struct type: the feature gc is switched off", 11, off(Feature::gc));
    expect_error(module(section(13, 0)), ErrorKind::unsupported,
                 "tag section: the feature exceptions is switched off", 8,
                 off(Feature::exceptions));
    expect_error(module(section(11, 1, 1, 0)), ErrorKind::unsupported,
                 "data segment kind: the feature bulk-memory is switched off", 11,
                 off(Feature::bulk_memory));
}

TEST(Types, without_any_feature_tables_of_functions_remain) {
    EXPECT_TRUE(decode_module(module(section(4, 1, 0x70, 0, 0)), Features::none()).has_value());
}

TEST(LimitsFlags, are_one_byte_of_known_bits) {
    for (const int flags : {0, 1, 4, 5}) {
        const Bytes max = flags & 1 ? bytes(8) : Bytes();
        EXPECT_TRUE(decode_module(module(section(5, 1, flags, 7, max)), {}).has_value());
        EXPECT_TRUE(decode_module(module(section(4, 1, 0x70, flags, 7, max)), {}).has_value());
    }
    for (const int flags : {0x10, 0x20, 0x81, 0xFF})
        expect_malformed(module(section(5, 1, flags, 0)), "malformed limits flags", 11,
                         Features::all());
    for (const int flags : {2, 3, 6, 8, 9})
        expect_malformed(module(section(4, 1, 0x70, flags, 0, 0)), "malformed limits flags", 12,
                         Features::all());
}

TEST(LimitsFlags, of_features_switched_off_are_malformed) {
    expect_malformed(
        module(section(5, 1, 3, 0, 0)),
        "malformed limits flags 03: shared memory: the feature threads is switched off", 11);
    expect_malformed(
        module(section(5, 1, 8, 0, 0)),
        "malformed limits flags 08: page size: the feature custom-page-sizes is switched off", 11);
    expect_malformed(
        module(section(5, 1, 4, 0)),
        "malformed limits flags 04: 64-bit addresses: the feature memory64 is switched off", 11,
        Features().with(Feature::memory64, false));
}

TEST(LimitsFlags, shared_memories_and_page_sizes_decode_when_switched_on) {
    core::Module m = expect_decoded(module(section(5, 1, 3, 1, 2)), Features::all());
    EXPECT_TRUE(m.memories[0].type.shared);
    m = expect_decoded(module(section(5, 1, 9, 1, 2, 0)), Features::all());
    EXPECT_EQ(m.memories[0].type.page_size_log2, 0);
    EXPECT_EQ(m.memories[0].type.limits, (Limits{1, 2}));
    expect_malformed(module(section(5, 1, 8, 0, 0x41)), "invalid custom page size", 13,
                     Features::all());
}

TEST(Segments, flags_are_numbers_in_range) {
    expect_malformed(module(section(9, 1, 8)), "malformed elements segment kind 8", 11);
    expect_malformed(module(section(9, 1, 1, 1, 0)), "malformed element kind 01", 12);
    expect_malformed(module(section(11, 1, 3)), "malformed data segment kind 3", 11);
    EXPECT_TRUE(decode_module(module(section(11, 1, 0x81, 0x00, 0)), {}).has_value());
}

TEST(Segments, every_form_of_element_segment_is_read) {
    const Bytes at = i32_const(0);
    const Bytes item = bytes(0xD0, 0x70, 0x0B);
    const core::Module m = expect_decoded(
        module(section(9, 8, bytes(0, at, 1, 0), bytes(1, 0, 1, 0), bytes(2, 5, at, 0, 1, 0),
                       bytes(3, 0, 1, 0), bytes(4, at, 1, item), bytes(5, 0x70, 1, item),
                       bytes(6, 5, at, 0x70, 1, item), bytes(7, 0x70, 1, item))));
    ASSERT_EQ(m.elems.size(), 8u);
    for (u32 flags = 0; flags < 8; ++flags) {
        const core::ElemSegment& elem = m.elems[flags];
        SCOPED_TRACE(flags);
        EXPECT_EQ(elem.mode == core::SegmentMode::active, flags % 2 == 0);
        EXPECT_EQ(elem.mode == core::SegmentMode::declarative, flags % 4 == 3);
        EXPECT_EQ(elem.has_exprs, flags >= 4);
        EXPECT_EQ(elem.count(), 1u);
        EXPECT_EQ(elem.table, flags == 2 || flags == 6 ? 5u : 0u);
        EXPECT_EQ(elem.type, flags >= 4 ? funcref : ValType::ref(HeapKind::func, false));
    }
}

TEST(ConstantExpressions, end_within_their_section) {
    expect_malformed(module(section(6, 1, 0x7F, 0, 0x41, 0), section(10, 0)), cut_short, 15);
    expect_malformed(module(section(6, 1, 0x7F, 0, 0xF3, 0x0B)), "illegal opcode f3", 13);
    // Nested blocks are not constant, but they are well-formed.
    EXPECT_TRUE(
        decode_module(module(section(6, 1, 0x7F, 0, 0x02, 0x40, 0x0B, 0x0B)), {}).has_value());
    // Only functions need a count of the data segments.
    EXPECT_TRUE(decode_module(module(section(6, 1, 0x7F, 0, 0xFC, 0x09, 0, 0x0B)), {}).has_value());
}

TEST(Imports, name_their_kind) {
    expect_malformed(module(section(2, 1, 0, 0, 5, 0)), "malformed import kind 05", 13);
    expect_malformed(module(section(7, 1, 0, 5, 0)), "malformed export kind 05", 12);
    expect_malformed(module(section(2, 1, 1, 0xFF, 0, 0, 0)), "malformed UTF-8 encoding", 12);
}

TEST(Custom, sections_need_a_good_name_and_nothing_else) {
    expect_malformed(module(section(0)), cut_short, 10);
    expect_malformed(module(section(0, 2, "a")), cut_short, 12);
    expect_malformed(module(section(0, 1, 0x80)), "malformed UTF-8 encoding", 11);
    EXPECT_TRUE(decode_module(module(section(0, 0)), {}).has_value());
}

Bytes locals_module(const Bytes& locals) {
    const Bytes body = bytes(locals, 0x0B);
    return module(section(1, 1, 0x60, 0, 0), section(3, 1, 0),
                  section(10, 1, leb(body.size()), body));
}

TEST(Locals, sum_to_less_than_two_to_the_32) {
    const Bytes most = bytes(0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x7F);
    expect_malformed(locals_module(bytes(2, most, 1, 0x7F)), "too many locals: 4294967296", 29);
    expect_malformed(locals_module(bytes(2, bytes(0x80, 0x80, 0x80, 0x80, 0x10, 0x7F), 2, 0x7E)),
                     "integer too large", 23);
}

TEST(Locals, beyond_the_implementation_limit_are_refused) {
    const auto with = [](u64 count) { return locals_module(bytes(1, leb(count), 0x7F)); };
    EXPECT_TRUE(decode_module(with(limits::function_locals), {}).has_value());
    expect_error(with(limits::function_locals + 1), ErrorKind::limit,
                 "too many locals: 50001 (limit 50000)", 22);
    expect_error(locals_module(bytes(1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x7F)), ErrorKind::limit,
                 "too many locals: 4294967295 (limit 50000)", 22);
}

TEST(Locals, errors_name_the_function) {
    const auto result = decode_module(locals_module(bytes(1, 1, 0x40)), {});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().function(), 0u);
}

TEST(ImplementationLimits, bound_parameters_results_and_fields) {
    const auto func = [](u64 params, u64 results) {
        return module(section(1, 1, 0x60, leb(params), Bytes(params, 0x7F), leb(results),
                              Bytes(results, 0x7F)));
    };
    EXPECT_TRUE(decode_module(func(1000, 1000), {}).has_value());
    expect_error(func(1001, 0), ErrorKind::limit, "too many parameters: 1001 (limit 1000)", 13);
    expect_error(func(0, 1001), ErrorKind::limit, "too many results: 1001 (limit 1000)", 14);
    const Bytes fields(2 * 10001, 0);
    expect_error(module(section(1, 1, 0x5F, leb(10001), fields)), ErrorKind::limit,
                 "too many fields: 10001 (limit 10000)", 14);
}

TEST(ImplementationLimits, bound_functions_and_types_before_they_are_stored) {
    const u64 count = limits::functions + 1;
    expect_error(module(section(3, leb(count), Bytes(count, 0))), ErrorKind::limit,
                 "too many functions: 1000001 (limit 1000000)", 12);
    expect_error(module(section(1, leb(count), Bytes(count, 0))), ErrorKind::limit,
                 "too many types: 1000001 (limit 1000000)", 12);
}

}  // namespace
}  // namespace waxwing::test
