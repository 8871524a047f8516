// Structures, arrays and i31: reading, writing, casts.
#include "interp/gc_handlers.hpp"
#include "interp/heap_objects.hpp"

namespace waxwing::interp {
namespace {

// What is stored, and the type it is read as.
template <Access access>
struct AccessTypes;
#define ACCESS(name, Stored, Loaded)   \
    template <>                        \
    struct AccessTypes<Access::name> { \
        using stored = Stored;         \
        using loaded = Loaded;         \
    };
ACCESS(i8_s, i8, s32)
ACCESS(i8_u, u8, u32)
ACCESS(i16_s, i16, s32)
ACCESS(i16_u, u16, u32)
ACCESS(i32, u32, u32)
ACCESS(i64, u64, u64)
ACCESS(f32, float, float)
ACCESS(f64, double, double)
ACCESS(v128, u64, u64)
#undef ACCESS

// Loads from `at` into the result.
#define GET(at)                                                                                    \
    do {                                                                                           \
        if constexpr (access == Access::v128) {                                                    \
            std::memcpy(fp + pc[1].slot[0], at, 16);                                               \
        } else {                                                                                   \
            typename AccessTypes<access>::stored stored;                                           \
            std::memcpy(&stored, at, sizeof stored);                                               \
            put<dst>(static_cast<typename AccessTypes<access>::loaded>(stored), pc, fp, acc, facc, \
                     sacc);                                                                        \
        }                                                                                          \
    } while (0)

// Stores the operand at `position` to `at`.
#define SET(at, position)                                                                  \
    do {                                                                                   \
        if constexpr (access == Access::v128) {                                            \
            std::memcpy(at, fp + pc[1].slot[position], 16);                                \
        } else {                                                                           \
            const auto stored = static_cast<typename AccessTypes<access>::stored>(         \
                read<typename AccessTypes<access>::loaded, value>(pc, fp, acc, facc, sacc, \
                                                                  position));              \
            std::memcpy(at, &stored, sizeof stored);                                       \
        }                                                                                  \
    } while (0)

template <Access access, Src ref, Dst dst>
HANDLER struct_get(STATE) {
    const u64 word = ref == Src::acc ? acc : fp[pc[1].slot[1]];
    if (word == 0) [[unlikely]]
        TRAP(Trap::null_structure_reference);
    GET(object_at(word)->at(pc[1].word[1]));
    NEXT(2);
}

template <Access access, Src value>
HANDLER struct_set(STATE) {
    const u64 word = fp[pc[1].slot[0]];
    if (word == 0) [[unlikely]]
        TRAP(Trap::null_structure_reference);
    SET(object_at(word)->at(pc[1].word[1]), 1);
    NEXT(2);
}

// The address of an element, its width known here.
template <Access access>
[[gnu::always_inline]] inline u8* element_of(u64 word, u32 index) {
    constexpr u64 width =
        access == Access::v128 ? 16 : sizeof(typename AccessTypes<access>::stored);
    return object_at(word)->at(ArrayObject::header) + index * width;
}

template <Access access, Src ref, Src index_src, Dst dst>
HANDLER array_get(STATE) {
    const u64 word = ref == Src::acc ? acc : fp[pc[1].slot[1]];
    const u32 index = index_src == Src::acc   ? static_cast<u32>(acc)
                      : index_src == Src::imm ? pc[1].word[1]
                                              : static_cast<u32>(fp[pc[1].slot[2]]);
    if (word == 0) [[unlikely]]
        TRAP(Trap::null_array_reference);
    if (index >= static_cast<ArrayObject*>(object_at(word))->length) [[unlikely]]
        TRAP(Trap::array_out_of_bounds);
    GET(element_of<access>(word, index));
    NEXT(2);
}

template <Access access, Src value>
HANDLER array_set(STATE) {
    const u64 word = fp[pc[1].slot[0]];
    const u32 index = static_cast<u32>(fp[pc[1].slot[1]]);
    if (word == 0) [[unlikely]]
        TRAP(Trap::null_array_reference);
    if (index >= static_cast<ArrayObject*>(object_at(word))->length) [[unlikely]]
        TRAP(Trap::array_out_of_bounds);
    SET(element_of<access>(word, index), 2);
    NEXT(2);
}

template <Src ref, Dst dst>
HANDLER array_len(STATE) {
    const u64 word = ref == Src::acc ? acc : fp[pc[1].slot[1]];
    if (word == 0) [[unlikely]]
        TRAP(Trap::null_array_reference);
    put<dst>(static_cast<ArrayObject*>(object_at(word))->length, pc, fp, acc, facc, sacc);
    NEXT(2);
}

template <Src value, Dst dst>
HANDLER ref_i31(STATE) {
    const u32 integer = read<u32, value>(pc, fp, acc, facc, sacc, 1);
    put<dst>(i31_word(integer), pc, fp, acc, facc, sacc);
    NEXT(2);
}

template <bool is_signed, Src ref, Dst dst>
HANDLER i31_get(STATE) {
    const u64 word = ref == Src::acc ? acc : fp[pc[1].slot[1]];
    if (word == 0) [[unlikely]]
        TRAP(Trap::null_i31_reference);
    const auto bits = static_cast<u32>(word);  // the integer, then the tag bit
    put<dst>(is_signed ? static_cast<u32>(static_cast<s32>(bits) >> 1) : bits >> 1, pc, fp, acc,
             facc, sacc);
    NEXT(2);
}

// Casts -----------------------------------------------------------------------------

[[gnu::noinline]] bool func_matches(u64 word, u32 id) {
    const auto* func = reinterpret_cast<const FuncInst*>(word);
    return func->type_id == id || func->defined->matches(id);
}

template <CastKind kind, bool nullable>
[[gnu::always_inline]] inline bool fits(u64 word, const Cell* pc) {
    if (word == 0) return nullable;
    if constexpr (kind == CastKind::always) return true;
    if constexpr (kind == CastKind::never) return false;
    if constexpr (kind == CastKind::i31) return word & 1;
    if constexpr (kind == CastKind::eq) return (word & 3) != 2;
    if constexpr (kind == CastKind::defined_func) return func_matches(word, pc[2].word[1]);
    if (!is_object(word)) return false;
    const Layout* layout = object_at(word)->layout;
    if constexpr (kind == CastKind::structure) return layout->kind == Layout::Kind::structure;
    if constexpr (kind == CastKind::array) return layout->kind == Layout::Kind::array;
    return layout->matches(pc[2].word[1], pc[2].word[0]);
}

template <CastKind kind, bool nullable, Src ref, Dst dst>
HANDLER ref_test(STATE) {
    const u64 word = ref == Src::acc ? acc : fp[pc[1].slot[1]];
    put<dst>(u32{fits<kind, nullable>(word, pc)}, pc, fp, acc, facc, sacc);
    NEXT(3);
}

template <CastKind kind, bool nullable, Src ref>
HANDLER ref_cast(STATE) {
    const u64 word = ref == Src::acc ? acc : fp[pc[1].slot[1]];
    if (!fits<kind, nullable>(word, pc)) [[unlikely]]
        TRAP(Trap::cast_failure);
    NEXT(3);
}

template <CastKind kind, bool nullable, bool sense>
HANDLER br_on_cast(STATE) {
    const u64 word = fp[pc[1].slot[1]];
    if (fits<kind, nullable>(word, pc) == sense) JUMP(pc[3].target);
    NEXT(4);
}

// From values to template arguments ---------------------------------------------------

template <Access access, Src ref>
Handler struct_get_by_dst(Dst dst) {
    return dst == Dst::acc ? struct_get<access, ref, Dst::acc> : struct_get<access, ref, Dst::slot>;
}
template <Access access>
Handler struct_get_by_src(Src ref, Dst dst) {
    return ref == Src::acc ? struct_get_by_dst<access, Src::acc>(dst)
                           : struct_get_by_dst<access, Src::slot>(dst);
}
template <Access access>
Handler struct_set_by_src(Src value) {
    return value == Src::acc ? struct_set<access, Src::acc> : struct_set<access, Src::slot>;
}
template <Access access>
Handler array_set_by_src(Src value) {
    return value == Src::acc ? array_set<access, Src::acc> : array_set<access, Src::slot>;
}
template <Access access, Dst dst>
Handler array_get_by_src(Src ref, Src index) {
    if (ref == Src::acc)
        return index == Src::imm ? array_get<access, Src::acc, Src::imm, dst>
                                 : array_get<access, Src::acc, Src::slot, dst>;
    switch (index) {
    case Src::acc: return array_get<access, Src::slot, Src::acc, dst>;
    case Src::imm: return array_get<access, Src::slot, Src::imm, dst>;
    case Src::slot: break;
    }
    return array_get<access, Src::slot, Src::slot, dst>;
}
template <Access access>
Handler array_get_by_dst(Src ref, Src index, Dst dst) {
    return dst == Dst::acc ? array_get_by_src<access, Dst::acc>(ref, index)
                           : array_get_by_src<access, Dst::slot>(ref, index);
}

#define BY_ACCESS(function, ...)                                     \
    switch (access) {                                                \
    case Access::i8_s: return function<Access::i8_s>(__VA_ARGS__);   \
    case Access::i8_u: return function<Access::i8_u>(__VA_ARGS__);   \
    case Access::i16_s: return function<Access::i16_s>(__VA_ARGS__); \
    case Access::i16_u: return function<Access::i16_u>(__VA_ARGS__); \
    case Access::i32: return function<Access::i32>(__VA_ARGS__);     \
    case Access::i64: return function<Access::i64>(__VA_ARGS__);     \
    case Access::f32: return function<Access::f32>(__VA_ARGS__);     \
    case Access::f64: return function<Access::f64>(__VA_ARGS__);     \
    case Access::v128: return function<Access::v128>(__VA_ARGS__);   \
    }                                                                \
    return nullptr

template <CastKind kind, bool nullable>
Handler test_by_places(Src ref, Dst dst) {
    if (ref == Src::acc)
        return dst == Dst::acc ? ref_test<kind, nullable, Src::acc, Dst::acc>
                               : ref_test<kind, nullable, Src::acc, Dst::slot>;
    return dst == Dst::acc ? ref_test<kind, nullable, Src::slot, Dst::acc>
                           : ref_test<kind, nullable, Src::slot, Dst::slot>;
}
template <CastKind kind, bool nullable>
Handler cast_by_src(Src ref) {
    return ref == Src::acc ? ref_cast<kind, nullable, Src::acc>
                           : ref_cast<kind, nullable, Src::slot>;
}
template <CastKind kind, bool nullable>
Handler branch_by_sense(bool sense) {
    return sense ? br_on_cast<kind, nullable, true> : br_on_cast<kind, nullable, false>;
}

#define BY_CAST(function, ...)                                                 \
    switch (kind) {                                                            \
    case CastKind::always: BY_NULL(function, always, __VA_ARGS__);             \
    case CastKind::never: BY_NULL(function, never, __VA_ARGS__);               \
    case CastKind::i31: BY_NULL(function, i31, __VA_ARGS__);                   \
    case CastKind::eq: BY_NULL(function, eq, __VA_ARGS__);                     \
    case CastKind::structure: BY_NULL(function, structure, __VA_ARGS__);       \
    case CastKind::array: BY_NULL(function, array, __VA_ARGS__);               \
    case CastKind::defined: BY_NULL(function, defined, __VA_ARGS__);           \
    case CastKind::defined_func: BY_NULL(function, defined_func, __VA_ARGS__); \
    }                                                                          \
    return nullptr
#define BY_NULL(function, name, ...)                              \
    return nullable ? function<CastKind::name, true>(__VA_ARGS__) \
                    : function<CastKind::name, false>(__VA_ARGS__)

}  // namespace

Handler struct_get_handler(Access access, Src ref, Dst dst) {
    BY_ACCESS(struct_get_by_src, ref, dst);
}
Handler struct_set_handler(Access access, Src value) { BY_ACCESS(struct_set_by_src, value); }
Handler array_get_handler(Access access, Src ref, Src index, Dst dst) {
    BY_ACCESS(array_get_by_dst, ref, index, dst);
}
Handler array_set_handler(Access access, Src value) { BY_ACCESS(array_set_by_src, value); }

#define BY_PLACES(name)                                                                         \
    (src == Src::acc ? (dst == Dst::acc ? name<Src::acc, Dst::acc> : name<Src::acc, Dst::slot>) \
                     : (dst == Dst::acc ? name<Src::slot, Dst::acc> : name<Src::slot, Dst::slot>))

Handler array_len_handler(Src src, Dst dst) { return BY_PLACES(array_len); }
Handler ref_i31_handler(Src src, Dst dst) { return BY_PLACES(ref_i31); }

template <bool is_signed>
static Handler i31_get_by_places(Src src, Dst dst) {
    if (src == Src::acc)
        return dst == Dst::acc ? i31_get<is_signed, Src::acc, Dst::acc>
                               : i31_get<is_signed, Src::acc, Dst::slot>;
    return dst == Dst::acc ? i31_get<is_signed, Src::slot, Dst::acc>
                           : i31_get<is_signed, Src::slot, Dst::slot>;
}
Handler i31_get_handler(bool is_signed, Src ref, Dst dst) {
    return is_signed ? i31_get_by_places<true>(ref, dst) : i31_get_by_places<false>(ref, dst);
}

Handler ref_test_handler(CastKind kind, bool nullable, Src ref, Dst dst) {
    BY_CAST(test_by_places, ref, dst);
}
Handler ref_cast_handler(CastKind kind, bool nullable, Src ref) { BY_CAST(cast_by_src, ref); }
Handler br_on_cast_handler(CastKind kind, bool nullable, bool sense) {
    BY_CAST(branch_by_sense, sense);
}

}  // namespace waxwing::interp
