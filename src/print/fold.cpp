#include "print/fold.hpp"

#include <algorithm>

#include "core/try.hpp"
#include "decoder/instr_reader.hpp"

namespace waxwing::print {
namespace {

constexpr u32 wide = 80;       // what is wider takes several lines
constexpr u32 endless = 1000;  // what always takes several lines
constexpr u32 hint_width = 34;

}  // namespace

Result<void> FoldedBody::print(u32 func, const IdSpace* locals, const core::Names* labels) {
    const FuncType* type = context_.type_of(func);
    results_ = type ? static_cast<u32>(type->results.size()) : 0;
    text_.clear();
    nodes_.clear();
    waiting_.clear();
    frames_.assign(1, Frame{none, none, 0, 0, results_, results_});
    instrs_.begin(locals, labels);

    const core::Module& module = context_.module;
    InstrReader reader(module, module.code[func - module.imported_functions].instructions);
    Instr in{};
    for (;;) {
        TRY(reader.next(in));
        if (reader.done()) break;
        add(in);
    }
    write();
    return {};
}

void FoldedBody::add(const Instr& in) {
    switch (in.op) {
    case Opcode::block:
    case Opcode::loop:
    case Opcode::if_:
    case Opcode::try_table: open(in); break;
    case Opcode::else_: else_(in); break;
    case Opcode::end: close(); break;
    default: plain(in);
    }
}

// A node for the text printed since `text`.
u32 FoldedBody::make(const Instr& in, usize text) {
    Node node;
    node.text = static_cast<u32>(text);
    node.text_size = static_cast<u32>(text_.size() - text);
    node.offset = in.offset;
    node.wrapped = true;
    node.width = std::min(node.text_size + 2, endless);
    if (annotations_) {
        if (const auto hint = annotations_->take_hint(in)) {
            node.hint = *hint;
            node.width = std::min(node.width + hint_width, endless);
        }
    }
    nodes_.push_back(node);
    return static_cast<u32>(nodes_.size() - 1);
}

u32 FoldedBody::make_arm(std::string_view word, u32 offset) {
    Node node;
    node.text = static_cast<u32>(text_.size());
    node.text_size = static_cast<u32>(word.size());
    node.offset = offset;
    node.wrapped = true;
    node.width = endless;
    text_.put(word);
    nodes_.push_back(node);
    return static_cast<u32>(nodes_.size() - 1);
}

// Everything waiting from `from` on becomes the last children of `parent`.
void FoldedBody::adopt(u32 parent, u32 from) {
    u32* link = &nodes_[parent].first_child;
    while (*link != none)
        link = &nodes_[*link].next;
    u32 width = nodes_[parent].width;
    for (u32 i = from; i < waiting_.size(); ++i) {
        *link = waiting_[i];
        link = &nodes_[*link].next;
        width = std::min(width + 1 + nodes_[waiting_[i]].width, endless);
    }
    nodes_[parent].width = width;
    waiting_.resize(from);
}

// Makes what stands before a node its operands, if it gives just as many.
bool FoldedBody::claim(u32 node, u32 operands) {
    const u32 sealed = frames_.back().sealed;
    auto first = static_cast<u32>(waiting_.size());
    while (operands != 0) {
        if (first == sealed) return false;
        const u32 results = nodes_[waiting_[first - 1]].results;
        if (results == 0 || results > operands) return false;
        operands -= results;
        --first;
    }
    // Among operands nothing may stand without parentheses.
    for (u32 i = first; i < waiting_.size(); ++i)
        nodes_[waiting_[i]].wrapped = true;
    adopt(node, first);
    return true;
}

u32 FoldedBody::label_arity(const Instr& in) const {
    switch (info(in.op).immediates) {
    case Immediates::label:
    case Immediates::label_table:
    case Immediates::cast: break;
    default: return 0;
    }
    return in.index < frames_.size() ? frames_[frames_.size() - 1 - in.index].label : 0;
}

void FoldedBody::plain(const Instr& in) {
    const usize text = text_.size();
    instrs_.print(in);
    const u32 node = make(in, text);
    const Arity arity = arity_of(context_, in, label_arity(in), results_);
    nodes_[node].results = arity.outputs;
    if (!claim(node, arity.inputs)) {
        // It takes what no parenthesis shows, and so must nobody after it.
        nodes_[node].wrapped = false;
        frames_.back().sealed = static_cast<u32>(waiting_.size());
    }
    waiting_.push_back(node);
}

void FoldedBody::open(const Instr& in) {
    const usize text = text_.size();
    instrs_.print(in);
    const u32 node = make(in, text);
    nodes_[node].width = endless;
    const Arity arity = arity_of(context_, in.block);
    const bool has_condition = in.op == Opcode::if_;
    const bool claimed = !has_condition || claim(node, 1);
    // Parameters stay in front of the block.
    if (arity.inputs != 0 || !claimed) frames_.back().sealed = static_cast<u32>(waiting_.size());
    const u32 arm = has_condition ? make_arm("then", in.offset) : none;
    const auto base = static_cast<u32>(waiting_.size());
    const u32 label = in.op == Opcode::loop ? arity.inputs : arity.outputs;
    frames_.push_back({node, arm, base, base, label, arity.outputs});
}

// Ends what stands in the innermost block or arm.
void FoldedBody::close_sequence() {
    const Frame frame = frames_.back();
    if (frame.arm == none) {
        adopt(frame.node, frame.base);
        return;
    }
    adopt(frame.arm, frame.base);
    waiting_.push_back(frame.arm);
    adopt(frame.node, frame.base);
}

void FoldedBody::else_(const Instr& in) {
    instrs_.print(in);
    close_sequence();
    frames_.back().arm = make_arm("else", in.offset);
    frames_.back().sealed = frames_.back().base;
}

void FoldedBody::close() {
    close_sequence();
    const Frame frame = frames_.back();
    frames_.pop_back();
    nodes_[frame.node].results = frame.outputs;
    waiting_.push_back(frame.node);
    Instr end{};
    end.op = Opcode::end;
    instrs_.print(end);
}

// Writing --------------------------------------------------------------------------

void FoldedBody::write_head(const Node& node) {
    Output& out = lines_.out();
    if (node.hint >= 0) Annotations::put_hint(out, node.hint == 1);
    if (node.wrapped) out.put('(');
    out.put(text_.view().substr(node.text, node.text_size));
}

// Recursion is bounded by the width.
void FoldedBody::write_on_one_line(const Node& node) {
    write_head(node);
    for (u32 child = node.first_child; child != none; child = nodes_[child].next) {
        lines_.out().put(' ');
        write_on_one_line(nodes_[child]);
    }
    if (node.wrapped) lines_.out().put(')');
}

void FoldedBody::write() {
    struct Step {
        u32 node;  // with its siblings behind it; none: a closing parenthesis
        u32 depth;
    };
    std::vector<Step> steps;
    for (const u32 root : waiting_) {
        if (lines_.out().stopped()) return;
        steps.push_back({root, 2});
        while (!steps.empty()) {
            const Step step = steps.back();
            steps.pop_back();
            if (step.node == none) {
                lines_.out().put(')');
                continue;
            }
            const Node& node = nodes_[step.node];
            if (node.next != none) steps.push_back({node.next, step.depth});
            lines_.begin(step.depth, node.offset);
            if (node.width <= wide) {
                write_on_one_line(node);
                continue;
            }
            write_head(node);
            if (node.wrapped) steps.push_back({none, step.depth});
            if (node.first_child != none) steps.push_back({node.first_child, step.depth + 1});
        }
    }
}

}  // namespace waxwing::print
