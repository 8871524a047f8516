// Validates expressions, one instruction at a time: the algorithm of the
// specification's appendix "Validation Algorithm".
//
// 1. An instruction of fixed type (an OP row of core/opcodes.def) is checked by
//    its type in the table. The rest have a member function named after the row.
// 2. After an unconditional branch the rest of the block is unreachable: its
//    operand stack ends in operands of any type, the bottom type.
// 3. Types are the module's own, with type indices; ModuleValidator knows what
//    is a subtype of what.
// 4. After an error, nothing but begin_function() and begin_const() may be called.
#pragma once

#include <span>
#include <vector>

#include "core/instr.hpp"
#include "core/module.hpp"
#include "core/opcode.hpp"
#include "validator/local_types.hpp"
#include "validator/module_validator.hpp"
#include "validator/operand_stack.hpp"

namespace waxwing {

// The types of a block, or of a label.
class BlockTypes {
public:
    BlockTypes() = default;
    explicit BlockTypes(const FuncType* type) : func_(type) {}
    explicit BlockTypes(ValType result) : result_(result) {}

    std::span<const ValType> params() const {
        if (!func_) return {};
        return func_->params;
    }
    // Valid as long as this object.
    std::span<const ValType> results() const {
        if (func_) return func_->results;
        return {&result_, result_.is_bottom() ? 0u : 1u};
    }

private:
    const FuncType* func_ = nullptr;
    ValType result_;  // if there is no function type; bottom: no result
};

struct ControlFrame {
    Opcode op;  // block, loop, if_, else_ or try_table; for the whole expression, block
    bool unreachable = false;
    u32 height = 0;            // of the operand stack at entry, without parameters
    u32 trail = 0;             // of the locals at entry
    u32 checked_at = ~u32{0};  // the br_table that last named this frame's label
    BlockTypes types;

    std::span<const ValType> label_types() const {
        return op == Opcode::loop ? types.params() : types.results();
    }
};

// Reusable: nothing is allocated for a function once the stacks are large enough.
class FuncValidator {
public:
    // `module` has passed check() and outlives this object, which notes in it the
    // functions that constant expressions refer to.
    explicit FuncValidator(ModuleValidator& module);

    // Requires: func_index is not imported.
    Result<void> begin_function(u32 func_index);
    Result<void> begin_const(const ConstExpr& expr);

    // Checks the next instruction. Requires: the expression has not ended.
    Result<void> check(const Instr& in);

    // The expression's last `end` has been checked.
    bool done() const { return frames_.empty(); }
    bool is_unreachable() const { return !frames_.empty() && frames_.back().unreachable; }
    const OperandStack& operands() const { return operands_; }

private:
    enum class Shape : u8 { unary, binary, load, store, other };
    static consteval Shape shape_of(u32 encoding, Immediates immediates, std::string_view type);

#define RULE(ident, ...) Result<void> ident(const Instr& in);
#include "core/opcodes.def"

    // Fixed types.
    template <Shape shape, Immediates immediates>
    Result<void> fixed(const Instr& in);
    Result<void> fixed_slow(const Instr& in);
    Result<void> check_memarg(const Instr& in) const;
    Result<void> check_lanes(const Instr& in) const;
    Result<void> check_constant(const Instr& in);

    // Operands. A failing pop names the whole list that was asked for.
    void push(ValType type) { operands_.push(type); }
    Result<void> push(std::span<const ValType> types);
    Result<void> pop(ValType expected) {
        if (!operands_.at_floor() && operands_.peek() == expected) [[likely]] {
            operands_.pop();
            return {};
        }
        return pop_slow({&expected, 1});
    }
    Result<void> pop(std::span<const ValType> expected);
    Result<void> pop(std::initializer_list<ValType> expected) {
        return pop(std::span(expected.begin(), expected.size()));
    }
    Result<void> pop_slow(std::span<const ValType> expected);
    // The topmost operands have these types; they stay.
    Result<void> require(std::span<const ValType> expected) const;
    // Pops `count` operands of type `expected`; takes no longer than there are operands.
    Result<void> pop_repeated(ValType expected, u32 count);
    Result<ValType> pop_any();
    // Pops a reference; in unreachable code, maybe one to the bottom heap type.
    Result<ValType> pop_ref();

