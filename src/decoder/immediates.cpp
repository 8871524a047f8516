// What follows opcodes: the immediates that InstrReader reads, and its errors.
#include <algorithm>
#include <cstring>
#include <utility>

#include "decoder/instr_reader.hpp"
#include "decoder/leb128.hpp"
#include "decoder/opcode_entry.hpp"
#include "decoder/types.hpp"

namespace waxwing {

template <class T, unsigned bits>
const u8* InstrReader::read_leb(const u8* pos, T& out) {
    Fault fault;
    const u8* next = decode_leb<T, bits>(pos, end_, out, fault);
    if (next) [[likely]]
        return next;
    fault = leb_fault<T, bits>(pos, end_, base_ + module_.bytes.size());
    return fail(fault, {}, fault == Fault::unexpected_end ? end_ : pos);
}

const u8* InstrReader::read_long_u32(const u8* pos, u32& out) {
    return read_leb<u32, 32>(pos, out);
}

const u8* InstrReader::read_s32(const u8* pos, u64& out) {
    s32 value = 0;
    pos = read_leb<s32, 32>(pos, value);
    out = static_cast<u32>(value);
    return pos;
}

const u8* InstrReader::read_s64(const u8* pos, u64& out) {
    s64 value = 0;
    pos = read_leb<s64, 64>(pos, value);
    out = static_cast<u64>(value);
    return pos;
}

template <class T>
const u8* InstrReader::read_fixed(const u8* pos, T& out) {
    if (static_cast<usize>(end_ - pos) < sizeof out) return fail(Fault::unexpected_end, {}, end_);
    std::memcpy(&out, pos, sizeof out);
    return pos + sizeof out;
}
template const u8* InstrReader::read_fixed(const u8*, u32&);
template const u8* InstrReader::read_fixed(const u8*, u64&);
template const u8* InstrReader::read_fixed(const u8*, V128&);

// laneidx ::= byte; whether there is such a lane is the validator's business
const u8* InstrReader::read_lane(const u8* pos, u8& out) { return read_fixed(pos, out); }

// `feature` is what would allow another one.
const u8* InstrReader::read_zero_byte(const u8* pos, std::optional<Feature> feature) {
    if (pos == end_) return fail(Fault::unexpected_end, {}, end_);
    if (*pos != 0 && feature)
        return fail(make_error(Fault::zero_byte_expected, {}, *feature, offset_of(pos)));
    if (*pos != 0) return fail(Fault::zero_byte_expected, {}, pos);
    return pos + 1;
}

// memidx ::= u32; before multi-memory, a zero byte
const u8* InstrReader::read_memory_index(const u8* pos, u32& out) {
    if (features_.has(Feature::multi_memory)) [[likely]]
        return read_u32(pos, out);
    out = 0;
    return read_zero_byte(pos, Feature::multi_memory);
}

// tableidx ::= u32; before reference types, call_indirect had a zero byte
const u8* InstrReader::read_table_index(const u8* pos, u32& out) {
    if (features_.has(Feature::reference_types)) [[likely]]
        return read_u32(pos, out);
    out = 0;
    return read_zero_byte(pos, Feature::reference_types);
}

// dataidx ::= u32; in a function only if the data segments have been counted
const u8* InstrReader::read_data_index(const u8* pos, u32& out, u32 at) {
    if (body_ == Body::function && !module_.data_count)
        return fail(Fault::data_count_required, {}, base_ + at);
    return read_u32(pos, out);
}

// memarg ::= flags:u32 memidx? offset:u64
// Flags below 64 are the logarithm of the alignment; bit 6 says that a memory
// index follows.
const u8* InstrReader::read_mem_arg(const u8* pos, MemArg& out) {
    if (end_ - pos >= 2 && pos[0] < 0x40 && pos[1] < 0x80) [[likely]] {
        out.align_log2 = pos[0];
        out.memory = 0;
        out.offset = pos[1];
        return pos + 2;
    }
    return read_long_mem_arg(pos, out);
}

const u8* InstrReader::read_long_mem_arg(const u8* pos, MemArg& out) {
    const u8* const at = pos;
    u32 flags = 0;
    pos = read_u32(pos, flags);
    if (flags >= 0x80) return fail(Fault::malformed_memop_flags, hex_byte(flags), at);
    if (flags >= 0x40 && !features_.has(Feature::multi_memory)) {
        return fail(make_error(Fault::malformed_memop_flags, hex_byte(flags), Feature::multi_memory,
                               offset_of(at)));
    }
    out.align_log2 = static_cast<u8>(flags & 0x3F);
    out.memory = 0;
    if (flags & 0x40) pos = read_u32(pos, out.memory);
    return read_leb<u64, 64>(pos, out.offset);
}

// blocktype ::= 0x40 | valtype | typeidx:s33, not negative
const u8* InstrReader::read_block_type(const u8* pos, BlockType& out) {
    if (pos != end_) [[likely]] {
        switch (*pos) {
        case 0x40: out.kind = BlockType::Kind::empty; return pos + 1;
        case 0x7F: out = {BlockType::Kind::value, i32}; return pos + 1;
        case 0x7E: out = {BlockType::Kind::value, i64}; return pos + 1;
        case 0x7D: out = {BlockType::Kind::value, f32}; return pos + 1;
        case 0x7C: out = {BlockType::Kind::value, f64}; return pos + 1;
        default: break;
        }
    }
    return read_long_block_type(pos, out);
}

const u8* InstrReader::read_long_block_type(const u8* pos, BlockType& out) {
    if (pos != end_ && (*pos & 0xC0) == 0x40) {
        Reader in = reader_at(pos);
        Result<ValType> type = decode_val_type(in, features_);
        if (!type) return fail(std::move(type).error());
        out = {BlockType::Kind::value, *type};
        return base_ + in.offset();
    }
    s64 index = 0;
    const u8* next = read_leb<s64, 33>(pos, index);
    if (error_) return end_;
    if (index < 0) return fail(Fault::malformed_value_type, hex_byte(*pos), pos);
    if (!features_.has(Feature::multi_value))
        return fail(unsupported(Feature::multi_value, "type index as block type", offset_of(pos)));
    out.kind = BlockType::Kind::type;
    out.type_index = static_cast<u32>(index);
    return next;
}

const u8* InstrReader::read_heap_type(const u8* pos, HeapType& out) {
    Reader in = reader_at(pos);
    Result<HeapType> type = decode_heap_type(in, features_);
    if (!type) return fail(std::move(type).error());
    out = *type;
    return base_ + in.offset();
}

// The count of a vector; after an error it is 0.
const u8* InstrReader::read_count(const u8* pos, u32& out) {
    out = 0;
    if (error_) return end_;
    Reader in = reader_at(pos);
    Result<u32> count = in.length();
    if (!count) return fail(std::move(count).error());
    out = *count;
    return base_ + in.offset();
}

// vec(labelidx) labelidx
const u8* InstrReader::read_labels(const u8* pos, Instr& in) {
    u32 count;
    pos = read_count(pos, count);
    labels_.resize(count);
    for (u32& label : labels_)
        pos = read_u32(pos, label);
    in.labels = labels_;
    return read_u32(pos, in.index);
}

// vec(valtype)
const u8* InstrReader::read_select_types(const u8* pos, Instr& in) {
    u32 count;
    pos = read_count(pos, count);
    types_.clear();
    Reader reader = reader_at(pos);
    for (u32 i = 0; i < count; ++i) {
        Result<ValType> type = decode_val_type(reader, features_);
        if (!type) return fail(std::move(type).error());
        types_.push_back(*type);
    }
    in.types = types_;
    return base_ + reader.offset();
}

// catch ::= 0x00 tagidx labelidx | 0x01 tagidx labelidx | 0x02 labelidx | 0x03 labelidx
const u8* InstrReader::read_catches(const u8* pos, Instr& in) {
    u32 count;
    pos = read_count(pos, count);
    catches_.clear();
    catches_.reserve(std::min<usize>(count, static_cast<usize>(end_ - pos) / 2));
    for (u32 i = 0; i < count; ++i) {
        u8 code = 0;
        const u8* const at = pos;
        pos = read_fixed(pos, code);
        if (code > 3) return fail(Fault::malformed_catch_clause, hex_byte(code), at);
        CatchClause clause{static_cast<CatchClause::Kind>(code)};
        if (code < 2) pos = read_u32(pos, clause.tag);
        pos = read_u32(pos, clause.label);
        if (error_) return end_;
        catches_.push_back(clause);
    }
    in.catches = catches_;
    return pos;
}

// flags:byte labelidx heaptype heaptype
const u8* InstrReader::read_cast(const u8* pos, Instr& in) {
    const u8* const at = pos;
    in.cast_flags = 0;
    pos = read_fixed(pos, in.cast_flags);
    if (in.cast_flags > 3) return fail(Fault::malformed_cast_flags, hex_byte(in.cast_flags), at);
    pos = read_u32(pos, in.index);
    if (error_) return end_;
    pos = read_heap_type(pos, in.heap);
    if (error_) return end_;
    return read_heap_type(pos, in.heap2);
}

Reader InstrReader::reader_at(const u8* pos) const {
    return Reader(module_.bytes, {offset_of(pos), static_cast<u32>(end_ - pos)});
}

const u8* InstrReader::fail(Error error) {
    if (!error_) error_ = std::move(error);
    return end_;
}

const u8* InstrReader::fail(Fault fault, std::string detail, const u8* at) {
    return fail(make_error(fault, std::move(detail), offset_of(at)));
}

// An opcode, spelled `code`, that may not be used.
const u8* InstrReader::refuse(OpcodeEntry& entry, std::string code, const u8* at) {
    const u16 op = std::exchange(entry, OpcodeEntry()).op;
    if (op == OpcodeEntry::no_opcode) return fail(Fault::illegal_opcode, std::move(code), at);

    const OpcodeInfo& what = info(static_cast<Opcode>(op));
    const std::string name(what.name);
    if (what.feature == Feature::legacy_exceptions) {
        return fail(Fault::illegal_opcode,
                    code + ": " + name +
                        " belongs to legacy exception handling, which is not "
                        "supported; the exceptions of WebAssembly 3.0 are",
                    at);
    }
    // What never was part of the standard is illegal, not merely unsupported.
    if (what.feature >= Feature::threads) {
        return fail(
            make_error(Fault::illegal_opcode, code + ": " + name, what.feature, offset_of(at)));
    }
    return fail(unsupported(what.feature, name, offset_of(at)));
}

// The bytes are used up and blocks are open. The official tests look at the
// byte after a function: taken for an instruction, it decides what is wrong.
const u8* InstrReader::missing_end() {
    const bool last = end_ == base_ + module_.bytes.size();
    if (body_ == Body::constant || last) return fail(Fault::unexpected_end, {}, end_);
    const bool is_end = *end_ == 0x0B;
    return fail(is_end ? Fault::section_size_mismatch : Fault::end_opcode_expected,
                ": the function's bytes end without it", end_);
}

}  // namespace waxwing
