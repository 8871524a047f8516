#include "text/instr_parser.hpp"

namespace waxwing::text {

void InstrParser::begin(Writer& out, const IndexSpace* locals) {
    out_ = &out;
    locals_ = locals;
    start_ = out.size();
    frames_.clear();
    labels_.clear();
    depth_ = 0;
    block_count_ = 0;
    label_names_.clear();
    hints_.clear();
    sought_ = nullptr;
}

bool InstrParser::takes_only_folded() const {
    switch (frames_.top().kind) {
    case FrameKind::folded_op:
    case FrameKind::folded_cond:
    case FrameKind::folded_if:
    case FrameKind::folded_else: return true;
    default: return false;
    }
}

Result<void> InstrParser::run(bool one) {
    do {
        switch (in_.kind()) {
        case TokenKind::open: TRY(open()); break;
        case TokenKind::close:
            if (frames_.empty()) return {};
            TRY(close());
            break;
        default: TRY(plain());
        }
    } while (!one || !frames_.empty());
    return {};
}

// '(' plain folded* ')' | '(' block ... ')' | '(' 'then' ... ')' | '(' 'else' ... ')'
Result<void> InstrParser::open() {
    const Keyword word = in_.keyword(1);
    const FrameKind top = frames_.top().kind;
    if (top == FrameKind::folded_cond && word == Keyword::then) return arm(FrameKind::folded_if);
    if (top == FrameKind::folded_if && word == keyword_of(Opcode::else_))
        return arm(FrameKind::folded_else);
    if (top == FrameKind::folded_if || top == FrameKind::folded_else)
        return std::unexpected(in_.unexpected());
    if (!is_opcode(word)) return std::unexpected(in_.unexpected(in_.peek(1)));
    const Opcode op = opcode_of(word);
    if (op == Opcode::end || op == Opcode::else_)
        return std::unexpected(in_.unexpected(in_.peek(1)));
    const i8 hint = TRY(take_hint(op));
    const u32 place = in_.peek().offset;
    in_.advance(2);

    switch (op) {
    case Opcode::if_: return folded_if(hint, place);
    case Opcode::block:
    case Opcode::loop:
    case Opcode::try_table: {
        mark(place);
        const Frame frame = TRY(block_start(op, FrameKind::folded_block));
        push_label(frame);
        frames_.push(frame);
        return {};
    }
    default: break;
    }

    if (in_.kind() == TokenKind::close && info(op).immediates == Immediates::none &&
        op != Opcode::select) {
        mark(place);
        place_hint(hint);
        opcode(op);
        in_.advance();
        return {};
    }
    const usize start = out_->size();
    TRY(instruction(op));
    frames_.push({.kind = FrameKind::folded_op, .hint = hint, .place = place}, *out_, start);
    return {};
}

// '(' 'if' id? blocktype folded* '(' 'then' instr* ')' ('(' 'else' instr* ')')? ')'
// The label does not reach into the condition, so it is pushed at `then`.
Result<void> InstrParser::folded_if(i8 hint, u32 place) {
    const usize start = out_->size();
    Frame frame = TRY(block_start(Opcode::if_, FrameKind::folded_cond));
    frame.hint = hint;
    frame.place = place;
    frames_.push(frame, *out_, start);
    return {};
}

Result<void> InstrParser::arm(FrameKind next) {
    Frame& top = frames_.top();
    if (next == FrameKind::folded_if) {
        mark(top.place);
        place_hint(top.hint);
        frames_.release(*out_);
        push_label(top);
    } else {
        mark(in_.peek().offset);
        opcode(Opcode::else_);
    }
    in_.advance(2);
    top.kind = next;
    frames_.push({.kind = FrameKind::arm});
    return {};
}

// Requires: a frame is open.
Result<void> InstrParser::close() {
    const Frame& frame = frames_.top();
    switch (frame.kind) {
    case FrameKind::folded_op:
        mark(frame.place);
        place_hint(frame.hint);
        frames_.release(*out_);
        break;
    case FrameKind::folded_block:
    case FrameKind::folded_if:
    case FrameKind::folded_else:
        mark(in_.peek().offset);
        opcode(Opcode::end);
        pop_label(frame);
        break;
    case FrameKind::arm: break;
    default: return std::unexpected(in_.unexpected());
    }
    in_.advance();
    frames_.pop();
    return {};
}

// plain | (block | loop | if | try_table) ... | else | end
Result<void> InstrParser::plain() {
    const Keyword word = in_.keyword();
    if (takes_only_folded() || !is_opcode(word)) return std::unexpected(in_.unexpected());
    const Opcode op = opcode_of(word);
    const i8 hint = TRY(take_hint(op));
    mark(in_.peek().offset);
    switch (op) {
    case Opcode::else_: return else_();
    case Opcode::end: return end();
    case Opcode::block:
    case Opcode::loop:
    case Opcode::try_table:
    case Opcode::if_: {
        in_.advance();
        place_hint(hint);
        const Frame frame =
            TRY(block_start(op, op == Opcode::if_ ? FrameKind::if_ : FrameKind::block));
        push_label(frame);
        frames_.push(frame);
        return {};
    }
    default:
        in_.advance();
        place_hint(hint);
        return instruction(op);
    }
}

// id? blocktype catch*.  The label is not yet visible.
Result<Frame> InstrParser::block_start(Opcode op, FrameKind kind) {
    Frame frame{.kind = kind};
    if (in_.kind() == TokenKind::id) {
        frame.named = true;
        frame.label = in_.peek().offset;
        in_.advance();
    }
    opcode(op);
    TRY(block_type());
    if (op == Opcode::try_table) TRY(catches());
    return frame;
}

// A name behind `else` and `end` must be the block's.
Result<void> InstrParser::check_label() {
    const Token token = in_.peek();
    if (!in_.accept(TokenKind::id)) return {};
    if (frames_.top().named) {
        std::string storage, wanted;
        if (name_of(in_.text(token), storage) == name_at(in_.source(), labels_.innermost(), wanted))
            return {};
    }
    return std::unexpected(in_.fail(TextFault::mismatching_label, token, in_.text(token)));
}

Result<void> InstrParser::else_() {
    if (frames_.top().kind != FrameKind::if_) return std::unexpected(in_.unexpected());
    in_.advance();
    TRY(check_label());
    opcode(Opcode::else_);
    frames_.top().kind = FrameKind::else_;
    return {};
}

Result<void> InstrParser::end() {
    const FrameKind top = frames_.top().kind;
    if (top != FrameKind::block && top != FrameKind::if_ && top != FrameKind::else_)
        return std::unexpected(in_.unexpected());
    in_.advance();
    TRY(check_label());
    opcode(Opcode::end);
    pop_label(frames_.top());
    frames_.pop();
    return {};
}

void InstrParser::push_label(const Frame& frame) {
    if (frame.named) {
        labels_.push(in_.source(), frame.label, depth_);
        label_names_.push_back({block_count_, frame.label});
    }
    ++block_count_;
    ++depth_;
}

void InstrParser::pop_label(const Frame& frame) {
    if (frame.named) labels_.pop(in_.source());
    --depth_;
}

// label ::= nat | id, as a number counted from the innermost block.
Result<u32> InstrParser::label() {
    const Token token = in_.peek();
    if (token.kind != TokenKind::id) return in_.u32_literal();
    in_.advance();
    std::string storage;
    const u32 depth = labels_.find(in_.source(), name_of(in_.text(token), storage));
    if (depth == HashIndex::none) return std::unexpected(module_.unknown("label", token));
    return depth_ - 1 - depth;
}

// Takes the hint that stands before the instruction coming next; -1: none.
Result<i8> InstrParser::take_hint(Opcode op) {
    if (!locals_ || in_.peek().annotations == 0) return -1;
    const std::optional<bool> hint = TRY(module_.annotations.take_hint());
    if (!hint) return -1;
    if (op != Opcode::if_ && op != Opcode::br_if)
        return std::unexpected(in_.fail(TextFault::hint_target, in_.peek()));
    return static_cast<i8>(*hint);
}

void InstrParser::place_hint(i8 hint) {
    if (hint >= 0) hints_.push_back({static_cast<u32>(out_->size() - start_), hint == 1});
}

}  // namespace waxwing::text
