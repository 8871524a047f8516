// Instantiation: link (linker.hpp), allocate, initialize, start.
// Source: specification, "Execution / Modules / Instantiation".
#include <algorithm>
#include <cstring>

#include "core/fault.hpp"
#include "core/guard.hpp"
#include "core/try.hpp"
#include "interp/backtrace.hpp"
#include "interp/compiled_module.hpp"
#include "interp/const_evaluator.hpp"
#include "interp/fuel.hpp"
#include "interp/linker.hpp"
#include "interp/module_impl.hpp"
#include "interp/objects.hpp"

namespace waxwing {
namespace interp {
namespace {

Error limit(std::string message) {
    return Error(Code::instantiate, ErrorKind::limit, std::move(message));
}

// Data is given back in pieces of this size, so that it is not there twice.
constexpr u32 discard_step = 1 << 20;

// Takes back what was made in a store, if it goes away before keep(): nothing refers to it yet.
class Undo {
public:
    explicit Undo(StoreImpl& store)
        : store_(store), instances_(store.instances.size()), funcs_(store.funcs.size()),
          memories_(store.memories.size()), tables_(store.tables.size()), tags_(store.tags.size()),
          environments_(store.environments.size()), host_types_(store.host_types.size()),
          used_(store.budget.used()) {}
    Undo(const Undo&) = delete;
    Undo& operator=(const Undo&) = delete;
    void keep() { kept_ = true; }

    ~Undo() {
        if (kept_) return;
        for (usize i = instances_; i < store_.instances.size(); ++i) {
            const ModuleInst& inst = *store_.instances[i];
            if (inst.module && inst.module->single_instance) inst.module->has_instance = false;
            // Its objects have the layouts of its module until they are collected.
            if (inst.has_objects) return;
        }
        cut(store_.instances, instances_);
        store_.tables.truncate(tables_);
        store_.memories.truncate(memories_);
        store_.tags.truncate(tags_);
        store_.funcs.truncate(funcs_);
        cut(store_.environments, environments_);
        cut(store_.host_types, host_types_);
        store_.budget.restore(used_);
    }

private:
    template <class T>
    static void cut(std::vector<T>& list, usize size) {
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(size), list.end());
    }

    StoreImpl& store_;
    usize instances_, funcs_, memories_, tables_, tags_, environments_, host_types_;
    u64 used_;
    bool kept_ = false;
};

// Reservations take areas of address space, whose number is limited for the whole
// process: so many memories, and tables, of an instance get one.
constexpr usize most_reserved = 16;

struct Instantiation {
    StoreImpl& store;
    const Module& handle;
    Activation& payer;
    const Module::Impl& module = *handle.impl();
    const core::Module& decoded = module.module;
    ModuleInst* inst = nullptr;

    void take_imports(const std::vector<Extern>& imports) {
        for (const Extern& object : imports) {
            if (const Func* f = std::get_if<Func>(&object)) inst->func_ptrs.push_back(f->object());
            if (const Table* t = std::get_if<Table>(&object))
                inst->table_ptrs.push_back(t->object());
            if (const Memory* m = std::get_if<Memory>(&object))
                inst->memory_ptrs.push_back(m->object());
            if (const Global* g = std::get_if<Global>(&object))
                inst->global_ptrs.push_back(g->object());
            if (const Tag* t = std::get_if<Tag>(&object)) inst->tags.push_back(t->object());
        }
    }

    Result<void> make(const std::vector<Extern>& imports) {
        if (store.instances.size() >= store.limits.max_instances)
            return std::unexpected(limit("too many instances"));
        TRY(take_room());
        store.instances.push_back(std::make_unique<ModuleInst>());
        inst = store.instances.back().get();
        inst->store = &store;
        if (module.single_instance && module.has_instance.exchange(true)) {
            return std::unexpected(Error(Code::instantiate, ErrorKind::usage,
                                         "the module was loaded for a single instance"));
        }
        inst->handle_module = handle;
        inst->module = &module;
        inst->compiled = &*module.compiled;
        take_imports(imports);
        inst->func_ptrs.resize(decoded.functions.size());
        inst->funcs = inst->func_ptrs.data();
        for (usize i = decoded.imported_memories; i < decoded.memories.size(); ++i) {
            const bool reserve = i - decoded.imported_memories < most_reserved;
            inst->memory_ptrs.push_back(TRY(store.add_memory(decoded.memories[i].type, reserve)));
        }
        inst->memories = inst->memory_ptrs.data();
        inst->memory0 = inst->memory_ptrs.empty() ? nullptr : inst->memory_ptrs[0];
        for (usize i = decoded.imported_tags; i < decoded.tags.size(); ++i) {
            TagInst& tag = store.tags.emplace_back();
            tag.defined = module.types[decoded.tags[i].type];
            tag.store = &store;
            inst->tags.push_back(&tag);
        }
        TRY(make_globals());
        TRY(make_tables());
        TRY(make_elems());
        inst->dropped_datas.resize(decoded.datas.size());
        return {};
    }

