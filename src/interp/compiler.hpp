// Translates a validated function body into register code, instruction by
// instruction, in one pass.
//
// Operands are tracked on a symbolic stack. An entry is a constant, a local, or
// a temporary; constants and locals cost nothing until something needs them in
// a slot. Every entry has a home slot that follows from its height, so that
// different paths to a label agree on where values are.
//
// 1. The last result-producing instruction is held back (`pending_`) until it is
//    known who uses its result: the next instruction, from the accumulator; a
//    local, directly; or somebody later, from the home slot. A pending
//    comparison disappears into the branch that uses it.
// 2. `acc_` says which slots the accumulators are known to equal.
// 3. At the start of a block no entry is a local (a branch may come from where
//    the local was changed); local.set turns entries of that local into
//    temporaries first.
// 4. Code in which control cannot arrive is not translated.
// 5. An instruction adds a bounded number of cells for each byte of it, plus one for
//    each entry that leaves a local or a constant for its home, which an entry does
//    once. Many values are moved by one instruction (move_top, br_table).
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "core/instr.hpp"
#include "interp/cell_buffer.hpp"
#include "interp/compiled_module.hpp"
#include "interp/handlers.hpp"
#include "interp/operands.hpp"

namespace waxwing::interp {

// a op b == !(a negated(op) b); nothing for floats, where NaN spoils it.
std::optional<Opcode> negated(Opcode op);

class FuncCompiler {
public:
    explicit FuncCompiler(CompiledModule& compiled)
        : compiled_(compiled), module_(compiled.module) {}

    // One function: begin, emit every instruction up to the final end, publish.
    void begin(u32 func, Mode mode);
    Result<void> emit(const Instr& in);
    // Requires: the module's mutex is held.
    Result<void> publish();

    // Whether the compiler knows the instruction at all.
    static bool supports(Opcode op);

    // Where the instruction at a cell of the published code comes from. To be
    // filled by translating again, because this is needed after a trap only.
    struct Origin {
        u32 cell;
        u32 offset;  // in the module's bytes
    };
    void record_origins(std::vector<Origin>* origins) { origins_ = origins; }

private:
    struct Entry {
        enum class Where : u8 { temp, local, constant };
        u64 bits;  // constant: its bits; local: its slot
        ValType type;
        u16 home;
        Where where;
    };
    static_assert(sizeof(Entry) == 16);
    struct Local {
        u32 slot;
        ValType type;
    };
    // Locals that follow each other and have the same type.
    struct LocalRun {
        u64 end;  // index of the first local after them
        u32 slot_end;
        ValType type;
    };
    struct Operand {
        Src src = Src::slot;
        u16 slot = 0;
        u64 bits = 0;
    };
    struct Control {
        explicit Control(Opcode kind) : kind(kind) {}
        Control(Opcode kind, const BlockType& type) : kind(kind), type_kind(type.kind) {
            if (type.kind == BlockType::Kind::type)
                type_index = type.type_index;
            else
                value = type.value;
        }
        Opcode kind;  // block, loop, if_, else_, try_table, or call for the function itself
        BlockType::Kind type_kind = BlockType::Kind::empty;
        bool unreachable = false;
        union {
            ValType value{};  // if type_kind is value
            u32 type_index;   // if type_kind is type
        };
        u32 height = 0;  // entries below the parameters
        u16 base = 0;    // home of the first parameter or result
        // loop: its first cell. Else the last of the places that wait for the position
        // of the block's end, each of which tells the one before it.
        u32 label = none;
        u32 else_patch = none;
    };
    // A place that waits: a cell, or a clause of tries_ with this set.
    static constexpr u32 clause_patch = 0x80000000;
    // In the high half of a cell that waits: it will hold how far it is from itself to
    // the label; the rest of the half is a slot.
    static constexpr u32 relative_patch = 0x80000000;
    // What an instruction does, for fusing it with the next (compiler_fusion.cpp).
    // The instruction that another one can join: its handler is in the cell `start`.
    struct Head {
        u32 start = 0;
        Handler handler = nullptr;  // null if a label or a border is between
    };
    struct Ins {
        enum class Kind : u8 { none, unary, binary, compare, load, select, global_get };
        Kind kind = Kind::none;
        Opcode op{};
        Operand a, b;       // load: a is the address; select: a is the condition
        u16 x = 0, y = 0;   // select: slots of the alternatives
        u32 immediate = 0;  // load: the offset; global_get: the index
        SlotKind result = SlotKind::word;
        Dst dst = Dst::slot;
        u16 dst_slot = 0;
        u32 start = 0;  // its first cell
        u32 end = 0;
        u32 offset = 0;  // in the module's bytes
        Head before;     // what stood before it, which it may have joined
    };
    struct Pending {
        bool active = false;
        bool fixed = false;  // goes to `dst` whoever uses it; not on the stack as a pending entry
        bool compare = false;
        SlotKind kind = SlotKind::word;
        u16 dst = 0;
        u8 cell_count = 0;
        std::array<Handler, 2> handlers{};  // by Dst
        std::array<Cell, 3> cells{};
        u32 offset = 0;
        Ins ins;
    };
    static constexpr u32 none = 0xFFFFFFFF;