    // Control.
    void push_frame(Opcode op, BlockTypes types);
    Result<void> enter(Opcode op, const BlockType& block);
    Result<BlockTypes> block_types(const BlockType& block) const;
    Result<void> leave_block();
    void set_unreachable();
    Result<ControlFrame*> label(u32 depth);
    Result<void> pop_and_push(std::span<const ValType> types);
    Result<void> check_clause(const CatchClause& clause);
    Result<void> check_call(const FuncType& callee);
    Result<void> check_tail_call(const FuncType& callee);

    // Index spaces: what an index means, or the fault it is.
    Result<const core::SubType*> type_at(u32 index) const;
    Result<const FuncType*> func_type(u32 index) const;
    Result<const core::StructType*> struct_type(u32 index) const;
    Result<const core::ArrayType*> array_type(u32 index) const;
    Result<const core::ArrayType*> mutable_array_type(u32 index) const;
    Result<const core::FieldType*> field(const Instr& in) const;
    Result<const core::Function*> function(u32 index) const;
    Result<const core::Table*> table(u32 index) const;
    Result<const core::Memory*> memory(u32 index) const;
    Result<const core::Global*> global(u32 index) const;
    Result<const FuncType*> tag(u32 index) const;
    Result<const core::ElemSegment*> elem(u32 index) const;
    Result<void> data(u32 index) const;
    Result<void> check_heap_type(HeapType type) const;
    Result<void> check_value_type(ValType type) const;
    // The callee's type. Pops what says which function it is.
    Result<const FuncType*> indirect_callee(const Instr& in);
    Result<const FuncType*> referenced_callee(const Instr& in);

    Result<ValType> local_slow(u32 index) const;
    Result<void> set_local_slow(u32 index, bool tee);
    Result<void> get_field(const Instr& in, bool packed);
    Result<void> get_element(const Instr& in, bool packed);
    Result<void> check_packing(ValType storage, bool packed) const;
    Result<void> test_or_cast(const Instr& in, ValType result);
    Result<void> convert(ValType from, HeapKind to);
    // A branch that carries `taken`, on a cast of `source` to `target`; else `left` stays.
    Result<void> check_cast(const Instr& in, ValType source, ValType target, ValType taken,
                            ValType left);
    Result<void> fits_elem(const core::ArrayType& array, u32 elem_index) const;

    std::unexpected<Error> fail(Fault fault, std::string detail = {}) const;
    std::unexpected<Error> fail(Fault fault, u32 index) const;
    std::unexpected<Error> mismatch(std::string detail) const;
    std::unexpected<Error> mismatch(const char* who, std::span<const ValType> expected,
                                    std::span<const ValType> found) const;

    bool is_subtype(ValType sub, ValType super) const { return owner_.is_subtype(sub, super); }
    ValType address_of(const core::Memory& memory) const {
        return memory.type.address == AddressType::i64 ? i64 : i32;
    }
    ValType address_of(const core::Table& table) const {
        return table.type.address == AddressType::i64 ? i64 : i32;
    }

    static constexpr u32 no_function = ~u32{0};

    ModuleValidator& owner_;
    const core::Module& module_;
    OperandStack operands_;
    std::vector<ControlFrame> frames_;
    LocalTypes locals_;
    u32 at_ = 0;                // offset of the instruction at hand
    u32 func_ = no_function;    // in a constant expression there is none
    u32 visible_globals_ = 0;   // those an expression may refer to
    u32 visible_with_gc_ = 0;   // see ConstExpr
    bool is_constant_ = false;  // the expression is a constant one
    ValType address0_;          // address type of memory 0; bottom if there is none
};

}  // namespace waxwing
