// The objects of a Store, as the interpreter sees them. Handles of the public
// API point here. A StoreImpl owns all of them.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <vector>

#include "core/module.hpp"
#include "core/type_registry.hpp"
#include "interp/budget.hpp"
#include "interp/code.hpp"
#include "interp/heap.hpp"
#include "interp/memory_block.hpp"
#include "interp/roots.hpp"
#include "interp/stable_list.hpp"
#include "waxwing/store.hpp"

namespace waxwing::interp {

struct CompiledModule;

// Metered code charges fuel; plain code does not. Each function is translated
// for a mode when first called in it.
enum class Mode : u8 { plain, metered };
inline constexpr usize mode_count = 2;

struct FuncInst {
    ModuleInst* inst = nullptr;                  // null: a host function
    u32 type_id = 0;                             // canonical
    u32 index = 0;                               // in the instance's module
    std::array<FuncEntry*, mode_count> entry{};  // of a function of a module
    u16 param_slots = 0;
    u16 result_slots = 0;
    HostCode code = nullptr;  // of a host function
    void* environment = nullptr;
    const core::DefinedType* defined = nullptr;
    StoreImpl* store = nullptr;
    const FuncType* type = nullptr;  // canonical: owned by the registry entry
};

struct MemoryInst {
    MemoryBlock block;
    MemoryType type;  // limits.min as declared
    StoreImpl* store = nullptr;
    u64 pages = 0;
    u64 max_pages = 0;  // what growth is bounded by: type, store limits, address space

    u64 page_size() const { return u64{1} << type.page_size_log2; }
    bool may_grow(u64 delta) const { return pages <= max_pages && delta <= max_pages - pages; }
    // The previous size in pages; nothing if refused.
    std::optional<u64> grow(u64 delta) noexcept;
};

struct TableInst {
    u64* elements = nullptr;  // = block.base()
    u64 size = 0;
    MemoryBlock block;
    TableType type;
    StoreImpl* store = nullptr;
    // The call that is growing the table and has made the elements beyond `size`.
    const Activation* grower = nullptr;

    // The previous size; nothing if refused.
    std::optional<u64> grow(u64 delta, u64 fill) noexcept;
    // Growing piece by piece: elements are made beyond `size` before they are part of the table.
    // False if that is refused.
    bool begin_growth(u64 delta, const Activation* by) noexcept;
    u64 made() const { return made_; }
    void make(u64 count, u64 fill) noexcept;  // there is room for them
    u64 finish_growth();                      // the previous size

private:
    u64 made_ = 0;
    u64 written_ = 0;  // where elements begin that growth never wrote to
};

struct GlobalInst {
    alignas(16) u64 bits[2] = {0, 0};
    GlobalType type;
    StoreImpl* store = nullptr;
};

struct TagInst {
    const core::DefinedType* defined = nullptr;
    StoreImpl* store = nullptr;
    std::unique_ptr<const Layout> made_layout;

    // Of its exceptions; made when first needed. Null: there is no memory for it.
    const Layout* layout() noexcept;
};

// A passive element segment's references; empty once dropped.
using ElemInst = std::vector<u64>;

struct ModuleInst {
    // Hot: read by handlers.
    Activation* activation = nullptr;  // the call that runs in this instance now
    u64* stack_end = nullptr;          // of that call: frames may not go beyond
    MemoryInst* memory0 = nullptr;
    GlobalInst** globals = nullptr;  // by index; = global_ptrs.data()
    TableInst** tables = nullptr;
    MemoryInst** memories = nullptr;
    FuncInst** funcs = nullptr;  // by index; own ones null until func_ref() made them

    StoreImpl* store = nullptr;
    Module handle_module{nullptr};         // keeps code and types alive
    const Module::Impl* module = nullptr;  // what is behind it
    CompiledModule* compiled = nullptr;

    std::vector<FuncInst*> func_ptrs;
    std::vector<GlobalInst*> global_ptrs;
    std::vector<TableInst*> table_ptrs;
    std::vector<MemoryInst*> memory_ptrs;
    std::vector<TagInst*> tags;
    std::vector<ElemInst> elems;
    std::vector<bool> dropped_datas;
    std::unique_ptr<GlobalInst[]> own_globals;
    bool has_objects = false;  // made by constant expressions

    FuncInst* func_ref(u32 index);  // makes the object of an own function on demand
    void drop_elem(u32 segment) noexcept;
    Instance handle() { return Instance(this); }
};

// memory.init and table.init, also for active segments; and whether they can be done.
Trap init_memory(ModuleInst& inst, u32 memory, u32 segment, u64 to, u64 from, u64 length);
Trap init_table(ModuleInst& inst, u32 table, u32 segment, u64 to, u64 from, u64 length);
Trap check_init_memory(const ModuleInst& inst, u32 memory, u32 segment, u64 to, u64 from,
                       u64 length);
Trap check_init_table(const ModuleInst& inst, u32 table, u32 segment, u64 to, u64 from, u64 length);

// A change of instance on the way down: what to restore on the way back.
struct Switch {
    ModuleInst* inst;
    const Cell* pc;
    u64* fp;
};

// A place in the guest on the way outwards.
struct GuestPlace {
    ModuleInst* inst = nullptr;
    const Cell* pc = nullptr;
    u64* fp = nullptr;
};

// Looking for who catches an exception: so far nobody inside of `place`.
struct Search {
    GuestPlace place;
    usize switches = 0;       // that are still to be gone through
    bool after_call = false;  // place.pc is a return address: the instruction is before it
    bool over = false;        // the instruction is a tail call: its frame does not count
};

enum class Status : u8 { running, done, trapped, failed, out_of_fuel, interrupted };

// One call from the host: its stack, its fuel, and where it stands. Plain data,
// so that it can wait and go on.
struct Activation {
    StoreImpl* store = nullptr;
    Activation* outer = nullptr;  // the call whose host function made this one
    Mode mode = Mode::plain;
    Status status = Status::running;
    Trap trap = Trap::none;
    u64 trap_detail = 0;  // the element's index, for traps of call_indirect

