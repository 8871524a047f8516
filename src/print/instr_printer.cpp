#include "print/instr_printer.hpp"

#include <utility>

#include "print/literals.hpp"

namespace waxwing::print {

void InstrPrinter::begin(const IdSpace* locals, const core::Names* labels) {
    locals_ = locals;
    label_names_ = labels;
    next_name_ = 0;
    block_count_ = 0;
    labels_.clear();
    innermost_.clear();
}

void InstrPrinter::print(const Instr& in) {
    switch (in.op) {
    case Opcode::block:
    case Opcode::loop:
    case Opcode::if_:
    case Opcode::try_table: open_block(in); return;
    case Opcode::end:
        close_block();
        out_.put("end");
        return;
    default: out_.put(info(in.op).name); immediates(in);
    }
}

void InstrPrinter::immediates(const Instr& in) {
    const Immediates kind = info(in.op).immediates;
    if (has_memarg(kind)) {
        mem_arg(in);
        if (lane_count(kind) != 0) lane(in.lane);
        return;
    }
    switch (kind) {
    case Immediates::label: label(in.index); break;
    case Immediates::label_table:
        for (const u32 target : in.labels)
            label(target);
        label(in.index);
        break;
    case Immediates::func: index(context_.funcs, in.index); break;
    case Immediates::type: index(context_.types, in.index); break;
    case Immediates::type_table:
        optional_index(context_.tables, in.index2);
        out_.put(" (type");
        index(context_.types, in.index);
        out_.put(')');
        break;
    case Immediates::tag: index(context_.tags, in.index); break;
    case Immediates::local: local(in.index); break;
    case Immediates::global: index(context_.globals, in.index); break;
    case Immediates::table: index(context_.tables, in.index); break;
    case Immediates::memory: optional_index(context_.memories, in.index); break;
    case Immediates::table_table:
        index(context_.tables, in.index);
        index(context_.tables, in.index2);
        break;
    case Immediates::memory_memory:
        if (in.index == 0 && in.index2 == 0) break;
        index(context_.memories, in.index);
        index(context_.memories, in.index2);
        break;
    case Immediates::data: data(in.index); break;
    case Immediates::data_memory:
        optional_index(context_.memories, in.index2);
        data(in.index);
        break;
    case Immediates::elem: index(context_.elems, in.index); break;
    case Immediates::elem_table:
        optional_index(context_.tables, in.index2);
        index(context_.elems, in.index);
        break;
    case Immediates::i32:
        out_.put(' ');
        out_.number(s64{static_cast<s32>(in.bits)});
        break;
    case Immediates::i64:
        out_.put(' ');
        out_.number(static_cast<s64>(in.bits));
        break;
    case Immediates::f32:
        out_.put(' ');
        put_f32(out_, static_cast<u32>(in.bits));
        break;
    case Immediates::f64:
        out_.put(' ');
        put_f64(out_, in.bits);
        break;
    case Immediates::v128:
        out_.put(' ');
        put_v128(out_, in.vec);
        break;
    case Immediates::select_types:
        out_.put(" (result");
        for (const ValType type : in.types) {
            out_.put(' ');
            put_type(out_, context_, type);
        }
        out_.put(')');
        break;
    case Immediates::heap_type:
        if (in.op == Opcode::ref_null) {
            out_.put(' ');
            put_heap_type(out_, context_, in.heap);
        } else {
            ref_type(in.heap, in.op == Opcode::ref_test_null || in.op == Opcode::ref_cast_null);
        }
        break;
    case Immediates::cast:
        label(in.index);
        ref_type(in.heap, in.cast_flags & 1);
        ref_type(in.heap2, in.cast_flags & 2);
        break;
    case Immediates::type_field: field(in); break;
    case Immediates::type_count:
        index(context_.types, in.index);
        out_.put(' ');
        out_.number(u64{in.index2});
        break;
    case Immediates::type_data:
        index(context_.types, in.index);
        data(in.index2);
        break;
    case Immediates::type_elem:
        index(context_.types, in.index);
        index(context_.elems, in.index2);
        break;
    case Immediates::type_type:
        index(context_.types, in.index);
        index(context_.types, in.index2);
        break;
    case Immediates::lane2:
    case Immediates::lane4:
    case Immediates::lane8:
    case Immediates::lane16: lane(in.lane); break;
    case Immediates::shuffle: shuffle(in.vec); break;
    default: break;
    }
}

// Name, type and clauses of a block. The clauses do not see its label.
void InstrPrinter::open_block(const Instr& in) {
    out_.put(info(in.op).name);
    std::string_view name;
    if (label_names_ && next_name_ < label_names_->size() &&
        (*label_names_)[next_name_].first == block_count_) {
        name = (*label_names_)[next_name_++].second;
        ++used_labels_;
    }
    ++block_count_;
    if (name.empty()) {
        out_.put(" (;@");
        out_.number(u64{labels_.size() + 1});
        out_.put(";)");
    } else {
        out_.put(' ');
        put_identifier(out_, name);
    }
    block_type(in.block);
    if (in.op == Opcode::try_table) catches(in);

    u32 shadowed = none;
    if (!name.empty()) {
        const auto place = static_cast<u32>(labels_.size());
        const auto [entry, added] = innermost_.emplace(name, place);
        if (!added) shadowed = std::exchange(entry->second, place);
    }
    labels_.push_back({name, shadowed});
}

void InstrPrinter::close_block() {
    if (labels_.empty()) return;  // the end of the body
    const Label closed = labels_.back();
    labels_.pop_back();
    if (closed.name.empty()) return;
    if (closed.shadowed == none)
        innermost_.erase(closed.name);
    else
        innermost_[closed.name] = closed.shadowed;
}

void InstrPrinter::block_type(const BlockType& type) {
    // Longer types are not said again at each use.
    constexpr usize most_types = 16;
    switch (type.kind) {
    case BlockType::Kind::empty: return;
    case BlockType::Kind::value:
        out_.put(" (result ");
        put_type(out_, context_, type.value);
        out_.put(')');
        return;
    case BlockType::Kind::type: break;
    }
    out_.put(" (type");
    index(context_.types, type.type_index);
    out_.put(')');
    const FuncType* func = context_.func_type(type.type_index);
    if (func && func->params.size() + func->results.size() <= most_types)
        put_signature(out_, context_, *func);
}

void InstrPrinter::catches(const Instr& in) {
    using Kind = CatchClause::Kind;
    constexpr std::string_view words[] = {" (catch", " (catch_ref", " (catch_all",
                                          " (catch_all_ref"};
    for (const CatchClause& clause : in.catches) {
        out_.put(words[static_cast<usize>(clause.kind)]);
        if (clause.kind == Kind::catch_ || clause.kind == Kind::catch_ref)
            index(context_.tags, clause.tag);
        label(clause.label);
        out_.put(')');
    }
}

// By name, if the name means this label here; else by number, and which one it is.
void InstrPrinter::label(u32 depth) {
    out_.put(' ');
    if (depth < labels_.size()) {
        const auto place = static_cast<u32>(labels_.size() - 1 - depth);
        const std::string_view name = labels_[place].name;
        if (!name.empty() && name.size() <= IdSpace::longest && innermost_[name] == place) {
            put_identifier(out_, name);
            return;
        }
        out_.number(u64{depth});
        if (!name.empty()) return;
        out_.put(" (;@");
        out_.number(u64{place} + 1);
        out_.put(";)");
        return;
    }
    out_.number(u64{depth});
}

void InstrPrinter::data(u32 segment) {
    names_data_ = true;
    index(context_.datas, segment);
}

void InstrPrinter::local(u32 index) {
    out_.put(' ');
    if (locals_)
        locals_->put(out_, index);
    else
        out_.number(u64{index});
}

void InstrPrinter::field(const Instr& in) {
    index(context_.types, in.index);
    const auto names = context_.fields.find(in.index);
    out_.put(' ');
    if (names != context_.fields.end())
        names->second.put(out_, in.index2);
    else
        out_.number(u64{in.index2});
}

void InstrPrinter::mem_arg(const Instr& in) {
    optional_index(context_.memories, in.mem.memory);
    if (in.mem.offset != 0) {
        out_.put(" offset=");
        out_.number(in.mem.offset);
    }
    if (in.mem.align_log2 != natural_alignment_log2(info(in.op).immediates)) {
        out_.put(" align=");
        out_.number(u64{1} << in.mem.align_log2);
    }
}

void InstrPrinter::lane(u8 lane) {
    out_.put(' ');
    out_.number(u64{lane});
}

void InstrPrinter::shuffle(const V128& lanes) {
    for (const u8 number : lanes.bytes)
        lane(number);
}

void InstrPrinter::ref_type(HeapType heap, bool nullable) {
    out_.put(nullable ? " (ref null " : " (ref ");
    put_heap_type(out_, context_, heap);
    out_.put(')');
}

}  // namespace waxwing::print
