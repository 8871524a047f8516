// Instructions, plain and folded, to binary. Nesting costs no host stack: what is
// open lies on a stack of our own, see frame_stack.hpp.
#pragma once

#include <string_view>

#include "text/frame_stack.hpp"
#include "text/module_context.hpp"

namespace waxwing::text {

// metadata.code.branch_hint: where an `if` or `br_if` is, and if it is likely.
struct BranchHint {
    u32 offset = 0;  // from the start of the function's locals
    bool likely = false;
};

class InstrParser {
public:
    explicit InstrParser(ModuleContext& module) : module_(module), in_(module.in) {}
    InstrParser(const InstrParser&) = delete;
    InstrParser& operator=(const InstrParser&) = delete;

    // Instructions are appended to `out`. `locals` is null in constant expressions; in
    // functions, which begin at out.size(), hints may be given.
    void begin(Writer& out, const IndexSpace* locals);
    // Tells `sought` where instructions begin, counted from where begin() was called.
    void seek_place(SoughtPlace& sought) {
        sought_ = &sought;
        frames_.keep_places();
    }
    // instr*, up to a closing parenthesis that is not part of them.
    Result<void> sequence() { return run(false); }
    // One folded instruction. Requires: '(' comes next.
    Result<void> one_folded() { return run(true); }

    // Of what was parsed since begin(): the hints, and the blocks with a label, counted in
    // the order of the binary.
    const Blocks<BranchHint>& hints() const { return hints_; }
    const Blocks<NamedIndex>& label_names() const { return label_names_; }

private:
    Result<void> run(bool one);
    Result<void> open();
    Result<void> close();
    Result<void> plain();
    Result<void> folded_if(i8 hint, u32 place);
    Result<void> arm(FrameKind next);
    Result<Frame> block_start(Opcode op, FrameKind kind);
    Result<void> else_();
    Result<void> end();
    Result<void> check_label();
    bool takes_only_folded() const;

    // What is written next stands there in the text.
    void mark(u32 place) {
        if (sought_) sought_->offer(out_->size() - start_, place);
    }
    void push_label(const Frame& frame);
    void pop_label(const Frame& frame);

    // One instruction that is not a block, with its immediates.
    Result<void> instruction(Opcode op);
    Result<void> immediates(Opcode op);
    void opcode(Opcode op);
    Result<void> block_type();
    Result<void> catches();
    Result<u32> label();
    Result<void> write_index(const IndexSpace& space);
    Result<void> write_label();
    Result<void> count();
    Result<void> lane();
    Result<void> label_table();
    Result<void> optional_index(const IndexSpace& space);
    Result<void> two_optional_indices(const IndexSpace& space);
    Result<void> segment_and_optional_index(const IndexSpace& segment, const IndexSpace& space);
    Result<void> call_indirect();
    Result<void> select();
    Result<void> ref_test(Opcode plain);
    Result<void> cast();
    Result<void> type_field();
    Result<void> memarg(Opcode op);
    Result<u64> align(u64 natural_log2);
    Result<void> constant(Opcode op);
    Result<void> vector();
    Result<void> shuffle();
    usize pass_numbers();

    Result<i8> take_hint(Opcode op);
    void place_hint(i8 hint);

    ModuleContext& module_;
    Cursor& in_;
    Writer* out_ = nullptr;
    const IndexSpace* locals_ = nullptr;
    usize start_ = 0;  // of the function
    FrameStack frames_;
    LabelStack labels_;
    u32 depth_ = 0;  // of blocks
    u32 block_count_ = 0;
    Blocks<NamedIndex> label_names_;
    Blocks<BranchHint> hints_;
    SoughtPlace* sought_ = nullptr;
};

// The shape of a vector constant. Shared with scripts.
struct Shape {
    u8 lanes = 0;
    u8 bits = 0;
    bool is_float = false;
};
std::optional<Shape> shape_of(Keyword word);
// num as an iN or fN, little-endian. Fails with "constant out of range".
Result<u64> number(Cursor& in, unsigned bits, bool is_float);

}  // namespace waxwing::text
