#include "text/frame_stack.hpp"

namespace waxwing::text {
namespace {

// A saved frame ends with a byte: below 0x80 it is a folded instruction of which so
// many bytes wait; else a kind, a flag for `named`, and one for more in front of it.
constexpr u8 other = 0x80, named_flag = 0x10, long_flag = 0x20;
constexpr usize long_size = 13;  // waiting, label, place, hint

u32 take_u32(const u8* at) {
    return static_cast<u32>(at[0] | at[1] << 8 | at[2] << 16) | static_cast<u32>(at[3]) << 24;
}

}  // namespace

void FrameStack::save() {
    const Frame& frame = top_;
    const bool is_short = frame.waiting < other && frame.hint < 0 && !keeps_places_;
    if (frame.kind == FrameKind::folded_op && is_short) {
        bytes_.byte(static_cast<u8>(frame.waiting));
        return;
    }
    u8 tag = static_cast<u8>(other | static_cast<u8>(frame.kind));
    if (frame.named) tag |= named_flag;
    if (frame.waiting != 0) {
        tag |= long_flag;
        bytes_.little_endian(frame.waiting);
        bytes_.little_endian(frame.label);
        bytes_.little_endian(frame.place);
        bytes_.byte(static_cast<u8>(frame.hint));
    }
    bytes_.byte(tag);
}

void FrameStack::push(const Frame& frame, Writer& from, usize start) {
    save();
    if (bytes_.size() >= chunk_size) below_.push_back(bytes_.take());
    top_ = frame;
    top_.waiting = static_cast<u32>(from.size() - start);
    bytes_.append(from.data() + start, top_.waiting);
    from.truncate(start);
}

void FrameStack::release(Writer& to) {
    const usize start = bytes_.size() - top_.waiting;
    to.append(bytes_.data() + start, top_.waiting);
    bytes_.truncate(start);
    top_.waiting = 0;
}

void FrameStack::pop() {
    if (bytes_.empty() && !below_.empty()) {
        bytes_ = Writer(std::move(below_.back()));
        below_.pop_back();
    }
    const u8 tag = bytes_.data()[bytes_.size() - 1];
    bytes_.truncate(bytes_.size() - 1);
    if (bytes_.empty()) bytes_.reset(2 * chunk_size);
    top_ = {};
    if (tag < other) {
        top_.kind = FrameKind::folded_op;
        top_.waiting = tag;
        return;
    }
    top_.kind = static_cast<FrameKind>(tag & 0x0F);
    top_.named = tag & named_flag;
    if (tag & long_flag) {
        const u8* saved = bytes_.data() + bytes_.size() - long_size;
        top_.waiting = take_u32(saved);
        top_.label = take_u32(saved + 4);
        top_.place = take_u32(saved + 8);
        top_.hint = static_cast<i8>(saved[12]);
        bytes_.truncate(bytes_.size() - long_size);
    }
}

void FrameStack::clear() {
    top_ = {};
    below_.clear();
    bytes_.reset(2 * chunk_size);
}

}  // namespace waxwing::text
