#include "core/type_registry.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <mutex>
#include <unordered_map>

#include "core/fault.hpp"
#include "core/try.hpp"

namespace waxwing::core {
namespace {

struct Group;

struct Member : DefinedType {
    Group* group = nullptr;
};

// A recursion group. Everything but `members` is guarded by the registry's lock.
struct Group {
    std::vector<u32> key;  // its structure, see KeyWriter
    u64 hash = 0;
    usize uses = 0;  // by CanonicalTypes and by other groups
    std::vector<Member> members;
    std::unique_ptr<u32[]> supers;     // those of all members, in their order
    std::vector<Group*> dependencies;  // without duplicates
    Group* next_dead = nullptr;        // while it is in release()'s list
};

// Where a TypeTable has the entry of an id.
struct Place {
    usize chunk;
    u32 index;
};
constexpr u32 first_chunk = 1024;
// Chunk i is for the ids from (first_chunk << i) - first_chunk on.
constexpr Place place_of(u32 id) {
    const u32 shifted = id + first_chunk;
    const auto width = static_cast<usize>(std::bit_width(shifted));
    return {width - std::bit_width(first_chunk), shifted - (1u << (width - 1))};
}

// id -> type: in chunks, each twice as large as the one before, so that entries
// never move while others read.
class TypeTable {
public:
    // Also of an id that was never given out: then null.
    const DefinedType* find(u32 id) const {
        if (id > HeapType::max_index) return nullptr;
        const Place at = place_of(id);
        const Entry* chunk = chunks_[at.chunk].load(std::memory_order_acquire);
        return chunk ? chunk[at.index].load(std::memory_order_relaxed) : nullptr;
    }
    const DefinedType* operator[](u32 id) const {
        const Place at = place_of(id);
        const Entry* chunk = chunks_[at.chunk].load(std::memory_order_acquire);
        return chunk[at.index].load(std::memory_order_relaxed);
    }
    // Makes room for the ids below `count`.
    void reserve(u32 count) {
        for (usize i = 0; count > 0 && i <= place_of(count - 1).chunk; ++i) {
            if (owned_[i]) continue;
            owned_[i] = std::make_unique<Entry[]>(usize{first_chunk} << i);
            chunks_[i].store(owned_[i].get(), std::memory_order_release);
        }
    }
    // Requires: there is room.
    void set(u32 id, const DefinedType* type) {
        const Place at = place_of(id);
        owned_[at.chunk][at.index].store(type, std::memory_order_relaxed);
    }

private:
    using Entry = std::atomic<const DefinedType*>;
    static constexpr usize chunk_count = place_of(HeapType::max_index).chunk + 1;

    std::array<std::atomic<const Entry*>, chunk_count> chunks_{};
    std::array<std::unique_ptr<Entry[]>, chunk_count> owned_;
};

// How a reference inside a group under construction is known.
struct Reference {
    bool inner;  // to a type of the same group: `index` is its position
    u32 index;   // else a canonical id
};

// Calls visit(ValType&) for each value type in `type`.
template <class Comp, class Visit>
void for_each_value_type(Comp& comp, Visit visit) {
    if (auto* func = std::get_if<FuncType>(&comp)) {
        for (auto& type : func->params)
            visit(type);
        for (auto& type : func->results)
            visit(type);
    } else if (auto* fields = std::get_if<StructType>(&comp)) {
        for (auto& field : fields->fields)
            visit(field.storage);
    } else {
        visit(std::get_if<ArrayType>(&comp)->element.storage);
    }
}

// Writes the structure of a group as words: equal groups, and only those, have
// equal words.
template <class Resolve>
class KeyWriter {
public:
    KeyWriter(std::vector<u32>& out, Resolve resolve) : out_(out), resolve_(resolve) {}

    void subtype(const SubType& type) {
        out_.push_back(static_cast<u32>(type.comp.index()) << 1 | (type.is_final ? 1 : 0));
        out_.push_back(static_cast<u32>(type.supertypes.size()));
        for (const u32 super : type.supertypes)
            reference(super);
        if (const FuncType* func = type.func()) {
            out_.push_back(static_cast<u32>(func->params.size()));
            out_.push_back(static_cast<u32>(func->results.size()));
        } else if (const StructType* fields = type.struct_()) {
            out_.push_back(static_cast<u32>(fields->fields.size()));
            for (const FieldType& field : fields->fields)
                out_.push_back(field.is_mutable);
        } else {
            out_.push_back(type.array()->element.is_mutable);
        }
        for_each_value_type(type.comp, [this](ValType value) { value_type(value); });
    }

private:
    void value_type(ValType type) {
        if (!type.is_ref() || !type.heap().is_concrete()) return out_.push_back(type.bits());
        out_.push_back(ValType::ref(HeapType::defined(0), type.is_nullable()).bits());
        reference(type.heap().index());
    }
    void reference(u32 index) {
        const Reference to = resolve_(index);
        out_.push_back(to.index << 1 | (to.inner ? 1 : 0));
    }

