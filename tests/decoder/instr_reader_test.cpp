#include "decoder/instr_reader.hpp"

#include <bit>

#include "bytes.hpp"

namespace waxwing::test {
namespace {

// The instructions of one function, one after another.
class Body {
public:
    explicit Body(const Bytes& body, Features features = {})
        : module_(expect_decoded(function_module(body), features)),
          reader_(module_, module_.code.at(0).instructions) {}

    Instr next() {
        Instr in{};
        const auto result = reader_.next(in);
        EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message());
        return in;
    }
    bool done() const { return reader_.done(); }
    u32 offset() const { return reader_.offset(); }

private:
    core::Module module_;
    InstrReader reader_;
};

Bytes nops(usize count) { return Bytes(count, 0x01); }

// What must follow the opcode, all zero, for it to be well-formed.
Bytes zero_immediates(Immediates imm) {
    switch (imm) {
    case Immediates::none: return {};
    case Immediates::block_type: return bytes(0x40);
    case Immediates::try_table: return bytes(0x40, 0);
    case Immediates::heap_type: return bytes(0x70);
    case Immediates::cast: return bytes(3, 0, 0x6E, 0x6D);
    case Immediates::f32: return Bytes(4);
    case Immediates::f64: return Bytes(8);
    case Immediates::v128:
    case Immediates::shuffle: return Bytes(16);
    case Immediates::type_table:
    case Immediates::table_table:
    case Immediates::memory_memory:
    case Immediates::data_memory:
    case Immediates::elem_table:
    case Immediates::type_field:
    case Immediates::type_count:
    case Immediates::type_data:
    case Immediates::type_elem:
    case Immediates::type_type:
    case Immediates::label_table: return Bytes(2);
    default: break;
    }
    if (has_memarg(imm)) return Bytes(imm >= Immediates::mem8_lane ? 3 : 2);
    return Bytes(1);
}

Bytes opcode_bytes(Opcode op) {
    const u32 encoding = info(op).encoding;
    if (encoding >> 16) return bytes(static_cast<int>(encoding >> 16), leb(encoding & 0xFFFF));
    return bytes(static_cast<int>(encoding));
}

TEST(InstrReader, every_row_of_the_table_is_read_to_its_end) {
    for (usize i = 0; i < opcode_count; ++i) {
        const auto op = static_cast<Opcode>(i);
        const OpcodeInfo& what = info(op);
        if (what.feature == Feature::legacy_exceptions) continue;
        if (op == Opcode::else_ || op == Opcode::end) continue;
        SCOPED_TRACE(std::string(what.name));
        const bool opens =
            what.immediates == Immediates::block_type || what.immediates == Immediates::try_table;
        Body body(bytes(opcode_bytes(op), zero_immediates(what.immediates),
                        opens ? bytes(0x0B) : Bytes(), 0x0B),
                  Features::all());
        const Instr in = body.next();
        EXPECT_EQ(in.op, op);
        EXPECT_EQ(in.offset, body_offset);
        if (opens) {
            EXPECT_EQ(body.next().op, Opcode::end);
        }
        EXPECT_EQ(body.next().op, Opcode::end);
        EXPECT_TRUE(body.done());
    }
}

TEST(InstrReader, every_row_of_the_table_fails_when_cut_short) {
    for (usize i = 0; i < opcode_count; ++i) {
        const auto op = static_cast<Opcode>(i);
        const OpcodeInfo& what = info(op);
        if (what.feature == Feature::legacy_exceptions || op == Opcode::end) continue;
        if (op == Opcode::else_) continue;
        SCOPED_TRACE(std::string(what.name));
        const Bytes whole = bytes(opcode_bytes(op), zero_immediates(what.immediates));
        for (usize size = 1; size <= whole.size(); ++size) {
            const Bytes cut(whole.begin(), whole.begin() + static_cast<long>(size));
            expect_malformed(function_module(cut), "unexpected end of section or function",
                             body_offset + size, Features::all());
        }
    }
}

TEST(InstrReader, constants_keep_their_bits) {
    Body body(bytes(0x41, 0x7F,                              // i32.const -1
                    0x42, 0x80, 0x7F,                        // i64.const -128
                    0x43, 0x01, 0x00, 0xA0, 0x7F,            // f32.const, a signalling NaN
                    0x44, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F,      // f64.const 1
                    0xFD, 0x0C, "0123456789abcdef", 0x0B));  // v128.const
    EXPECT_EQ(body.next().bits, 0xFFFFFFFFu);
    EXPECT_EQ(body.next().bits, static_cast<u64>(-128));
    EXPECT_EQ(body.next().bits, 0x7FA00001u);
    EXPECT_EQ(body.next().bits, std::bit_cast<u64>(1.0));
    EXPECT_EQ(body.next().vec.bytes[10], 'a');
}

TEST(InstrReader, constants_of_one_byte_extend_their_sign) {
    Body body(bytes(0x41, 0x40, 0x41, 0x3F, 0x42, 0x40, 0x42, 0x3F, 0x42, 0x7F, 0x0B));
    EXPECT_EQ(body.next().bits, 0xFFFFFFC0u);
    EXPECT_EQ(body.next().bits, 63u);
    EXPECT_EQ(body.next().bits, 0xFFFFFFFFFFFFFFC0u);
    EXPECT_EQ(body.next().bits, 63u);
    EXPECT_EQ(body.next().bits, 0xFFFFFFFFFFFFFFFFu);
}

TEST(InstrReader, an_instr_used_again_keeps_nothing_that_matters) {
    const core::Module module = expect_decoded(function_module(
        bytes(0x28, 0x42, 0x07, 0x80, 0x01, 0x28, 0x00, 0x03, 0x02, 0x40, 0x0B, 0x0B)));
    InstrReader reader(module, module.code[0].instructions);
    Instr in{};
    ASSERT_TRUE(reader.next(in).has_value());
    EXPECT_EQ(in.mem.memory, 7u);
    ASSERT_TRUE(reader.next(in).has_value());
    EXPECT_EQ(in.mem.align_log2, 0);
    EXPECT_EQ(in.mem.memory, 0u);
    EXPECT_EQ(in.mem.offset, 3u);
    ASSERT_TRUE(reader.next(in).has_value());
    EXPECT_EQ(in.block.kind, BlockType::Kind::empty);
}

TEST(InstrReader, two_indices_come_in_the_order_of_the_binary_format) {
    Body body(bytes(0x11, 5, 6,              // call_indirect: type, table
                    0xFC, 0x0C, 7, 8,        // table.init: segment, table
                    0xFC, 0x0A, 1, 2,        // memory.copy: target, source
                    0xFC, 0x08, 3, 4, 0x0B)  // memory.init: segment, memory
    );
    Instr in = body.next();
    EXPECT_EQ(in.index, 5u);
    EXPECT_EQ(in.index2, 6u);
    in = body.next();
    EXPECT_EQ(in.index, 7u);
    EXPECT_EQ(in.index2, 8u);
    in = body.next();
    EXPECT_EQ(in.index, 1u);
    EXPECT_EQ(in.index2, 2u);
    in = body.next();
    EXPECT_EQ(in.index, 3u);
    EXPECT_EQ(in.index2, 4u);
}

TEST(InstrReader, bit_six_of_a_memarg_announces_a_memory_index) {
    Body body(bytes(0x28, 0x02, 0x10,                                                  //
                    0x28, 0x42, 0x07, 0x80, 0x01,                                      //
                    0x28, 0x3F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,  //
                    0x01, 0x0B));
    MemArg mem = body.next().mem;
    EXPECT_EQ(mem.align_log2, 2);
    EXPECT_EQ(mem.memory, 0u);
    EXPECT_EQ(mem.offset, 16u);
    mem = body.next().mem;
    EXPECT_EQ(mem.align_log2, 2);
    EXPECT_EQ(mem.memory, 7u);
    EXPECT_EQ(mem.offset, 128u);
    mem = body.next().mem;
    EXPECT_EQ(mem.align_log2, 63);
    EXPECT_EQ(mem.offset, 0xFFFFFFFFFFFFFFFFu);
}

TEST(InstrReader, memarg_flags_from_128_are_malformed) {
    expect_malformed(function_module(bytes(0x28, 0x80, 0x01, 0x00, 0x0B)), "malformed memop flags",
                     body_offset + 1);
}

TEST(InstrReader, block_types_are_empty_a_value_or_an_index) {
    Body body(bytes(0x02, 0x40, 0x02, 0x7E, 0x02, 0x63, 0x05, 0x03, 0x80, 0x01, 0x04, 0x7B, 0x0B,
                    0x0B, 0x0B, 0x0B, 0x0B, 0x0B));
    EXPECT_EQ(body.next().block.kind, BlockType::Kind::empty);
    BlockType block = body.next().block;
    EXPECT_EQ(block.kind, BlockType::Kind::value);
    EXPECT_EQ(block.value, i64);
    EXPECT_EQ(body.next().block.value, ValType::ref(HeapType::defined(5), true));
    const Instr loop = body.next();
    EXPECT_EQ(loop.op, Opcode::loop);
    EXPECT_EQ(loop.block.kind, BlockType::Kind::type);
    EXPECT_EQ(loop.block.type_index, 128u);
    EXPECT_EQ(body.next().block.value, v128);
}

TEST(InstrReader, a_block_type_that_is_a_long_negative_number_is_malformed) {
    expect_malformed(function_module(bytes(0x02, 0xFF, 0x7F, 0x0B, 0x0B)), "malformed value type",
                     body_offset + 1);
    expect_malformed(function_module(bytes(0x02, 0x41, 0x0B, 0x0B)), "malformed value type 41",
                     body_offset + 1);
}

TEST(InstrReader, br_table_lists_its_labels_and_the_default_apart) {
    Body body(bytes(0x0E, 3, 1, 0x80, 0x01, 2, 9, 0x0E, 0, 4, 0x0B));
    Instr in = body.next();
    ASSERT_EQ(in.labels.size(), 3u);
    EXPECT_EQ(in.labels[0], 1u);
    EXPECT_EQ(in.labels[1], 128u);
    EXPECT_EQ(in.labels[2], 2u);
    EXPECT_EQ(in.index, 9u);
    in = body.next();
    EXPECT_TRUE(in.labels.empty());
    EXPECT_EQ(in.index, 4u);
}

TEST(InstrReader, try_table_lists_its_clauses) {
    Body body(bytes(0x1F, 0x40, 4, 0, 1, 2, 1, 3, 4, 2, 5, 3, 6, 0x0B, 0x0B));
    const Instr in = body.next();
    ASSERT_EQ(in.catches.size(), 4u);
    EXPECT_EQ(in.catches[0].kind, CatchClause::Kind::catch_);
    EXPECT_EQ(in.catches[0].tag, 1u);
    EXPECT_EQ(in.catches[0].label, 2u);
    EXPECT_EQ(in.catches[1].kind, CatchClause::Kind::catch_ref);
    EXPECT_EQ(in.catches[1].tag, 3u);
    EXPECT_EQ(in.catches[2].kind, CatchClause::Kind::catch_all);
    EXPECT_EQ(in.catches[2].label, 5u);
    EXPECT_EQ(in.catches[3].kind, CatchClause::Kind::catch_all_ref);
    EXPECT_EQ(in.catches[3].label, 6u);
    expect_malformed(function_module(bytes(0x1F, 0x40, 1, 4, 0, 0x0B, 0x0B)),
                     "malformed catch clause 04", body_offset + 3);
}

TEST(InstrReader, select_lists_its_types) {
    Body body(bytes(0x1C, 2, 0x7F, 0x64, 0x6B, 0x0B));
    const Instr in = body.next();
    ASSERT_EQ(in.types.size(), 2u);
    EXPECT_EQ(in.types[0], i32);
    EXPECT_EQ(in.types[1], ValType::ref(HeapKind::struct_, false));
}

TEST(InstrReader, br_on_cast_has_flags_a_label_and_two_heap_types) {
    Body body(bytes(0xFB, 0x18, 0x02, 0x07, 0x6E, 0x80, 0x01, 0x0B));
    const Instr in = body.next();
    EXPECT_EQ(in.cast_flags, 2);
    EXPECT_EQ(in.index, 7u);
    EXPECT_EQ(in.heap, HeapType(HeapKind::any));
    EXPECT_EQ(in.heap2, HeapType::defined(128));
    expect_malformed(function_module(bytes(0xFB, 0x18, 0x04, 0, 0x6E, 0x6E, 0x0B)),
                     "malformed br_on_cast flags 04", body_offset + 2);
}

TEST(InstrReader, lanes_are_bytes_and_may_be_too_large) {
    Body body(bytes(0xFD, 0x15, 0xFF, 0xFD, 0x54, 0, 3, 200, 0x0B));
    EXPECT_EQ(body.next().lane, 255);
    const Instr load = body.next();
    EXPECT_EQ(load.op, Opcode::v128_load8_lane);
    EXPECT_EQ(load.mem.offset, 3u);
    EXPECT_EQ(load.lane, 200);
}

TEST(InstrReader, prefixed_opcodes_are_leb128_and_may_be_overlong) {
    Body body(bytes(0xFC, 0x80, 0x80, 0x00, 0x0B));
    EXPECT_EQ(body.next().op, Opcode::i32_trunc_sat_f32_s);
}

TEST(InstrReader, heap_types_beyond_all_types_are_unknown_not_cut_off) {
    expect_error(function_module(bytes(0xD0, 0x80, 0x80, 0x80, 0x80, 0x02, 0x0B)), ErrorKind::invalid,
                 "unknown type 536870912", body_offset + 1);
    expect_malformed(function_module(bytes(0xD0, 0x40, 0x0B)), "malformed heap type 40",
                     body_offset + 1);
}

TEST(InstrReader, else_belongs_to_an_if_and_comes_once) {
    Body body(bytes(0x04, 0x40, 0x02, 0x40, 0x0B, 0x05, 0x0B, 0x0B));
    for (int i = 0; i < 3; ++i)
        body.next();
    EXPECT_EQ(body.next().op, Opcode::else_);

    expect_malformed(function_module(bytes(0x05, 0x0B)), "END opcode expected", body_offset);
    expect_malformed(function_module(bytes(0x04, 0x40, 0x05, 0x05, 0x0B, 0x0B)),
                     "END opcode expected", body_offset + 3);
    expect_malformed(function_module(bytes(0x04, 0x40, 0x02, 0x40, 0x05, 0x0B, 0x0B, 0x0B)),
                     "END opcode expected", body_offset + 4);
}

TEST(InstrReader, remembers_which_blocks_are_ifs_at_any_depth) {
    constexpr usize depth = 1000;
    Bytes body;
    for (usize i = 0; i < depth; ++i)
        append(body, bytes(i % 3 == 0 ? 0x04 : 0x02, 0x40));
    for (usize i = depth; i-- > 0;)
        append(body, i % 3 == 0 ? bytes(0x05, 0x0B) : bytes(0x0B));
    append(body, 0x0B);
    EXPECT_EQ(decode_and_walk(function_module(body)).value(), 2 * depth + (depth + 2) / 3 + 1);

    // The same with an else for a block, in the middle of the way out.
    Bytes wrong;
    for (usize i = 0; i < depth; ++i)
        append(wrong, bytes(i % 3 == 0 ? 0x04 : 0x02, 0x40));
    append(wrong, Bytes(depth - 65, 0x0B));
    const u64 at = wrong.size();
    append(wrong, bytes(0x05, Bytes(66, 0x0B)));
    expect_malformed(function_module(wrong), "END opcode expected",
                     body_offset + 2 + at);  // two sizes take two bytes
}

TEST(InstrReader, a_million_open_blocks_are_no_problem) {
    Bytes body;
    for (int i = 0; i < 1'000'000; ++i)
        append(body, bytes(0x02, 0x40));
    append(body, Bytes(1'000'001, 0x0B));
    EXPECT_EQ(decode_and_walk(function_module(body)).value(), 2'000'001u);
}

TEST(InstrReader, a_function_ends_with_end_exactly_at_its_size) {
    expect_malformed(function_module(bytes(0x01, 0x0B, 0x01)), "section size mismatch",
                     body_offset + 2);
    expect_malformed(function_module(bytes(0x02, 0x40, 0x0B)),
                     "unexpected end of section or function", body_offset + 3);
    // What the byte after the function would be decides about the words.
    const Bytes cut = function_module(bytes(0x01));
    expect_malformed(bytes(cut, section(0, 0)), "END opcode expected", cut.size());
    expect_malformed(bytes(cut, section(11, 0)), "section size mismatch", cut.size());
}

TEST(InstrReader, unknown_opcodes_are_illegal) {
    expect_malformed(function_module(bytes(0xFF, 0x0B)), "illegal opcode ff (at 0x1a)",
                     body_offset);
    expect_malformed(function_module(bytes(0xFC, 0x7F, 0x0B)), "illegal opcode fc 7f", body_offset);
    expect_malformed(function_module(bytes(0xFD, 0xA0, 0x02, 0x0B)), "illegal opcode fd 120",
                     body_offset);
}

TEST(InstrReader, legacy_exception_opcodes_are_refused_by_name_whatever_is_on) {
    const Bytes body = function_module(bytes(0x06, 0x40, 0x0B, 0x0B));
    const auto text = "illegal opcode 06: try belongs to legacy exception handling, which is not "
                      "supported; the exceptions of WebAssembly 3.0 are";
    expect_malformed(body, text, body_offset);
    expect_malformed(body, text, body_offset, Features::all());
}

TEST(InstrReader, opcodes_beyond_the_standard_are_illegal_until_switched_on) {
    const Bytes fence = function_module(bytes(0xFE, 0x03, 0x00, 0x0B));
    expect_malformed(fence,
                     "illegal opcode fe 03: atomic.fence: the feature threads is switched off",
                     body_offset);
    EXPECT_TRUE(decode_and_walk(fence, Features().with(Feature::threads)).has_value());
    expect_malformed(function_module(bytes(0xFE, 0x03, 0x01, 0x0B)), "zero byte expected",
                     body_offset + 2, Features().with(Feature::threads));
    const Bytes add = function_module(bytes(0xFC, 0x13, 0x0B));
    expect_malformed(add, "illegal opcode fc 13: i64.add128", body_offset);
    EXPECT_TRUE(decode_and_walk(add, Features().with(Feature::wide_arithmetic)).has_value());
}

TEST(InstrReader, opcodes_of_a_feature_switched_off_are_unsupported) {
    expect_error(function_module(bytes(0xFD, 0x6E, 0x0B)), ErrorKind::unsupported,
                 "i8x16.add: the feature simd is switched off (at 0x1a)", body_offset,
                 Features().with(Feature::simd, false));
    expect_error(function_module(bytes(0xC0, 0x0B)), ErrorKind::unsupported,
                 "i32.extend8_s: the feature sign-extension is switched off", body_offset,
                 Features::none().with(Feature::bulk_memory));
    expect_error(function_module(bytes(0x02, 0x00, 0x0B, 0x0B)), ErrorKind::unsupported,
                 "type index as block type: the feature multi-value is switched off",
                 body_offset + 1, Features().with(Feature::multi_value, false));
}

TEST(InstrReader, without_multi_memory_a_memory_is_a_zero_byte) {
    const Features one_memory = Features().with(Feature::multi_memory, false);
    expect_malformed(function_module(bytes(0x3F, 0x01, 0x0B)), "zero byte expected",
                     body_offset + 1, one_memory);
    expect_malformed(function_module(bytes(0x28, 0x42, 0x00, 0x00, 0x0B)), "malformed memop flags",
                     body_offset + 1, one_memory);
    expect_malformed(function_module(bytes(0x11, 0x00, 0x80, 0x00, 0x0B)), "zero byte expected",
                     body_offset + 2, Features().with(Feature::reference_types, false));
}

TEST(InstrReader, functions_that_use_data_segments_need_their_count) {
    const Bytes body = bytes(0, 0xFC, 0x09, 0, 0x0B);
    const Bytes uncounted =
        module(section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(10, 1, leb(body.size()), body));
    expect_malformed(uncounted, "data count section required", 0x17);
}

TEST(InstrReader, counts_beyond_the_module_do_not_allocate) {
    const Bytes huge = bytes(0xFF, 0xFF, 0xFF, 0xFF, 0x0F);
    expect_malformed(function_module(bytes(0x0E, huge, 0, 0x0B)), "length out of bounds",
                     body_offset + 1);
    expect_malformed(function_module(bytes(0x1C, huge, 0x7F, 0x0B)), "length out of bounds",
                     body_offset + 1);
    expect_malformed(function_module(bytes(0x1F, 0x40, huge, 0x0B)), "length out of bounds",
                     body_offset + 2);
}

TEST(InstrReader, a_function_can_be_read_again) {
    const core::Module decoded =
        expect_decoded(function_module(bytes(nops(3), 0x41, 0x05, 0x1A, 0x0B)));
    EXPECT_EQ(walk(decoded).value(), 6u);
    EXPECT_EQ(walk(decoded).value(), 6u);
}

}  // namespace
}  // namespace waxwing::test
