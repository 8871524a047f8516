// Modules and function bodies put together by hand. The offset of an instruction
// is its position in the body.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "core/instr.hpp"
#include "validator/func_validator.hpp"
#include "validator/module_validator.hpp"

namespace waxwing::test {

inline Instr op(Opcode opcode, u32 index = 0, u32 index2 = 0) {
    Instr in{.op = opcode};
    in.index = index;
    in.index2 = index2;
    return in;
}

inline Instr block(Opcode opcode, BlockType type = {}) {
    Instr in{.op = opcode};
    in.block = type;
    return in;
}
inline BlockType gives(ValType type) { return {BlockType::Kind::value, type, 0}; }
inline BlockType of_type(u32 index) { return {BlockType::Kind::type, {}, index}; }

inline Instr access(Opcode opcode, MemArg mem = {}) {
    Instr in{.op = opcode};
    in.mem = mem;
    return in;
}

inline Instr heap(Opcode opcode, HeapType type) {
    Instr in{.op = opcode};
    in.heap = type;
    return in;
}

inline Instr cast(Opcode opcode, u32 label, ValType from, ValType to) {
    Instr in{.op = opcode};
    in.index = label;
    in.heap = from.heap();
    in.heap2 = to.heap();
    in.cast_flags = static_cast<u8>((from.is_nullable() ? 1 : 0) | (to.is_nullable() ? 2 : 0));
    return in;
}

// `labels` must outlive the instruction.
inline Instr table_of(const std::vector<u32>& labels, u32 fallback) {
    Instr in{.op = Opcode::br_table};
    in.labels = labels;
    in.index = fallback;
    return in;
}

inline ValType ref(u32 type) { return ValType::ref(HeapType::defined(type), false); }
inline ValType ref_null(u32 type) { return ValType::ref(HeapType::defined(type), true); }

struct ModuleBuilder {
    core::Module module;

    u32 type(core::CompType comp, bool is_final = true, std::vector<u32> supers = {}) {
        return rec({sub(std::move(comp), is_final, std::move(supers))});
    }
    static core::SubType sub(core::CompType comp, bool is_final = true,
                             std::vector<u32> supers = {}) {
        core::SubType type;
        type.comp = std::move(comp);
        type.is_final = is_final;
        type.supertypes = std::move(supers);
        return type;
    }
    // Returns the index of the first.
    u32 rec(std::vector<core::SubType> types) {
        const u32 first = static_cast<u32>(module.types.size());
        for (core::SubType& type : types) {
            type.offset = static_cast<u32>(module.types.size());
            module.types.push_back(std::move(type));
        }
        module.rec_groups.push_back({first, static_cast<u32>(types.size())});
        return first;
    }
    u32 func(u32 type_index, std::vector<core::LocalGroup> locals = {}) {
        core::Code code;
        code.first_group = static_cast<u32>(module.local_groups.size());
        code.group_count = static_cast<u32>(locals.size());
        for (const core::LocalGroup& group : locals) {
            module.local_groups.push_back(group);
            code.local_count += group.count;
        }
        module.code.push_back(code);
        module.functions.push_back({type_index, 0});
        return static_cast<u32>(module.functions.size() - 1);
    }
    u32 func(FuncType signature, std::vector<core::LocalGroup> locals = {}) {
        return func(type(std::move(signature)), std::move(locals));
    }
    void memory(AddressType address = AddressType::i32, u64 min = 1) {
        module.memories.push_back({{.limits = {min, {}}, .address = address}, 0});
    }
    void table(ValType element, AddressType address = AddressType::i32) {
        module.tables.push_back({{element, {1, {}}, address}, {}, 0});
    }
    void global(ValType type, bool is_mutable) {
        module.globals.push_back({{type, is_mutable}, {}, 0});
    }
    void elem(ValType type, std::vector<u32> funcs = {}) {
        core::ElemSegment segment;
        segment.type = type;
        segment.funcs = std::move(funcs);
        module.elems.push_back(segment);
    }
};

// The expression's instructions; `end` is added.
using Body = std::vector<Instr>;

inline Result<void> walk(FuncValidator& validator, const Body& body) {
    u32 offset = 0;
    for (Instr in : body) {
        in.offset = offset++;
        if (auto result = validator.check(in); !result) return result;
    }
    Instr end = op(Opcode::end);
    end.offset = offset;
    return validator.check(end);
}

// Of the function with the highest index.
inline Result<void> validate(const core::Module& module, const Body& body) {
    ModuleValidator module_validator(module);
    if (auto result = module_validator.check(); !result) return result;
    FuncValidator validator(module_validator);
    const u32 last = static_cast<u32>(module.functions.size() - 1);
    if (auto result = validator.begin_function(last); !result) return result;
    return walk(validator, body);
}

// A module of nothing but one function.
inline Result<void> validate_func(FuncType type, const Body& body,
                                  std::vector<core::LocalGroup> locals = {}) {
    ModuleBuilder builder;
    builder.func(std::move(type), std::move(locals));
    return validate(builder.module, body);
}

inline Result<void> validate(const core::Module& module) { return ModuleValidator(module).check(); }

inline Result<void> validate_const(const core::Module& module, ConstExpr expr, const Body& body) {
    ModuleValidator module_validator(module);
    if (auto result = module_validator.check(); !result) return result;
    FuncValidator validator(module_validator);
    if (auto result = validator.begin_const(expr); !result) return result;
    return walk(validator, body);
}

inline void expect_valid(const Result<void>& result) {
    EXPECT_TRUE(result) << result.error().message();
}

// `text` without the place, which is compared as `offset`.
inline void expect_invalid(const Result<void>& result, std::string_view text, u64 offset) {
    ASSERT_FALSE(result) << "expected: " << text;
    const std::string_view message = result.error().message();
    EXPECT_EQ(message.substr(0, message.rfind(" (at ")), text);
    EXPECT_EQ(result.error().byte_offset(), offset) << message;
    EXPECT_EQ(result.error().kind(), ErrorKind::invalid);
}

}  // namespace waxwing::test
