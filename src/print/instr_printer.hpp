// One instruction at a time, with its immediates: "i32.load offset=8", "br $done".
// Keeps the labels of the blocks that are open.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "print/context.hpp"

namespace waxwing::print {

class InstrPrinter {
public:
    // Both must outlive the printer.
    InstrPrinter(const Context& context, Output& out) : context_(context), out_(out) {}

    // What follows is the body of a function, or a constant expression. `locals`
    // may be null. `labels` names blocks in the order in which they begin.
    void begin(const IdSpace* locals, const core::Names* labels = nullptr);

    // Appends the instruction. A block's label is open afterwards; `end` closes it.
    void print(const Instr& in);

    // The blocks that are open.
    usize depth() const { return labels_.size(); }
    // An instruction named a data segment, so that the module needs to count them.
    bool names_data() const { return names_data_; }
    // How many names of labels were made use of.
    usize used_labels() const { return used_labels_; }

private:
    struct Label {
        std::string_view name;  // may be empty
        u32 shadowed;           // the outer label of that name, or none
    };
    static constexpr u32 none = 0xFFFF'FFFF;

    void immediates(const Instr& in);
    void open_block(const Instr& in);
    void close_block();
    void block_type(const BlockType& type);
    void catches(const Instr& in);
    void label(u32 depth);
    void index(const IdSpace& space, u32 index) {
        out_.put(' ');
        space.put(out_, index);
    }
    // Nothing for zero, which is what stands for nothing.
    void optional_index(const IdSpace& space, u32 index) {
        if (index != 0) this->index(space, index);
    }
    void data(u32 segment);
    void local(u32 index);
    void field(const Instr& in);
    void mem_arg(const Instr& in);
    void lane(u8 lane);
    void shuffle(const V128& lanes);
    void ref_type(HeapType heap, bool nullable);

    const Context& context_;
    Output& out_;
    const IdSpace* locals_ = nullptr;
    const core::Names* label_names_ = nullptr;
    usize next_name_ = 0;  // in label_names_
    u32 block_count_ = 0;
    usize used_labels_ = 0;
    bool names_data_ = false;
    std::vector<Label> labels_;
    std::unordered_map<std::string_view, u32> innermost_;  // name -> index in labels_
};

}  // namespace waxwing::print
