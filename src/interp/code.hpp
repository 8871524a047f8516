// Register code: what function bodies are translated into.
//
// 1. Code is a sequence of 8-byte cells. An instruction is a handler's address
//    followed by its operands. Its length is known to the handler.
// 2. Operands name frame slots by 16-bit numbers, four to a cell; immediates of
//    32 bits share a cell with two slots; wider ones and branch targets have a
//    cell of their own. Targets are absolute.
// 3. Code knows no instance and no store: threads share it.
#pragma once

#include <atomic>

#include "core/int.hpp"

namespace waxwing::interp {

struct ModuleInst;
struct FuncEntry;
union Cell;

// How handlers are called: see dispatch.hpp.
#if defined(WAXWING_DISPATCH_LOOP)
#define WAXWING_HANDLER_CC
#define WAXWING_STATE                                                                              \
    const Cell *&pc, u64 *&fp, u8 *&mem, u64 &mem_size, ModuleInst *&inst, u64 &acc, double &facc, \
        float &sacc, s64 &fuel
#else
#if defined(__clang__) && __has_attribute(preserve_none)
#define WAXWING_HANDLER_CC __attribute__((preserve_none))
#else
#define WAXWING_HANDLER_CC
#endif
#define WAXWING_STATE                                                                       \
    const Cell *pc, u64 *fp, u8 *mem, u64 mem_size, ModuleInst *inst, u64 acc, double facc, \
        float sacc, s64 fuel
#endif

using Handler = void(WAXWING_HANDLER_CC*)(WAXWING_STATE);

union Cell {
    Handler handler;
    u64 bits;
    u16 slot[4];
    u32 word[2];  // word[1] shares a cell with slot[0] and slot[1]
    double f64;
    const Cell* target;
    FuncEntry* entry;
    const void* pointer;
};
static_assert(sizeof(Cell) == 8);

// Where a function of a module starts. Made for every function at load time,
// with `cells` on a stub that translates the function when it is first called.
// Publishing: the frame's size is written before `cells` is released; who finds
// the old cells may find either size, and the stub checks the new one.
struct FuncEntry {
    const Cell* cells;
    u32 frame_slots = 0;  // by frame_size(): another thread may be publishing
    u16 link = 0;         // slot of the return address; the caller's frame pointer is next
    u16 zero_count = 0;   // declared locals, in slots; they follow the link
    Cell stub;
    u32 index = 0;      // in the module's function index space
    u32 code_size = 0;  // in cells

    u32 frame_size() const {
        return std::atomic_ref<u32>(const_cast<u32&>(frame_slots)).load(std::memory_order_relaxed);
    }
};
static_assert(sizeof(FuncEntry) == 32);

}  // namespace waxwing::interp