    // Where execution stopped: at a trap, at a fuel check, or in a host call.
    const Cell* pc = nullptr;
    u64* fp = nullptr;
    ModuleInst* inst = nullptr;
    u64 acc = 0;
    double facc = 0;
    float sacc = 0;

    u64* stack_begin = nullptr;
    u64* stack_end = nullptr;
    u64* host_top = nullptr;  // first free slot while a host function runs; see stop_at

    // What to go on with instead of the handler at pc: for instructions that stopped halfway.
    Handler next = nullptr;
    std::optional<Search> search;  // that `next` is to go on with

    s64 fuel = 0;          // of the running slice; negative: owed
    u64 fuel_reserve = 0;  // beyond it
    s64 fuel_paid = 0;     // what earlier slices gave towards the charge at pc, or left owing
    bool fuel_limited = false;
    u64 fuel_given = 0;
    std::optional<std::chrono::steady_clock::time_point> deadline;
    std::optional<CancelToken> cancel;

    std::vector<Switch> switches;
    std::optional<Error> error;  // of a failed host function

    // Only of calls that can be resumed.
    std::unique_ptr<u64[]> own_stack;
    FuncInst* func = nullptr;
    std::shared_ptr<RootTable> roots;  // which knows of this call
    usize place_in_roots = 0;          // the table's own

    Activation() = default;
    ~Activation();
    Activation(const Activation&) = delete;
    Activation& operator=(const Activation&) = delete;

    void set_options(const CallOptions& options);
    void begin();   // ready for another call
    void finish();  // gives back what only the call needed
    u64 fuel_left() const;
    // The slice does not have the fuel that is needed: more of it, or the reason to stop.
    Status refuel(s64 needed);
    // What the options leave open is as in the call that this one is made in.
    void inherit(const Activation& outer);
    // Pays for work that is about to be done outside of the machine. Errors: out of fuel,
    // interrupted.
    Result<void> pay(u64 units);
    // Work that was done already is paid for. What is not there is owed, and due when the guest
    // next pays.
    void consume(u64 units);
    bool should_stop() const;
    // The guest stands at `pc` while the heap is used on its behalf.
    void stop_at(const Cell* at, u64* frame, ModuleInst* in) {
        pc = at;
        fp = frame;
        inst = in;
        host_top = nullptr;
    }
};

// The call is over: tells its options what it has used, and gives the call that it was made in
// what is left of its fuel.
void settle(const Activation& activation, Activation* outer, const CallOptions* options);

struct StoreImpl {
    explicit StoreImpl(const StoreLimits& limits);
    ~StoreImpl() { roots->store_dies(); }
    StoreImpl(const StoreImpl&) = delete;
    StoreImpl& operator=(const StoreImpl&) = delete;

    // Errors: Code::instantiate.
    Result<FuncInst*> add_host_function(const HostFunction& function);
    // `reserve`: address space to grow in, if the limits say so.
    Result<MemoryInst*> add_memory(const MemoryType& type, bool reserve = true);
    Result<TableInst*> add_table(const TableType& type, u64 fill, bool reserve = true);
    // That one of this type, on its own, is within the limits. Errors: Code::instantiate.
    Result<void> check(const MemoryType& type) const;
    Result<void> check(const TableType& type) const;
    // Takes it from the budget. Errors: Code::instantiate, beginning with `what`.
    Result<void> take(u64 bytes, std::string_view what);
    // Keeps registry entries alive that the types of the host's objects refer to.
    void keep(core::CanonicalTypes types) {
        if (types.size() != 0) host_types.push_back(std::move(types));
    }

    StoreLimits limits;
    Budget budget;
    std::vector<std::unique_ptr<ModuleInst>> instances;
    StableList<FuncInst> funcs;
    StableList<MemoryInst> memories;
    StableList<TableInst> tables;
    StableList<GlobalInst> globals;
    StableList<TagInst> tags;
    std::vector<std::shared_ptr<void>> environments;  // of host functions
    std::vector<core::CanonicalTypes> host_types;     // see keep()
    Heap heap;
    std::shared_ptr<RootTable> roots = std::make_shared<RootTable>();
    // What references to functions hold, which live as long as the store.
    detail::HoldPtr identity = roots->hold(0);

    // The value stack of plain calls; nested calls go on above the outer one's frames.
    // Made when first needed.
    std::unique_ptr<u64[]> stack;
    u64* stack_end = nullptr;
    Activation* current = nullptr;  // innermost running call
    u32 host_depth = 0;
    // Of plain calls, by host_depth: made when first needed, and used again.
    std::vector<std::unique_ptr<Activation>> activations;
};

}  // namespace waxwing::interp
