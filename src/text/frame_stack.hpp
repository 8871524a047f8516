// What is open while instructions are parsed: blocks, and folded instructions with
// their bytes, which are written when the parenthesis closes. Nesting has no limit, so
// a frame takes one or two bytes beside the bytes that wait in it, most of the time.
#pragma once

#include <vector>

#include "core/writer.hpp"

namespace waxwing::text {

enum class FrameKind : u8 {
    none,          // nothing is open
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
    FrameKind kind = FrameKind::none;
    bool named = false;  // a block with a label
    i8 hint = -1;        // of the waiting instruction; -1: none
    u32 waiting = 0;     // how many bytes wait
    u32 label = 0;       // of a folded_cond that is named: where the label stands
    u32 place = 0;       // of what waits: where it stands in the text; kept if asked for
};

class FrameStack {
public:
    // The frame on top; of kind none if there is no other.
    Frame& top() { return top_; }
    const Frame& top() const { return top_; }
    bool empty() const { return top_.kind == FrameKind::none; }

    // Opens a frame; the bytes of `from` since `start` wait in it.
    void push(const Frame& frame, Writer& from, usize start);
    void push(const Frame& frame) {
        save();
        top_ = frame;
    }
    // Writes what waits in the frame on top.
    void release(Writer& to);
    // Requires: nothing waits in the frame on top.
    void pop();
    void clear();
    // From now on Frame::place is kept too.
    void keep_places() { keeps_places_ = true; }

private:
    static constexpr usize chunk_size = 1 << 16;
    void save();

    Frame top_;
    // The frames below and the bytes that wait: those of a frame, then the frame itself,
    // to be read from the end. Cut into chunks between frames, so that nothing moves when
    // it grows.
    Writer bytes_;
    std::vector<std::vector<u8>> below_;
    bool keeps_places_ = false;
};

}  // namespace waxwing::text
