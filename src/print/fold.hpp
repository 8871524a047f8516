// A function's body with operands inside of the instructions that take them.
//
// Folding only moves parentheses: read without them, the instructions stand in
// their order. So what is folded is a matter of taste, and never of meaning. An
// instruction is folded if what stands right before it gives just the operands it
// takes; otherwise it stands without parentheses.
#pragma once

#include <vector>

#include "print/annotations.hpp"
#include "print/instr_printer.hpp"
#include "print/lines.hpp"
#include "waxwing/error.hpp"

namespace waxwing::print {

class FoldedBody {
public:
    // All must outlive this; `annotations` may be null.
    FoldedBody(const Context& context, Lines& lines, Annotations* annotations)
        : context_(context), lines_(lines), annotations_(annotations), instrs_(context, text_) {}

    // Requires: annotations->begin_function() was called.
    Result<void> print(u32 func, const IdSpace* locals, const core::Names* labels);

    const InstrPrinter& instrs() const { return instrs_; }

private:
    static constexpr u32 none = 0xFFFF'FFFF;
    // Instructions are nodes, blocks with their contents as children, `if` with
    // its condition and then its arms.
    struct Node {
        u32 text = 0;  // in text_
        u32 text_size = 0;
        u32 offset = 0;
        u32 first_child = none;
        u32 next = none;  // sibling
        u32 width = 0;    // on one line
        u32 results = 0;
        signed char hint = -1;  // a branch hint; -1: none
        bool wrapped = false;   // in parentheses
    };
    // An open block, or the function.
    struct Frame {
        u32 node;    // the block; none: the function
        u32 arm;     // of an `if`: the open arm; else none
        u32 base;    // in waiting_: what stands in the block or arm
        u32 sealed;  // in waiting_: earlier nodes are no operands any more
        u32 label;   // how many values a branch to it takes
        u32 outputs;
    };

    void add(const Instr& in);
    void open(const Instr& in);
    void else_(const Instr& in);
    void close();
    void close_sequence();
    void plain(const Instr& in);
    u32 make(const Instr& in, usize text);
    u32 make_arm(std::string_view word, u32 offset);
    bool claim(u32 node, u32 operands);
    void adopt(u32 parent, u32 from);
    u32 label_arity(const Instr& in) const;

    void write();
    void write_on_one_line(const Node& node);
    void write_head(const Node& node);

    const Context& context_;
    Lines& lines_;
    Annotations* annotations_;
    Output text_;
    InstrPrinter instrs_;
    std::vector<Node> nodes_;
    std::vector<u32> waiting_;  // nodes without a parent as yet
    std::vector<Frame> frames_;
    u32 results_ = 0;
};

}  // namespace waxwing::print
