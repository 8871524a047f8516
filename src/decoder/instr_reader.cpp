#include "decoder/instr_reader.hpp"

#include <bit>
#include <cstddef>
#include <cstring>
#include <utility>

#include "decoder/opcode_entry.hpp"
#include "decoder/types.hpp"

namespace waxwing {

namespace {

// Of an LEB128 byte: the bits beyond the seventh, for integers of 32 or 64 bits.
u64 sign_extended(u32 byte, OpcodeEntry::Extend extend) {
    constexpr u64 masks[] = {0, 0xFFFFFFFF, ~u64{0}};
    const u64 sign = u64{0} - (byte & 0x40);
    return byte | (sign & masks[static_cast<u8>(extend)]);
}

// Writes both `bits` and `mem`: `first` is the number or the alignment of a
// memory 0, `second` the offset.
void write_payload(Instr& in, u64 first, u64 second) {
    static_assert(std::endian::native == std::endian::little);
    static_assert(sizeof in.bits == 8 && sizeof in.mem == 16);
    static_assert(offsetof(MemArg, align_log2) == 0 && offsetof(MemArg, memory) == 4 &&
                  offsetof(MemArg, offset) == 8);
    const u64 words[2] = {first, second};
    std::memcpy(&in.vec, words, sizeof words);
}

}  // namespace

InstrReader::InstrReader(const core::Module& module, core::Range instructions, Body body)
    : module_(module), base_(module.bytes.data()), pos_(base_ + instructions.offset),
      end_(pos_ + instructions.size), body_(body), features_(module.features) {
    open(false);
}

// Instructions of the short form are read without asking which they are: what
// comes next is hard to predict, and a wrong guess costs more than the stores
// into members that mean nothing.
Result<void> InstrReader::next(Instr& in) {
    const u8* pos = pos_;
    if (end_ - pos >= 3) [[likely]] {
        const OpcodeEntry& entry = entry_of_byte(*pos);
        const u32 first = pos[1];
        const u32 second = pos[2];
        if (entry.short_size != 0 && !((first | second << 8) & entry.long_bits)) [[likely]] {
            in.offset = offset_of(pos);
            in.op = static_cast<Opcode>(entry.op);
            in.index = first;
            write_payload(in, sign_extended(first, entry.extend), second);
            pos_ = pos + entry.short_size;
            return {};
        }
    }
    return next_long(in);
}

Result<void> InstrReader::next_long(Instr& in) {
    const u8* pos = pos_;
    if (pos == end_) [[unlikely]] {
        missing_end();
        return std::unexpected(*std::move(error_));
    }
    in.offset = offset_of(pos);
    OpcodeEntry entry = entry_of_byte(*pos++);
    if (!features_.has(static_cast<Feature>(entry.feature))) [[unlikely]]
        pos = read_prefixed(pos, entry);
    in.op = static_cast<Opcode>(entry.op);

    using enum Immediates;
    constexpr auto shape = [](Immediates immediates) { return static_cast<u8>(immediates); };
    switch (entry.shape) {
    case shape(none): break;
    case OpcodeEntry::shape_end: pos = read_end(pos); break;
    case OpcodeEntry::shape_else: pos = read_else(pos); break;
    case OpcodeEntry::shape_if:
        pos = read_block_type(pos, in.block);
        open(true);
        break;
    case shape(block_type):
        pos = read_block_type(pos, in.block);
        open(false);
        break;
    case shape(try_table):
        pos = read_block_type(pos, in.block);
        pos = read_catches(pos, in);
        open(false);
        break;
    case OpcodeEntry::shape_index: pos = read_u32(pos, in.index); break;
    case shape(mem8):
    case shape(mem16):
    case shape(mem32):
    case shape(mem64):
    case shape(mem128): pos = read_mem_arg(pos, in.mem); break;
    case shape(Immediates::i32): pos = read_s32(pos, in.bits); break;
    case shape(Immediates::i64): pos = read_s64(pos, in.bits); break;
    case shape(Immediates::f32): {
        u32 bits = 0;
        pos = read_fixed(pos, bits);
        in.bits = bits;
        break;
    }
    case shape(Immediates::f64): pos = read_fixed(pos, in.bits); break;
    case shape(Immediates::v128):
    case shape(shuffle): pos = read_fixed(pos, in.vec); break;
    case shape(memory): pos = read_memory_index(pos, in.index); break;
    case shape(data): pos = read_data_index(pos, in.index, in.offset); break;
    case shape(label_table): pos = read_labels(pos, in); break;
    case shape(type_table):
        pos = read_u32(pos, in.index);
        pos = read_table_index(pos, in.index2);
        break;
    case shape(data_memory):
        pos = read_data_index(pos, in.index, in.offset);
        pos = read_memory_index(pos, in.index2);
        break;
    case shape(memory_memory):
        pos = read_memory_index(pos, in.index);
        pos = read_memory_index(pos, in.index2);
        break;
    case shape(type_data):
        pos = read_u32(pos, in.index);
        pos = read_data_index(pos, in.index2, in.offset);
        break;
    case shape(table_table):
    case shape(elem_table):
    case shape(type_field):
    case shape(type_count):
    case shape(type_elem):
    case shape(type_type):
        pos = read_u32(pos, in.index);
        pos = read_u32(pos, in.index2);
        break;
    case shape(select_types): pos = read_select_types(pos, in); break;
    case shape(heap_type): pos = read_heap_type(pos, in.heap); break;
    case shape(cast): pos = read_cast(pos, in); break;
    case shape(mem8_lane):
    case shape(mem16_lane):
    case shape(mem32_lane):
    case shape(mem64_lane):
        pos = read_mem_arg(pos, in.mem);
        pos = read_lane(pos, in.lane);
        break;
    case shape(lane2):
    case shape(lane4):
    case shape(lane8):
    case shape(lane16): pos = read_lane(pos, in.lane); break;
    case shape(zero_byte): pos = read_zero_byte(pos); break;
    default: break;
    }
    pos_ = pos;
    if (error_) [[unlikely]]
        return std::unexpected(*std::move(error_));
    return {};
}

// The first byte alone does not make an instruction that may be used: it is a
// prefix with the rest of the opcode at `pos`, or there is none.
const u8* InstrReader::read_prefixed(const u8* pos, OpcodeEntry& entry) {
    const u8* const at = pos - 1;
    if (!is_prefix(*at)) return refuse(entry, hex_byte(*at), at);
    u32 code = 0;
    pos = read_u32(pos, code);
    if (error_) return pos;
    entry = entry_of_prefixed(*at, code);
    if (features_.has(static_cast<Feature>(entry.feature))) [[likely]]
        return pos;
    return refuse(entry, hex_byte(*at) + " " + hex_byte(code), at);
}

void InstrReader::open(bool is_if) {
    if (depth_ % 64 == 0 && depth_ != 0) outer_ifs_.push_back(ifs_);
    ifs_ = ifs_ << 1 | (is_if ? 1 : 0);
    ++depth_;
}

void InstrReader::close() {
    --depth_;
    ifs_ >>= 1;
    if (depth_ % 64 == 0 && depth_ != 0) {
        ifs_ = outer_ifs_.back();
        outer_ifs_.pop_back();
    }
}

const u8* InstrReader::read_else(const u8* pos) {
    if (!(ifs_ & 1)) return fail(Fault::end_opcode_expected, ": else without if", pos - 1);
    ifs_ &= ~u64{1};
    return pos;
}

const u8* InstrReader::read_end(const u8* pos) {
    close();
    if (depth_ == 0 && pos != end_ && body_ == Body::function) [[unlikely]]
        return fail(Fault::section_size_mismatch, ": bytes after the end of the function", pos);
    return pos;
}

}  // namespace waxwing