    // Refuses what the limits forbid before anything is made, since what was made
    // stays as long as the store, and takes what takes no memory or table.
    Result<void> take_room() {
        const usize own_memories = decoded.memories.size() - decoded.imported_memories;
        const usize own_tables = decoded.tables.size() - decoded.imported_tables;
        if (own_memories > store.limits.max_memories - store.memories.size())
            return std::unexpected(limit("too many memories"));
        if (own_tables > store.limits.max_tables - store.tables.size())
            return std::unexpected(limit("too many tables"));
        u64 later = 0;  // taken when they are made
        const auto add = [&](u64 bytes) { later += std::min(bytes, (~u64{0} >> 1) - later); };
        for (usize i = decoded.imported_memories; i < decoded.memories.size(); ++i) {
            const MemoryType& type = decoded.memories[i].type;
            TRY(store.check(type));
            add(type.limits.min << type.page_size_log2);
        }
        for (usize i = decoded.imported_tables; i < decoded.tables.size(); ++i) {
            const TableType& type = decoded.tables[i].type;
            TRY(store.check(type));
            add(type.limits.min * sizeof(u64));
        }
        const u64 now = fixed_size(own_memories, own_tables);
        const bool fits = now + later <= store.budget.left();
        return store.take(fits ? now : now + later, "instance");
    }

    // What the instance takes besides memories and the elements of tables. Each
    // function counts as if there were a reference to it.
    u64 fixed_size(usize own_memories, usize own_tables) const {
        u64 size = sizeof(ModuleInst) + decoded.elems.size() * sizeof(ElemInst) +
                   own_memories * sizeof(MemoryInst) + own_tables * sizeof(TableInst);
        size += decoded.functions.size() * (sizeof(FuncInst) + sizeof(FuncInst*));
        size += decoded.globals.size() * (sizeof(GlobalInst) + sizeof(GlobalInst*));
        size += decoded.tags.size() * (sizeof(TagInst) + sizeof(TagInst*));
        for (const core::ElemSegment& segment : decoded.elems) {
            if (segment.mode != core::SegmentMode::declarative)
                size += segment.count() * sizeof(u64);
        }
        return size;
    }

    Result<void> make_globals() {
        const usize own = decoded.globals.size() - decoded.imported_globals;
        inst->own_globals = std::make_unique<GlobalInst[]>(own);
        ConstEvaluator evaluate(*inst, payer);
        inst->global_ptrs.reserve(decoded.globals.size());
        for (usize i = 0; i < own; ++i) {
            const core::Global& global = decoded.globals[decoded.imported_globals + i];
            GlobalInst& made = inst->own_globals[i];
            inst->globals = inst->global_ptrs.data();  // the earlier ones
            const auto bits = TRY(evaluate(global.init));
            made.bits[0] = bits[0];
            made.bits[1] = bits[1];
            made.type = {module.types.canonical(global.type.type), global.type.is_mutable};
            made.store = &store;
            inst->global_ptrs.push_back(&made);
        }
        inst->globals = inst->global_ptrs.data();
        return {};
    }

    Result<void> make_tables() {
        ConstEvaluator evaluate(*inst, payer);
        for (usize i = decoded.imported_tables; i < decoded.tables.size(); ++i) {
            const core::Table& table = decoded.tables[i];
            TableType type = table.type;
            type.element = module.types.canonical(type.element);
            std::array<u64, 2> fill{};
            if (table.init) fill = TRY(evaluate(*table.init));
            TRY(payer.pay(fuel::for_bytes(table_bytes(type))));
            const bool reserve = i - decoded.imported_tables < most_reserved;
            inst->table_ptrs.push_back(TRY(store.add_table(type, fill[0], reserve)));
        }
        inst->tables = inst->table_ptrs.data();
        return {};
    }

    // A table of more elements than this is refused.
    u64 table_bytes(const TableType& type) const {
        return std::min(type.limits.min, store.limits.max_table_elements) * sizeof(u64);
    }

    Result<void> make_elems() {
        ConstEvaluator evaluate(*inst, payer);
        inst->elems.resize(decoded.elems.size());
        for (usize i = 0; i < decoded.elems.size(); ++i) {
            const core::ElemSegment& segment = decoded.elems[i];
            if (segment.mode == core::SegmentMode::declarative) continue;
            ElemInst& refs = inst->elems[i];
            refs.reserve(segment.count());
            if (segment.has_exprs) {
                for (const core::Expr& expr : segment.exprs) {
                    const std::array<u64, 2> ref = TRY(evaluate(expr));
                    refs.push_back(ref[0]);
                }
            } else {
                for (const u32 f : segment.funcs)
                    refs.push_back(reinterpret_cast<u64>(inst->func_ref(f)));
            }
        }
        return {};
    }

