// Copying from data and element segments, for instructions and for active segments.
#include <cstring>

#include "interp/compiled_module.hpp"
#include "interp/module_impl.hpp"
#include "interp/objects.hpp"

namespace waxwing::interp {

Trap check_init_memory(const ModuleInst& inst, u32 memory, u32 segment, u64 to, u64 from,
                       u64 length) {
    const u64 available =
        inst.dropped_datas[segment] ? 0 : inst.compiled->module.datas[segment].bytes.size;
    const u64 size = inst.memories[memory]->block.size();
    if (length > available || from > available - length || length > size || to > size - length)
        return Trap::memory_out_of_bounds;
    return Trap::none;
}

Trap init_memory(ModuleInst& inst, u32 memory, u32 segment, u64 to, u64 from, u64 length) {
    const Trap trap = check_init_memory(inst, memory, segment, to, from, length);
    if (trap != Trap::none || length == 0) return trap;
    const core::Module& decoded = inst.compiled->module;
    const std::span<const u8> bytes = decoded.view(decoded.datas[segment].bytes);
    std::memcpy(inst.memories[memory]->block.base() + to, bytes.data() + from, length);
    return Trap::none;
}

Trap check_init_table(const ModuleInst& inst, u32 index, u32 segment, u64 to, u64 from,
                      u64 length) {
    const u64 available = inst.elems[segment].size();
    const u64 size = inst.tables[index]->size;
    if (length > available || from > available - length || length > size || to > size - length)
        return Trap::table_out_of_bounds;
    return Trap::none;
}

Trap init_table(ModuleInst& inst, u32 index, u32 segment, u64 to, u64 from, u64 length) {
    const Trap trap = check_init_table(inst, index, segment, to, from, length);
    if (trap != Trap::none || length == 0) return trap;
    std::memcpy(inst.tables[index]->elements + to, inst.elems[segment].data() + from,
                length * sizeof(u64));
    return Trap::none;
}

}  // namespace waxwing::interp