    void give_back();

    // compiler.cpp: cells
    u32 position() const { return static_cast<u32>(cells_.size()); }
    void instr(Handler handler) { begin_instr(handler, offset_); }
    void begin_instr(Handler handler, u32 offset);
    void cell(Cell c) { cells_.push_back(c); }
    void slots(u32 a, u32 b = 0, u32 c = 0, u32 d = 0);
    void slots_word(u32 a, u32 b, u32 word);
    void word(u32 low, u32 high = 0);
    void bits(u64 bits);
    void target(u32 depth);  // of a label
    void relative_target(u32 depth, u16 slot);
    void wait(u32& last, u32 high = 0);  // the next cell waits for a position
    void target_here(u32 place);         // an earlier target cell means this position
    void bind(u32& last);                // what waits means this position
    void start_charging();
    void stop_charging();

    // compiler.cpp: symbolic stack
    static SlotKind kind_of(ValType type);
    void begin_locals(std::span<const ValType> params, const core::Code& code);
    Local local(u32 index) const {
        if (index < near_locals_.size()) [[likely]]
            return near_locals_[index];
        return far_local(index);
    }
    Local far_local(u32 index) const;
    u16 next_home() const;
    Entry& top(u32 down = 0) { return stack_[stack_.size() - 1 - down]; }
    void push(Entry::Where where, ValType type, u64 bits = 0);
    void push_local(Local local);
    void push_temp(ValType type) { push(Entry::Where::temp, type); }
    void push_types(std::span<const ValType> types);
    Entry pop();
    void cut(u32 height);
    bool is_pending(const Entry& e) const;
    void flush(Dst dst = Dst::slot);  // encodes the pending instruction
    void encode_pending(Dst dst);
    void materialize(Entry& e);       // into its home; e is not pending
    void materialize_top(u32 count);  // flushes, then all of them
    void settle_locals();             // no entry is a local any more
    void settle_local(u16 slot);      // no entry is this local any more
    void forget(u16 slot);            // it was written: accumulators no longer equal it
    void forget_all() {
        acc_.fill(none);
        fence();
    }
    // What comes next can be reached without what came before.
    void fence() {
        last_ = {};
        head_ = {};
    }
    bool in_acc(u16 slot, SlotKind kind) const { return acc_[static_cast<usize>(kind)] == slot; }
    void move(const Entry& e, u16 slot);
    u32 temps_from_top(u32 down, u32 most) const;
    void copy_run(u16 to, u16 from, u32 count);
    void move_top(u32 count, u16 base);
    u32 slots_of_top(u32 count) const;
    bool top_is_at(u32 count, u16 base) const;
    void hold(SlotKind kind, Handler to_slot, Handler to_acc, std::initializer_list<Cell> cells);

    // compiler_ops.cpp
    Operand slot_or_acc(const Entry& e);  // flushes if e is pending
    Operand any_operand(const Entry& e);  // a constant stays one
    Operand slot_operand(Entry e);
    void binary(Opcode op, ValType result);
    void comparison(Opcode op, Entry lhs, Entry rhs);
    void hold_comparison(Opcode op, Operand lhs, Operand rhs);
    void unary(Opcode op, ValType result);
    void test_zero(Opcode equal, ValType type);
    void load(const Instr& in, ValType result);
    void store(const Instr& in);
    void fixed(const Instr& in);
    void select(ValType type);
    void local_set(u32 index, bool keep);
    void on_stack(const Instr& in, u32 operands, std::initializer_list<ValType> results);
    void in_place(Handler handler, const Instr& in);
    AddressType address_type(u32 memory) const { return module_.memories[memory].type.address; }
    static ValType type_of(AddressType a) { return a == AddressType::i32 ? i32 : i64; }

    void wrap();

