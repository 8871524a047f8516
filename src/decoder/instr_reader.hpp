// Reads the instructions of one expression, one after another.
//
// A reader may be made for any expression of a decoded module, any number of
// times: it needs nothing but the bytes. It recognises what is malformed; what
// is well-formed may still be invalid.
//
// Invariants: pos_ <= end_; depth_ counts the open blocks, the expression itself
// included.
#pragma once

#include <optional>
#include <vector>

#include "core/fault.hpp"
#include "core/instr.hpp"
#include "core/module.hpp"
#include "decoder/reader.hpp"
#include "waxwing/error.hpp"

namespace waxwing {

struct OpcodeEntry;

class InstrReader {
public:
    enum class Body : u8 {
        function,  // ends exactly where `instructions` ends
        constant,  // an initializer: ends somewhere within `instructions`
    };

    // `module` must outlive the reader.
    InstrReader(const core::Module& module, core::Range instructions, Body body = Body::function);

    // Reads the next instruction. Requires !done() and no earlier error.
    // Members of `in` that its op gives no meaning to are left as they were or
    // take any value; the spans in it last until the next call.
    Result<void> next(Instr& in);

    // True once the `end` of the expression has been delivered.
    bool done() const { return depth_ == 0; }
    // Of the next instruction.
    u32 offset() const { return static_cast<u32>(pos_ - base_); }

private:
    Result<void> next_long(Instr& in);  // any instruction, short or not

    // Each reads an immediate at `pos` and returns the place after it; end_
    // after an error, which next() then reports.
    const u8* read_u32(const u8* pos, u32& out) {
        if (pos != end_ && *pos < 0x80) [[likely]] {
            out = *pos;
            return pos + 1;
        }
        return read_long_u32(pos, out);
    }
    const u8* read_long_u32(const u8* pos, u32& out);
    template <class T, unsigned bits>
    const u8* read_leb(const u8* pos, T& out);
    const u8* read_s32(const u8* pos, u64& out);
    const u8* read_s64(const u8* pos, u64& out);
    template <class T>
    const u8* read_fixed(const u8* pos, T& out);
    const u8* read_lane(const u8* pos, u8& out);
    const u8* read_memory_index(const u8* pos, u32& out);
    const u8* read_table_index(const u8* pos, u32& out);
    const u8* read_data_index(const u8* pos, u32& out, u32 at);
    const u8* read_zero_byte(const u8* pos, std::optional<Feature> feature = std::nullopt);
    const u8* read_mem_arg(const u8* pos, MemArg& out);
    const u8* read_long_mem_arg(const u8* pos, MemArg& out);
    const u8* read_block_type(const u8* pos, BlockType& out);
    const u8* read_long_block_type(const u8* pos, BlockType& out);
    const u8* read_heap_type(const u8* pos, HeapType& out);
    const u8* read_count(const u8* pos, u32& out);
    const u8* read_labels(const u8* pos, Instr& in);
    const u8* read_select_types(const u8* pos, Instr& in);
    const u8* read_catches(const u8* pos, Instr& in);
    const u8* read_cast(const u8* pos, Instr& in);

    const u8* read_prefixed(const u8* pos, OpcodeEntry& entry);
    const u8* read_else(const u8* pos);
    const u8* read_end(const u8* pos);
    void open(bool is_if);
    void close();

    // The cold ways out: they keep the first error and return end_.
    const u8* fail(Fault fault, std::string detail, const u8* at);
    const u8* fail(Error error);
    const u8* refuse(OpcodeEntry& entry, std::string code, const u8* at);
    const u8* missing_end();

    u32 offset_of(const u8* pos) const { return static_cast<u32>(pos - base_); }
    Reader reader_at(const u8* pos) const;

    const core::Module& module_;
    const u8* base_;
    const u8* pos_;
    const u8* end_;
    Body body_;
    Features features_;
    std::optional<Error> error_;

    // The open blocks as a stack of bits, 1 for an `if` that may still have an
    // `else`: the innermost up to 64 here, full words of outer ones in outer_ifs_.
    u32 depth_ = 0;
    u64 ifs_ = 0;
    std::vector<u64> outer_ifs_;

    // Where the spans of an Instr point.
    std::vector<u32> labels_;
    std::vector<CatchClause> catches_;
    std::vector<ValType> types_;
};

}  // namespace waxwing
