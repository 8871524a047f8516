// Instantiation: link, allocate, initialize, start.
// Source: specification, "Execution / Modules / Instantiation".
#include <algorithm>
#include <cstring>
#include <map>

#include "core/fault.hpp"
#include "core/guard.hpp"
#include "core/try.hpp"
#include "interp/backtrace.hpp"
#include "interp/compiled_module.hpp"
#include "interp/fuel.hpp"
#include "interp/heap_objects.hpp"
#include "interp/module_impl.hpp"
#include "interp/objects.hpp"

namespace waxwing {
namespace interp {
namespace {

Error limit(std::string message) {
    return Error(Code::instantiate, ErrorKind::limit, std::move(message));
}

// Linking -----------------------------------------------------------------------

std::string quoted(std::string_view module, std::string_view name) {
    return "\"" + std::string(module) + "\" \"" + std::string(name) + "\"";
}

std::string describe(const ExternType& type) {
    struct Describe {
        static std::string limits(const Limits& l) {
            return std::to_string(l.min) + (l.max ? " " + std::to_string(*l.max) : "");
        }
        static std::string address(AddressType a) { return a == AddressType::i64 ? "i64 " : ""; }
        std::string operator()(const FuncType& t) const { return "function " + to_string(t); }
        std::string operator()(const TableType& t) const {
            return "table " + address(t.address) + limits(t.limits) + " " + to_string(t.element);
        }
        std::string operator()(const MemoryType& t) const {
            return "memory " + address(t.address) + limits(t.limits) + (t.shared ? " shared" : "");
        }
        std::string operator()(const GlobalType& t) const {
            return std::string("global ") + (t.is_mutable ? "mut " : "") + to_string(t.type);
        }
        std::string operator()(const TagType& t) const { return "tag " + to_string(t.type); }
    };
    return std::visit(Describe{}, type);
}

bool limits_match(const Limits& given, u64 size, const Limits& wanted) {
    if (size < wanted.min) return false;
    if (!wanted.max) return true;
    return given.max && *given.max <= *wanted.max;
}

ExternType type_of(const Extern& object) {
    struct TypeOf {
        ExternType operator()(Func f) const { return f.type(); }
        ExternType operator()(Table t) const { return t.type(); }
        ExternType operator()(Memory m) const { return m.type(); }
        ExternType operator()(Global g) const { return g.type(); }
        ExternType operator()(Tag t) const { return t.type(); }
    };
    return std::visit(TypeOf{}, object);
}

struct Linker {
    static constexpr usize shown_missing = 8;

    StoreImpl& store;
    const Module::Impl& module;
    const core::Module& decoded = module.module;

    bool matches(const core::Import& import, const Extern& given) const {
        switch (import.kind) {
        case ExternKind::func: {
            const core::DefinedType* wanted = module.types[decoded.functions[import.index].type];
            const Func* func = std::get_if<Func>(&given);
            return func && func->object()->defined->matches(*wanted);
        }
        case ExternKind::table: {
            const TableType& wanted = decoded.tables[import.index].type;
            const Table* table = std::get_if<Table>(&given);
            return table &&
                   table->object()->type.element == module.types.canonical(wanted.element) &&
                   table->object()->type.address == wanted.address &&
                   limits_match(table->object()->type.limits, table->size(), wanted.limits);
        }
        case ExternKind::memory: {
            const MemoryType& wanted = decoded.memories[import.index].type;
            const Memory* memory = std::get_if<Memory>(&given);
            if (!memory) return false;
            const MemoryType& type = memory->object()->type;
            return type.address == wanted.address && type.shared == wanted.shared &&
                   type.page_size_log2 == wanted.page_size_log2 &&
                   limits_match(type.limits, memory->size(), wanted.limits);
        }
        case ExternKind::global: {
            const GlobalType& wanted = decoded.globals[import.index].type;
            const Global* global = std::get_if<Global>(&given);
            if (!global || global->object()->type.is_mutable != wanted.is_mutable) return false;
            const ValType type = module.types.canonical(wanted.type);
            const ValType have = global->object()->type.type;
            return wanted.is_mutable ? have == type : core::is_subtype(have, type);
        }
        case ExternKind::tag: {
            const Tag* tag = std::get_if<Tag>(&given);
            return tag && tag->object()->defined == module.types[decoded.tags[import.index].type];
        }
        }
        return false;
    }