    // compiler_fusion.cpp: an instruction that can be done together with the one
    // encoded last replaces it. True if it did.
    void describe(Ins::Kind kind, Opcode op, Operand a, Operand b, u32 immediate);
    void remember(Ins ins, u32 start);
    bool follows(const Ins& ins) const {
        return ins.kind != Ins::Kind::none && ins.end == position();
    }
    void rewind(const Ins& to) { take_back(to.start, to.before); }
    void take_back(u32 start, const Head& before);  // the cells from `start` on
    void fused(const Ins& prev, u32 offset, Handler handler);
    bool fuse(const Ins& next);
    bool fuse_steps(const Ins& prev, const Ins& next);
    bool fuse_binary(const Ins& prev, const Ins& next);
    bool fuse_load(const Ins& prev, const Ins& next);
    bool fuse_select(const Ins& prev, const Ins& next);
    bool fuse_store(Opcode op, Operand addr, Operand value, u32 offset);
    bool fuse_branch(Opcode op, Operand lhs, Operand rhs, bool sense);
    bool fuse_global_set(u32 index);

    // compiler_simd.cpp
    void simd(const Instr& in, ValType result);
    void simd_vectors(const Instr& in);
    void simd_to_scalar(const Instr& in, ValType result);
    void simd_splat(const Instr& in);
    void simd_with_scalar(const Instr& in);
    void simd_memory(const Instr& in);
    void vector_constant(const V128& value);
    void hold_vector(Handler handler, std::initializer_list<Cell> cells);

    // compiler_control.cpp
    std::span<const ValType> params(const Control& c) const;
    std::span<const ValType> results(const Control& c) const;
    std::span<const ValType> label_types(const Control& c) const;
    Control& label(u32 depth) { return controls_[controls_.size() - 1 - depth]; }
    void enter(const Instr& in);
    void else_();
    void end();
    void set_unreachable();
    void conditional(Opcode op, Operand lhs, Operand rhs, bool sense);
    struct Condition {
        Opcode op;
        Operand lhs, rhs;
    };
    Condition condition();  // of the top entry, popped
    void br(u32 depth);
    void br_if(u32 depth);
    void branch_if(Condition cond, bool sense, u32 depth);
    void br_on_null(u32 depth, bool on_null);
    void br_table(const Instr& in);
    void return_();
    void call(const FuncType& type, u32 args_below);
    void call_direct(u32 func);
    void call_indirect(const Instr& in);
    void call_ref(const Instr& in);
    void return_call(const Instr& in);

    // compiler_gc.cpp
    void gc(const Instr& in);
    void hold_access(ValType result, Handler to_slot, Handler to_acc,
                     std::initializer_list<Cell> cells);
    void struct_get(const Instr& in);
    void struct_set(const Instr& in);
    void array_get(const Instr& in);
    void array_set(const Instr& in);
    void ref_unary(ValType result, Handler (*handler)(Src src, Dst dst));
    void ref_test(HeapType type, bool nullable);
    void ref_cast(HeapType type, bool nullable);
    void br_on_cast(const Instr& in, bool sense);
    void new_object(const Instr& in, u32 operands, u32 argument);
    void array_bulk(const Instr& in, u32 operands, u32 argument);

    // compiler_exceptions.cpp
    void try_table(const Instr& in);
    void end_try_table();
    void return_pads();
    void throw_(const Instr& in);
    void throw_ref();

    CompiledModule& compiled_;
    const core::Module& module_;
    u32 func_ = 0;
    Mode mode_ = Mode::plain;
    u32 offset_ = 0;  // of the instruction being translated
    u16 link_ = 0;
    u16 temp_base_ = 0;
    u32 max_slots_ = 0;
    u32 skipping_ = 0;  // blocks opened in unreachable code

    // The first locals one by one. A few bytes can declare very many, so the rest are
    // found in the groups they were declared in.
    std::vector<Local> near_locals_;
    std::vector<LocalRun> far_locals_;
    std::vector<u32> lazy_;  // by local slot: entries that are this local; else 0
    std::vector<Entry> stack_;
    u32 settled_ = 0;  // entries below this are no locals
    std::vector<Control> controls_;
    CellBuffer cells_;
    std::vector<u32> targets_;
    TryTable tries_;
    u32 region_ = TryTable::none;  // of the innermost open try_table
    std::array<u32, 4> acc_{};     // by SlotKind
    Pending pending_;
    Ins last_, before_last_;  // encoded last; meaningful only if follows()
    Head head_, before_head_;
    u32 fuel_cell_ = none;
    u64 fuel_cost_ = 0;
    u32 fuel_start_ = none;  // where the charge begins, if it could be taken back
    Head fuel_before_;       // what stood before it, which it may have joined
    std::vector<Origin>* origins_ = nullptr;
};

}  // namespace waxwing::interp
