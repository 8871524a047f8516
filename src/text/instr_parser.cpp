#include "text/instr_parser.hpp"

namespace waxwing::text {

bool InstrParser::takes_only_folded() const {
    if (frames_.empty()) return false;
    switch (frames_.back().kind) {
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

// The deferred bytes are those written since `start`.
void InstrParser::defer(Frame& frame, usize start) {
    frame.deferred = static_cast<u32>(deferred_.size());
    deferred_.append(out_.data() + start, out_.size() - start);
    out_.truncate(start);
}

void InstrParser::flush(const Frame& frame) {
    place_hint(frame.hint);
    out_.append(deferred_.data() + frame.deferred, deferred_.size() - frame.deferred);
    deferred_.truncate(frame.deferred);
}

// '(' plain folded* ')' | '(' block ... ')' | '(' 'then' ... ')' | '(' 'else' ... ')'
Result<void> InstrParser::open() {
    const Keyword word = in_.keyword(1);
    const Token token = in_.peek(1);
    if (!frames_.empty()) {
        const FrameKind top = frames_.back().kind;
        if (top == FrameKind::folded_cond && word == Keyword::then)
            return arm(FrameKind::folded_if);
        if (top == FrameKind::folded_if && word == keyword_of(Opcode::else_))
            return arm(FrameKind::folded_else);
        if (top == FrameKind::folded_if || top == FrameKind::folded_else)
            return std::unexpected(in_.unexpected());
    }
    if (!is_opcode(word)) return std::unexpected(in_.unexpected(token));
    const Opcode op = opcode_of(word);
    if (op == Opcode::end || op == Opcode::else_) return std::unexpected(in_.unexpected(token));
    const int hint = TRY(take_hint(op));
    in_.advance(2);

    Frame frame{.kind = FrameKind::folded_op, .hint = hint};
    switch (op) {
    case Opcode::if_: return folded_if(hint);
    case Opcode::block:
    case Opcode::loop:
    case Opcode::try_table:
        frame.kind = FrameKind::folded_block;
        TRY(block_start(op, frame.label));
        push_label(frame.label);
        frames_.push_back(frame);
        return {};
    default: break;
    }

    const usize start = out_.size();
    if (in_.kind() == TokenKind::close && info(op).immediates == Immediates::none &&
        op != Opcode::select) {
        place_hint(hint);
        opcode(op);
        in_.advance();
        return {};
    }
    TRY(instruction(op));
    defer(frame, start);
    frames_.push_back(frame);
    return {};
}

// '(' 'if' id? blocktype folded* '(' 'then' instr* ')' ('(' 'else' instr* ')')? ')'
// The label does not reach into the condition, so it is pushed at `then`.
Result<void> InstrParser::folded_if(int hint) {
    Frame frame{.kind = FrameKind::folded_cond, .hint = hint};
    const usize start = out_.size();
    TRY(block_start(Opcode::if_, frame.label));
    defer(frame, start);
    frames_.push_back(frame);
    return {};
}

Result<void> InstrParser::arm(FrameKind next) {
    in_.advance(2);
    Frame& top = frames_.back();
    if (next == FrameKind::folded_if) {
        flush(top);
        push_label(top.label);
    } else {
        opcode(Opcode::else_);
    }
    top.kind = next;
    frames_.push_back({.kind = FrameKind::arm});
    return {};
}

// Requires: a frame is open.
Result<void> InstrParser::close() {
    const Frame frame = frames_.back();
    switch (frame.kind) {
    case FrameKind::folded_op: flush(frame); break;
    case FrameKind::folded_block:
    case FrameKind::folded_if:
    case FrameKind::folded_else:
        opcode(Opcode::end);
        pop_label();
        break;
    case FrameKind::arm: break;
    default: return std::unexpected(in_.unexpected());
    }
    in_.advance();
    frames_.pop_back();
    return {};
}

// plain | (block | loop | if | try_table) ... | else | end
Result<void> InstrParser::plain() {
    const Keyword word = in_.keyword();
    if (takes_only_folded() || !is_opcode(word)) return std::unexpected(in_.unexpected());
    const Opcode op = opcode_of(word);
    const int hint = TRY(take_hint(op));
    switch (op) {
    case Opcode::else_: return else_();
    case Opcode::end: return end();
    case Opcode::block:
    case Opcode::loop:
    case Opcode::try_table:
    case Opcode::if_: {
        in_.advance();
        place_hint(hint);
        Frame frame{.kind = op == Opcode::if_ ? FrameKind::if_ : FrameKind::block};
        TRY(block_start(op, frame.label));
        push_label(frame.label);
        frames_.push_back(frame);
        return {};
    }
    default:
        in_.advance();
        place_hint(hint);
        return instruction(op);
    }
}

// id? blocktype catch*.  The label is not yet visible.
Result<void> InstrParser::block_start(Opcode op, std::string_view& label) {
    if (in_.kind() == TokenKind::id) {
        label = module_.identifier(in_.peek());
        in_.advance();
    }
    opcode(op);
    TRY(block_type());
    if (op == Opcode::try_table) TRY(catches());
    return {};
}

// A name behind `else` and `end` must be the block's.
Result<void> InstrParser::check_label(std::string_view label) {
    if (in_.kind() != TokenKind::id) return {};
    const Token token = in_.peek();
    in_.advance();
    if (module_.identifier(token) == label) return {};
    return std::unexpected(in_.fail(TextFault::mismatching_label, token, in_.text(token)));
}

Result<void> InstrParser::else_() {
    if (frames_.empty() || frames_.back().kind != FrameKind::if_)
        return std::unexpected(in_.unexpected());
    in_.advance();
    TRY(check_label(frames_.back().label));
    opcode(Opcode::else_);
    frames_.back().kind = FrameKind::else_;
    return {};
}

Result<void> InstrParser::end() {
    const FrameKind top = frames_.empty() ? FrameKind::arm : frames_.back().kind;
    if (top != FrameKind::block && top != FrameKind::if_ && top != FrameKind::else_)
        return std::unexpected(in_.unexpected());
    in_.advance();
    TRY(check_label(frames_.back().label));
    opcode(Opcode::end);
    pop_label();
    frames_.pop_back();
    return {};
}

void InstrParser::push_label(std::string_view name) {
    u32 shadowed = no_label;
    if (!name.empty()) {
        const u32 index = static_cast<u32>(labels_.size());
        const auto [entry, added] = innermost_.emplace(name, index);
        if (!added) shadowed = std::exchange(entry->second, index);
        label_names_.emplace_back(block_count_, name);
    }
    ++block_count_;
    labels_.push_back({name, shadowed});
}

void InstrParser::pop_label() {
    const Label label = labels_.back();
    labels_.pop_back();
    if (label.name.empty()) return;
    if (label.shadowed == no_label)
        innermost_.erase(label.name);
    else
        innermost_[label.name] = label.shadowed;
}

// label ::= nat | id, as a number counted from the innermost block.
Result<u32> InstrParser::label() {
    const Token token = in_.peek();
    if (token.kind != TokenKind::id) return in_.u32_literal();
    in_.advance();
    const auto found = innermost_.find(module_.identifier(token));
    if (found == innermost_.end())
        return std::unexpected(
            in_.fail(TextFault::unknown, token, "label " + std::string(in_.text(token))));
    return static_cast<u32>(labels_.size() - 1 - found->second);
}

// Takes the hint that stands before the instruction coming next.
Result<int> InstrParser::take_hint(Opcode op) {
    if (!waiting_hints_ || waiting_hints_->empty()) return -1;
    const auto found = waiting_hints_->find(static_cast<u32>(in_.position()));
    if (found == waiting_hints_->end()) return -1;
    const int hint = found->second;
    waiting_hints_->erase(found);
    if (op != Opcode::if_ && op != Opcode::br_if)
        return std::unexpected(in_.fail(TextFault::hint_target, in_.peek()));
    return hint;
}

void InstrParser::place_hint(int hint) {
    if (hint >= 0) placed_hints_->push_back({static_cast<u32>(out_.size()), hint == 1});
}

}  // namespace waxwing::text