    Result<std::vector<Extern>> link(const Imports& imports) {
        std::vector<Extern> found;
        found.reserve(decoded.imports.size());
        // A function that is imported several times is one object.
        std::map<const Imports::Item*, FuncInst*> functions;
        std::string missing;
        usize missing_count = 0;
        for (usize i = 0; i < decoded.imports.size(); ++i) {
            const core::Import& import = decoded.imports[i];
            const Imports::Item* item = imports.find(import.module, import.name);
            if (!item) {
                if (missing_count++ >= shown_missing) continue;
                if (!missing.empty()) missing += "; ";
                missing += quoted(import.module, import.name) + " (" +
                           describe(module.type_of(import.kind, import.index)) + ")";
                continue;
            }
            if (missing_count) continue;
            Extern given = Func(nullptr);
            if (const auto* host = std::get_if<HostFunction>(item)) {
                if (import.kind != ExternKind::func) return mismatch(i, ExternType(host->type));
                FuncInst*& func = functions[item];
                if (!func) {
                    Result<FuncInst*> made = store.add_host_function(*host);
                    if (!made) return not_a_function(i, made.error());
                    func = *made;
                }
                given = Func(func);
            } else {
                const auto& object = std::get<Imports::Object>(*item);
                given = object.handle;
                if (object.store.store() != store.roots.get()) {
                    return std::unexpected(Error(Code::instantiate, ErrorKind::unlinkable,
                                                 "import " + quoted(import.module, import.name) +
                                                     " belongs to another store"));
                }
            }
            if (!matches(import, given)) return mismatch(i, type_of(given));
            found.push_back(given);
        }
        if (missing_count > shown_missing)
            missing += " and " + std::to_string(missing_count - shown_missing) + " more";
        if (missing_count) {
            return std::unexpected(
                Error(Code::instantiate, ErrorKind::unlinkable,
                      std::string(to_string(Fault::unknown_import)) + " " + missing));
        }
        return found;
    }

    // The host's function has a type that no function can have.
    Result<std::vector<Extern>> not_a_function(usize i, const Error& error) const {
        const core::Import& import = decoded.imports[i];
        return std::unexpected(Error(Code::instantiate, error.kind(),
                                     std::string(error.message()) + " for the host function " +
                                         quoted(import.module, import.name)));
    }

    Result<std::vector<Extern>> mismatch(usize i, const ExternType& given) const {
        const core::Import& import = decoded.imports[i];
        return std::unexpected(Error(Code::instantiate, ErrorKind::unlinkable,
                                     std::string(to_string(Fault::incompatible_import_type)) +
                                         " for " + quoted(import.module, import.name) +
                                         ": wanted " +
                                         describe(module.type_of(import.kind, import.index)) +
                                         ", given " + describe(given)));
    }
};

// Initialization ------------------------------------------------------------------

// Evaluates a constant expression of one value. On its stack a vector takes two
// entries, low half first. It is validated; only making objects can fail, which `payer` pays for.
class Evaluator {
public:
    Evaluator(ModuleInst& inst, Activation& payer) : inst_(inst), payer_(payer) {}

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
        Evaluator evaluate(*inst, payer);
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
        Evaluator evaluate(*inst, payer);
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
        Evaluator evaluate(*inst, payer);
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
        Evaluator evaluate(*inst, payer);
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

}  // namespace interp

Result<Instance> Store::instantiate(const Module& module, const Imports& imports,
                                    const CallOptions& options) {
    if (options.fuel_used) *options.fuel_used = 0;
    return guard(Code::instantiate, [&]() -> Result<Instance> {
        interp::Undo undo(*impl_);
        interp::Linker linker{*impl_, *module.impl()};
        const std::vector<Extern> found = TRY(linker.link(imports));
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