    Result<void> fail(Trap trap, const char* what, usize index) const {
        Error error = Error::trapped(trap, std::string("(") + what + " segment " +
                                               std::to_string(index) + ")");
        error.with_code(Code::instantiate);
        return std::unexpected(std::move(error));
    }

    // Active segments in order. What was written before a trap stays.
    Result<void> initialize() {
        ConstEvaluator evaluate(*inst, payer);
        for (usize i = 0; i < decoded.elems.size(); ++i) {
            const core::ElemSegment& segment = decoded.elems[i];
            if (segment.mode != core::SegmentMode::active) continue;
            const std::array<u64, 2> to = TRY(evaluate(segment.table_offset));
            const auto index = static_cast<u32>(i);
            const Trap trap =
                init_table(*inst, segment.table, index, to[0], 0, inst->elems[i].size());
            if (trap != Trap::none) return fail(trap, "elem", i);
            inst->drop_elem(index);
        }
        const DataImage* image = inst->compiled->data_image.of(*inst);
        const bool mapped = image && inst->memory0->block.map(*image);
        if (image && inst->memory0->block.size() == 0)  // it could not be put back
            return std::unexpected(out_of_memory(Code::instantiate));
        core::Range copied;  // no longer needed, if this is the only instance
        const auto give_back = [&] {
            if (module.single_instance) decoded.bytes.discard(copied.offset, copied.size);
        };
        for (usize i = 0; i < decoded.datas.size(); ++i) {
            const core::DataSegment& segment = decoded.datas[i];
            if (segment.mode != core::SegmentMode::active) {
                give_back();
                copied = {};
                continue;
            }
            if (mapped) {
                inst->dropped_datas[i] = true;
                continue;
            }
            const std::array<u64, 2> to = TRY(evaluate(segment.memory_offset));
            const auto index = static_cast<u32>(i);
            TRY(copy_data(index, to[0]));
            inst->dropped_datas[i] = true;
            if (copied.size == 0) copied.offset = segment.bytes.offset;
            copied.size = segment.bytes.offset + segment.bytes.size - copied.offset;
            if (copied.size < discard_step) continue;
            give_back();
            copied = {};
        }
        give_back();
        return {};
    }

    Result<void> copy_data(u32 index, u64 to) {
        constexpr u64 bytes_at_once = 4 << 20;  // between looks at whether to stop
        const core::DataSegment& segment = decoded.datas[index];
        const u64 size = segment.bytes.size;
        const Trap trap = check_init_memory(*inst, segment.memory, index, to, 0, size);
        if (trap != Trap::none) return fail(trap, "data", index);
        for (u64 done = 0; done < size; done += bytes_at_once) {
            if (payer.should_stop()) return std::unexpected(Caller::interrupted());
            const u64 piece = std::min(size - done, bytes_at_once);
            (void)init_memory(*inst, segment.memory, index, to + done, done, piece);
        }
        return {};
    }

    Result<void> start(const CallOptions& options) {
        if (!decoded.start) return {};
        FuncInst* func = inst->func_ref(decoded.start->func);
        u64 slots[1] = {0};
        Result<void> done = invoke(*func, slots, &options);
        if (done) return {};
        Error error = std::move(done).error();
        if (error.code() == Code::call) error.with_code(Code::instantiate);
        return std::unexpected(std::move(error));
    }
};

}  // namespace

}  // namespace interp

Result<Instance> Store::instantiate(const Module& module, const Imports& imports,
                                    const CallOptions& options) {
    if (options.fuel_used) *options.fuel_used = 0;
    return guard(Code::instantiate, [&]() -> Result<Instance> {
        interp::Undo undo(*impl_);
        const std::vector<Extern> found = TRY(interp::link(*impl_, *module.impl(), imports));
        // What initializing costs, the start function has not got any more.
        interp::Activation payer;
        payer.store = impl_.get();
        payer.outer = impl_->current;
        payer.set_options(options);
        if (payer.outer) payer.inherit(*payer.outer);
        interp::Instantiation made{*impl_, module, payer};
        Result<void> done = made.make(found);
        if (done) {
            undo.keep();  // from here on, tables of others may refer to its functions
            done = made.initialize();
        }
        settle(payer, payer.outer, &options);
        TRY(std::move(done));
        CallOptions rest = options;
        std::uint64_t used = 0;
        if (options.fuel) rest.fuel = payer.fuel_left();
        if (options.fuel_used) rest.fuel_used = &used;
        done = made.start(rest);
        if (options.fuel_used) *options.fuel_used += used;
        TRY(std::move(done));
        return Instance(made.inst);
    });
}

Result<Instance> Store::instantiate(const Module& module) { return instantiate(module, Imports()); }

}  // namespace waxwing