    std::vector<u32>& out_;
    Resolve resolve_;
};

}  // namespace

struct CanonicalTypes::Held {
    Held() = default;
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held();

    std::vector<const DefinedType*> types;
    std::vector<Group*> groups;
};

class TypeRegistry {
public:
    // Lives until the process ends, as handles in static storage may outlive any
    // object with a destructor.
    static TypeRegistry& instance() {
        static TypeRegistry& registry = *new TypeRegistry;
        return registry;
    }

    Result<CanonicalTypes> add(const Module& module);
    Result<CanonicalTypes> add(const FuncType& type);
    std::optional<CanonicalTypes> retain(u32 id);
    void release(const std::vector<Group*>& groups);
    const DefinedType& type(u32 id) const { return *table_[id]; }
    usize live_count();
    void set_max_types(u32 most);

private:
    template <class Resolve>
    Result<void> add_group(std::span<const SubType> types, Resolve resolve,
                           CanonicalTypes::Held& held);
    Group* find(const std::vector<u32>& key, u64 hash) const;
    template <class Resolve>
    Result<Group*> make(std::span<const SubType> types, Resolve resolve, u64 hash);
    template <class Resolve>
    std::unique_ptr<Group> build(std::span<const SubType> types, Resolve resolve) const;
    template <class Resolve>
    void build_supers(Group& group, Resolve resolve) const;
    u32 nth_free_id(usize n) const;
    void destroy(Group* group);
    Result<void> check_alive(const FuncType& type) const;
    u64 hash_of(const std::vector<u32>& key) const;

