// Constant expressions of a module, evaluated when it is instantiated.
// Source: specification, "Validation / Instructions / Constant Expressions".
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "core/fault.hpp"
#include "interp/compiled_module.hpp"
#include "interp/fuel.hpp"
#include "interp/heap_objects.hpp"
#include "interp/module_impl.hpp"
#include "interp/objects.hpp"

namespace waxwing::interp {

// Evaluates a constant expression of one value. On its stack a vector takes two
// entries, low half first. It is validated; only making objects can fail, which `payer` pays for.
class ConstEvaluator {
public:
    ConstEvaluator(ModuleInst& inst, Activation& payer) : inst_(inst), payer_(payer) {}

    Result<std::array<u64, 2>> operator()(const core::Expr& expr) {
        constexpr u32 expressions_at_once = 4096;  // between looks at whether to stop
        if (++evaluated_ % expressions_at_once == 0 && payer_.should_stop())
            return std::unexpected(Caller::interrupted());
        const ConstExpr* code = inst_.module->const_expr(expr);
        stack_.clear();
        for (u32 i = 0; i < code->count; ++i) {
            const Trap trap = step(inst_.module->const_ops[code->first + i]);
            if (stopped_) return std::unexpected(*std::exchange(stopped_, std::nullopt));
            if (trap == Trap::none) continue;
            Error error = Error::trapped(trap);
            error.with_code(Code::instantiate).with_offset(code->offset);
            return std::unexpected(std::move(error));
        }
        return {{stack_.empty() ? 0 : stack_[0], stack_.size() > 1 ? stack_[1] : 0}};
    }

private:
    u64 pop() {
        const u64 value = stack_.back();
        stack_.pop_back();
        return value;
    }

    Trap step(const ConstOp& op) {
        switch (op.op) {
        case Opcode::global_get: {
            const GlobalInst& global = *inst_.globals[op.index];
            stack_.push_back(global.bits[0]);
            if (global.type.type.is_vector()) stack_.push_back(global.bits[1]);
            break;
        }
        case Opcode::ref_func:
            stack_.push_back(reinterpret_cast<u64>(inst_.func_ref(op.index)));
            break;
        case Opcode::i32_add: stack_.push_back(static_cast<u32>(pop() + pop())); break;
        case Opcode::i32_mul: stack_.push_back(static_cast<u32>(pop() * pop())); break;
        case Opcode::i64_add: stack_.push_back(pop() + pop()); break;
        case Opcode::i64_mul: stack_.push_back(pop() * pop()); break;
        case Opcode::i32_sub: {
            const u64 rhs = pop();
            stack_.push_back(static_cast<u32>(pop() - rhs));
            break;
        }
        case Opcode::i64_sub: {
            const u64 rhs = pop();
            stack_.push_back(pop() - rhs);
            break;
        }
        case Opcode::ref_i31: stack_.push_back(i31_word(static_cast<u32>(pop()))); break;
        case Opcode::any_convert_extern:
        case Opcode::extern_convert_any: break;
        case Opcode::struct_new:
        case Opcode::struct_new_default:
        case Opcode::array_new:
        case Opcode::array_new_default:
        case Opcode::array_new_fixed: return make(op);
        default: stack_.push_back(op.bits); break;  // constants and ref.null
        }
        return Trap::none;
    }

    Trap make(const ConstOp& op) {
        const Layout& layout = inst_.compiled->layout(op.index);
        Heap& heap = inst_.store->heap;
        const Heap::Scope scope(heap, stack_);
        inst_.has_objects = true;
        usize taken = 0;
        const auto operands = [&](usize count) {
            taken = count;
            return stack_.data() + stack_.size() - count;
        };
        Made made;
        if (auto paid = payer_.pay(fuel::for_bytes(layout.size)); !paid) {
            stopped_ = std::move(paid).error();
            return Trap::none;
        }
        if (op.op == Opcode::struct_new) {
            made = new_struct(heap, layout, operands(layout.slots));
        } else if (op.op == Opcode::struct_new_default) {
            made = new_struct_default(heap, layout);
        } else if (op.op == Opcode::array_new) {
            const u64* value = operands(layout.slots + 1);
            made = fill_array(layout, static_cast<u32>(stack_.back()), value);
        } else if (op.op == Opcode::array_new_default) {
            operands(1);
            const u64 zeros[2] = {};
            made = fill_array(layout, static_cast<u32>(stack_.back()), zeros);
        } else {
            made = new_array_fixed(heap, layout, op.bits, operands(op.bits * layout.slots));
        }
        if (stopped_) return Trap::none;
        if (!made.object) return made.trap;
        stack_.resize(stack_.size() - taken);
        stack_.push_back(reinterpret_cast<u64>(made.object));
        return Trap::none;
    }

    // An array may be far larger than the expression: it is paid for piece by piece.
    Made fill_array(const Layout& layout, u32 length, const u64* value) {
        ArrayObject* array = inst_.store->heap.make_array(layout, length);
        if (!array) return {};
        const u64 width = size_of(layout.element);
        for (u64 done = 0, piece; done < length; done += piece) {
            piece = std::min(length - done, fuel::piece_bytes / width);
            if (auto paid = payer_.pay(fuel::for_bytes(piece * width)); !paid) {
                stopped_ = std::move(paid).error();
                return {};
            }
            fill_elements(*array, done, piece, value);
        }
        return {array};
    }

    ModuleInst& inst_;
    Activation& payer_;
    std::vector<u64> stack_;
    std::optional<Error> stopped_;
    u32 evaluated_ = 0;
};

}  // namespace waxwing::interp
