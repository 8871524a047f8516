// Instructions, plain and folded, to binary. Nesting costs no host stack: what
// is open lies on a vector.
//
// A folded instruction is written when its parenthesis closes, after its
// operands. Until then its bytes wait in `deferred_`.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/module_context.hpp"

namespace waxwing::text {

// metadata.code.branch_hint: where an `if` or `br_if` is, and if it is likely.
struct BranchHint {
    u32 offset = 0;  // from the start of the function's locals
    bool likely = false;
};

// Hints standing before instructions, by the number of the token they precede.
using HintMap = std::unordered_map<u32, bool>;

class InstrParser {
public:
    // `locals` is null in constant expressions.
    InstrParser(ModuleContext& module, Writer& out, const IndexSpace* locals)
        : module_(module), in_(module.in), out_(out), locals_(locals) {}

    // instr*, up to a closing parenthesis that is not part of them.
    Result<void> sequence() { return run(false); }
    // One folded instruction. Requires: '(' comes next.
    Result<void> one_folded() { return run(true); }

    // Hints found in `waiting` are taken out of it and appended to `placed`.
    void place_hints(HintMap& waiting, std::vector<BranchHint>& placed) {
        waiting_hints_ = &waiting;
        placed_hints_ = &placed;
    }

    // Blocks with a name, counted in the order of the binary.
    const Names& label_names() const { return label_names_; }

private:
    enum class FrameKind : u8 {
        block,         // block, loop, try_table ... end
        if_,           // if ... (else ...)? end
        else_,         // else ... end
        folded_op,     // (op ...
        folded_block,  // (block ...
        folded_cond,   // (if ... before `then`
        folded_if,     // (if ... (then ...)  before `else`
        folded_else,   // (if ... (then ...) (else ...)
        arm,           // (then ... or (else ...
    };
    struct Frame {
        FrameKind kind;
        int hint = -1;           // of the deferred instruction; -1: none
        u32 deferred = 0;        // where its bytes begin in deferred_
        std::string_view label;  // of a block; empty: none
    };
    struct Label {
        std::string_view name;
        u32 shadowed;  // the outer label of that name, or no_label
    };
    static constexpr u32 no_label = 0xFFFF'FFFF;

    Result<void> run(bool one);
    Result<void> open();
    Result<void> close();
    Result<void> plain();
    Result<void> folded_if(int hint);
    Result<void> arm(FrameKind next);
    Result<void> block_start(Opcode op, std::string_view& label);
    Result<void> else_();
    Result<void> end();
    Result<void> check_label(std::string_view label);
    bool takes_only_folded() const;

    void push_label(std::string_view name);
    void pop_label();
    void defer(Frame& frame, usize start);
    void flush(const Frame& frame);

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

    Result<int> take_hint(Opcode op);
    void place_hint(int hint);

    ModuleContext& module_;
    Cursor& in_;
    Writer& out_;
    const IndexSpace* locals_;
    std::vector<Frame> frames_;
    std::vector<Label> labels_;
    Names label_names_;
    u32 block_count_ = 0;
    std::unordered_map<std::string_view, u32> innermost_;  // label name -> index in labels_
    Writer deferred_;
    HintMap* waiting_hints_ = nullptr;
    std::vector<BranchHint>* placed_hints_ = nullptr;
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