    std::mutex mutex_;
    std::unordered_multimap<u64, std::unique_ptr<Group>> groups_;
    TypeTable table_;
    std::vector<u32> free_ids_;  // has room for all ids there are, so that none is lost
    u32 next_id_ = 0;
    u32 max_types_ = HeapType::max_index + 1;
    std::vector<u32> key_;  // scratch, given back when it is large
    static constexpr usize most_kept = 16 << 10;
};

CanonicalTypes::Held::~Held() { TypeRegistry::instance().release(groups); }

u64 TypeRegistry::hash_of(const std::vector<u32>& key) const {
    // Seeded by an address, which a guest does not know.
    u64 hash = reinterpret_cast<std::uintptr_t>(this) * 0x9E3779B97F4A7C15u;
    for (const u32 word : key) {
        hash = (hash ^ word) * 0xD6E8FEB86659FD93u;
        hash ^= hash >> 32;
    }
    return hash;
}

Group* TypeRegistry::find(const std::vector<u32>& key, u64 hash) const {
    const auto [first, last] = groups_.equal_range(hash);
    for (auto it = first; it != last; ++it)
        if (it->second->key == key) return it->second.get();
    return nullptr;
}

// The id that the n-th new type gets.
u32 TypeRegistry::nth_free_id(usize n) const {
    const usize free = free_ids_.size();
    return n < free ? free_ids_[free - 1 - n] : next_id_ + static_cast<u32>(n - free);
}

// The group with the structure in key_, its members numbered but not published.
template <class Resolve>
std::unique_ptr<Group> TypeRegistry::build(std::span<const SubType> types, Resolve resolve) const {
    auto group = std::make_unique<Group>();
    group->key = key_;
    group->members.resize(types.size());
    for (usize i = 0; i < types.size(); ++i) {
        group->members[i].group = group.get();
        group->members[i].id = nth_free_id(i);
    }
    auto& dependencies = group->dependencies;
    const auto id_of = [&](u32 index) {
        const Reference to = resolve(index);
        if (to.inner) return group->members[to.index].id;
        dependencies.push_back(static_cast<const Member*>(table_[to.index])->group);
        return to.index;
    };
    for (usize i = 0; i < types.size(); ++i) {
        SubType& sub = group->members[i].sub;
        sub = types[i];
        for (u32& super : sub.supertypes)
            super = id_of(super);
        for_each_value_type(sub.comp, [&](ValType& type) {
            if (!type.is_ref() || !type.heap().is_concrete()) return;
            type = ValType::ref(HeapType::defined(id_of(type.heap().index())), type.is_nullable());
        });
    }
    std::ranges::sort(dependencies, std::less<>());
    dependencies.erase(std::ranges::unique(dependencies).begin(), dependencies.end());
    dependencies.shrink_to_fit();
    build_supers(*group, [&](usize i) { return resolve(types[i].supertypes.front()); });
    return group;
}

// Copies, for each member, its supertype's list and adds its own id.
// resolve(i) is the supertype of member i, which has one.
template <class Resolve>
void TypeRegistry::build_supers(Group& group, Resolve resolve) const {
    std::vector<u32> depths(group.members.size(), 1);
    usize total = 0;
    for (usize i = 0; i < depths.size(); ++i) {
        if (!group.members[i].sub.supertypes.empty()) {
            const Reference to = resolve(i);
            depths[i] +=
                to.inner ? depths[to.index] : static_cast<u32>(table_[to.index]->supers.size());
        }
        total += depths[i];
    }
    group.supers = std::make_unique<u32[]>(total);
    u32* next = group.supers.get();
    for (usize i = 0; i < depths.size(); ++i) {
        Member& member = group.members[i];
        u32* const first = next;
        if (!member.sub.supertypes.empty()) {
            const Reference to = resolve(i);
            const DefinedType& super = to.inner ? group.members[to.index] : *table_[to.index];
            next = std::ranges::copy(super.supers, next).out;
        }
        *next++ = member.id;
        member.supers = {first, next};
    }
}

// The group with the structure in key_, which is new. All that may fail comes
// before anything changes.
template <class Resolve>
Result<Group*> TypeRegistry::make(std::span<const SubType> types, Resolve resolve, u64 hash) {
    const usize fresh = types.size() - std::min(types.size(), free_ids_.size());
    if (fresh > 0 && next_id_ + u64{fresh} > max_types_) {
        return std::unexpected(limit_error(
            "too many types in this process (limit " + std::to_string(max_types_) + ")", 0));
    }
    std::unique_ptr<Group> owner = build(types, resolve);
    Group* group = owner.get();
    group->hash = hash;
    const u32 next_id = next_id_ + static_cast<u32>(fresh);
    table_.reserve(next_id);
    if (free_ids_.capacity() < next_id)
        free_ids_.reserve(std::max<usize>(next_id, 2 * free_ids_.capacity()));
    groups_.emplace(hash, std::move(owner));

    next_id_ = next_id;
    free_ids_.resize(free_ids_.size() - (types.size() - fresh));
    for (const Member& member : group->members)
        table_.set(member.id, &member);
    for (Group* dependency : group->dependencies)
        ++dependency->uses;
    return group;
}

// Requires: `held` has room.
template <class Resolve>
Result<void> TypeRegistry::add_group(std::span<const SubType> types, Resolve resolve,
                                     CanonicalTypes::Held& held) {
    key_.clear();
    KeyWriter writer(key_, resolve);
    for (const SubType& type : types)
        writer.subtype(type);
    const u64 hash = hash_of(key_);
    Group* group = find(key_, hash);
    if (!group) group = TRY(make(types, resolve, hash));
    if (key_.capacity() > most_kept) key_ = {};
    ++group->uses;
    held.groups.push_back(group);
    for (const Member& member : group->members)
        held.types.push_back(&member);
    return {};
}

Result<CanonicalTypes> TypeRegistry::add(const Module& module) {
    auto held = std::make_shared<CanonicalTypes::Held>();  // outlives the lock: it may release
    held->types.reserve(module.types.size());
    held->groups.reserve(module.rec_groups.size());
    const std::lock_guard lock(mutex_);
    for (const RecGroup& group : module.rec_groups) {
        const auto resolve = [&](u32 index) {
            return index >= group.first ? Reference{true, index - group.first}
                                        : Reference{false, held->types[index]->id};
        };
        TRY(add_group(std::span(module.types).subspan(group.first, group.count), resolve, *held));
    }
    CanonicalTypes result;
    result.held_ = std::move(held);
    return result;
}

Result<CanonicalTypes> TypeRegistry::add(const FuncType& type) {
    auto held = std::make_shared<CanonicalTypes::Held>();
    held->types.reserve(1);
    held->groups.reserve(1);
    SubType sub;
    sub.comp = type;
    const std::lock_guard lock(mutex_);
    TRY(check_alive(type));
    TRY(add_group({&sub, 1}, [](u32 id) { return Reference{false, id}; }, *held));
    CanonicalTypes result;
    result.held_ = std::move(held);
    return result;
}

// Every type that `type` refers to is alive.
Result<void> TypeRegistry::check_alive(const FuncType& type) const {
    for (const auto* list : {&type.params, &type.results})
        for (const ValType each : *list)
            if (each.is_ref() && each.heap().is_concrete() && !table_.find(each.heap().index()))
                return std::unexpected(
                    make_error(Fault::unknown_type, std::to_string(each.heap().index())));
    return {};
}

std::optional<CanonicalTypes> TypeRegistry::retain(u32 id) {
    auto held = std::make_shared<CanonicalTypes::Held>();
    const std::lock_guard lock(mutex_);
    const DefinedType* type = table_.find(id);
    if (!type) return std::nullopt;
    Group* group = static_cast<const Member*>(type)->group;
    held->types.push_back(type);
    held->groups.push_back(group);
    ++group->uses;
    CanonicalTypes result;
    result.held_ = std::move(held);
    return result;
}

// Groups are left in a list, not by recursion: chains of dependencies may be long.
void TypeRegistry::release(const std::vector<Group*>& groups) {
    if (groups.empty()) return;
    const std::lock_guard lock(mutex_);
    Group* dead = nullptr;
    const auto drop = [&](Group* group) {
        if (--group->uses > 0) return;
        group->next_dead = dead;
        dead = group;
    };
    for (Group* group : groups)
        drop(group);
    while (dead) {
        Group* group = dead;
        dead = group->next_dead;
        for (Group* dependency : group->dependencies)
            drop(dependency);
        destroy(group);
    }
}

void TypeRegistry::destroy(Group* group) {
    for (const Member& member : group->members) {
        table_.set(member.id, nullptr);
        free_ids_.push_back(member.id);
    }
    const auto [first, last] = groups_.equal_range(group->hash);
    const auto it =
        std::find_if(first, last, [&](const auto& entry) { return entry.second.get() == group; });
    groups_.erase(it);
}

usize TypeRegistry::live_count() {
    const std::lock_guard lock(mutex_);
    return next_id_ - free_ids_.size();
}

void TypeRegistry::set_max_types(u32 most) {
    const std::lock_guard lock(mutex_);
    max_types_ = most;
}

Result<CanonicalTypes> canonicalize(const Module& module) {
    return TypeRegistry::instance().add(module);
}
Result<CanonicalTypes> canonicalize(const FuncType& type) {
    return TypeRegistry::instance().add(type);
}
std::optional<CanonicalTypes> retain(u32 id) { return TypeRegistry::instance().retain(id); }
const DefinedType& defined_type(u32 id) { return TypeRegistry::instance().type(id); }
usize live_type_count() { return TypeRegistry::instance().live_count(); }
void set_max_types(u32 most) { TypeRegistry::instance().set_max_types(most); }

bool DefinedType::matches(u32 other) const { return id == other || matches(defined_type(other)); }

std::span<const DefinedType* const> CanonicalTypes::types() const {
    if (!held_) return {};
    return held_->types;
}

FuncType CanonicalTypes::canonical(const FuncType& type) const {
    FuncType result = type;
    for (ValType& param : result.params)
        param = canonical(param);
    for (ValType& each : result.results)
        each = canonical(each);
    return result;
}

namespace {

HeapKind kind_of_concrete(u32 id) {
    const SubType& sub = defined_type(id).sub;
    if (sub.func()) return HeapKind::func;
    return sub.struct_() ? HeapKind::struct_ : HeapKind::array;
}

}  // namespace

HeapKind top_of(HeapType type) {
    switch (type.is_concrete() ? kind_of_concrete(type.index()) : type.kind()) {
    case HeapKind::func:
    case HeapKind::nofunc: return HeapKind::func;
    case HeapKind::extern_:
    case HeapKind::noextern: return HeapKind::extern_;
    case HeapKind::exn:
    case HeapKind::noexn: return HeapKind::exn;
    default: return HeapKind::any;
    }
}

std::optional<HeapKind> find_top(HeapType type) {
    if (!type.is_concrete()) return top_of(type);
    const std::optional<CanonicalTypes> alive = retain(type.index());
    if (!alive) return std::nullopt;
    return top_of(type);
}

bool is_subtype(HeapType sub, HeapType super) {
    if (sub == super || sub.kind() == HeapKind::bottom) return true;
    if (super.is_concrete()) {
        if (sub.is_concrete()) return defined_type(sub.index()).matches(super.index());
        const bool is_func = kind_of_concrete(super.index()) == HeapKind::func;
        return sub.kind() == (is_func ? HeapKind::nofunc : HeapKind::none);
    }
    const HeapKind kind = sub.is_concrete() ? kind_of_concrete(sub.index()) : sub.kind();
    if (kind == super.kind()) return true;
    switch (super.kind()) {
    case HeapKind::any: return kind >= HeapKind::eq && kind <= HeapKind::none;
    case HeapKind::eq: return kind >= HeapKind::i31 && kind <= HeapKind::none;
    case HeapKind::i31:
    case HeapKind::struct_:
    case HeapKind::array: return kind == HeapKind::none;
    case HeapKind::func: return kind == HeapKind::nofunc;
    case HeapKind::extern_: return kind == HeapKind::noextern;
    case HeapKind::exn: return kind == HeapKind::noexn;
    default: return false;
    }
}

bool is_subtype(ValType sub, ValType super) {
    if (sub == super || sub.is_bottom()) return true;
    if (!sub.is_ref() || !super.is_ref()) return false;
    if (sub.is_nullable() && !super.is_nullable()) return false;
    return is_subtype(sub.heap(), super.heap());
}

}  // namespace waxwing::core
