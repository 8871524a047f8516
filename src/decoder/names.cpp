#include "decoder/names.hpp"

#include <algorithm>
#include <utility>

#include "decoder/reader.hpp"
#include "decoder/utf8.hpp"

namespace waxwing {
namespace {

using core::NameKind;

// A Reader that shrugs: after an error it is at its end and yields nothing.
class LenientReader {
public:
    LenientReader(std::span<const u8> module, core::Range window)
        : module_(module), in_(module, window) {}

    bool at_end() const { return in_.at_end(); }
    u8 byte() { return take(in_.byte()); }
    u32 number() { return take(in_.u32_leb()); }
    core::Range range() {
        const u32 size = number();
        return take(in_.take(size));
    }
    LenientReader sub() { return {module_, range()}; }
    // Empty if it is not UTF-8, which ends nothing.
    std::string_view name() {
        const core::Range place = range();
        const auto text = module_.subspan(place.offset, place.size);
        if (!is_utf8(text)) return {};
        return {reinterpret_cast<const char*>(text.data()), text.size()};
    }

private:
    template <class T>
    T take(Result<T> result) {
        if (result) return *result;
        in_ = Reader(module_, {in_.end_offset(), 0});
        return T();
    }

    std::span<const u8> module_;
    Reader in_;
};

// namemap ::= vec(index:u32 name)
template <class Add>
void parse_name_map(LenientReader& in, Add add) {
    const u32 count = in.number();
    for (u32 i = 0; i < count && !in.at_end(); ++i) {
        const u32 index = in.number();
        if (const std::string_view name = in.name(); !name.empty()) add(index, name);
    }
}

// indirectnamemap ::= vec(index:u32 namemap)
template <class Add>
void parse_nested_names(LenientReader& in, Add add) {
    const u32 count = in.number();
    for (u32 i = 0; i < count && !in.at_end(); ++i) {
        const u32 outer = in.number();
        parse_name_map(in, [&](u32 index, std::string_view name) { add(outer, index, name); });
    }
}

core::Names* list_of(core::ModuleNames& names, NameKind kind) {
    switch (kind) {
    case NameKind::func: return &names.funcs;
    case NameKind::type: return &names.types;
    case NameKind::table: return &names.tables;
    case NameKind::memory: return &names.memories;
    case NameKind::global: return &names.globals;
    case NameKind::elem: return &names.elems;
    case NameKind::data: return &names.datas;
    case NameKind::tag: return &names.tags;
    default: return nullptr;
    }
}

core::NestedNames* nested_list_of(core::ModuleNames& names, NameKind kind) {
    switch (kind) {
    case NameKind::local: return &names.locals;
    case NameKind::label: return &names.labels;
    case NameKind::field: return &names.fields;
    default: return nullptr;
    }
}

template <class T>
std::string_view name_of(const T& item) {
    return item.name;
}
std::string_view name_of(const core::Names::value_type& item) { return item.second; }

// Sorts by `key` and keeps the first in the bytes of several with the same key.
template <class T, class Key>
void sort_unique(std::vector<T>& list, Key key) {
    const auto key_and_place = [key](const T& item) {
        return std::pair(key(item), name_of(item).data());
    };
    if (!std::ranges::is_sorted(list, {}, key_and_place))
        std::ranges::sort(list, {}, key_and_place);
    const auto same = std::ranges::unique(list, {}, key);
    list.erase(same.begin(), same.end());
}

constexpr auto func_key = [](const NameSection::Func& f) { return f.func; };
constexpr auto local_key = [](const NameSection::Local& l) { return std::pair(l.func, l.local); };

void parse_list(LenientReader& in, core::Names& list) {
    parse_name_map(in, [&](u32 index, std::string_view name) { list.emplace_back(index, name); });
    sort_unique(list, [](const auto& item) { return item.first; });
}

void parse_nested_list(LenientReader& in, core::NestedNames& list) {
    using Inner = NameSection::Local;
    std::vector<Inner> all;
    parse_nested_names(in, [&](u32 outer, u32 index, std::string_view name) {
        all.push_back({outer, index, name});
    });
    sort_unique(all, local_key);
    for (const Inner& item : all) {
        if (list.empty() || list.back().first != item.func)
            list.emplace_back(item.func, core::Names());
        list.back().second.emplace_back(item.local, item.name);
    }
}

template <class T, class Key, class Value>
std::string_view find(const std::vector<T>& list, Key key, const Value& value) {
    const auto place = std::ranges::lower_bound(list, value, {}, key);
    return place != list.end() && key(*place) == value ? place->name : std::string_view();
}

}  // namespace

// namesec ::= (id:byte size:u32 contents)*
static void for_each_subsection(const core::Module& module, auto&& use) {
    const auto section = std::ranges::find(module.customs, "name", &core::CustomSection::name);
    if (section == module.customs.end()) return;

    LenientReader in(module.bytes, section->payload);
    while (!in.at_end()) {
        const u8 id = in.byte();
        use(id, in.sub());
    }
}

std::string_view parse_module_name(const core::Module& module) {
    std::string_view name;
    for_each_subsection(module, [&](u8 id, LenientReader contents) {
        if (id == static_cast<u8>(NameKind::module_)) name = contents.name();
    });
    return name;
}

NameSection parse_names(const core::Module& module) {
    NameSection names;
    for_each_subsection(module, [&](u8 id, LenientReader contents) {
        if (id == static_cast<u8>(NameKind::module_)) names.module = contents.name();
        if (id == static_cast<u8>(NameKind::func)) {
            parse_name_map(contents, [&](u32 func, std::string_view name) {
                names.funcs.push_back({func, name});
            });
        }
        if (id == static_cast<u8>(NameKind::local)) {
            parse_nested_names(contents, [&](u32 func, u32 local, std::string_view name) {
                names.locals.push_back({func, local, name});
            });
        }
    });
    sort_unique(names.funcs, func_key);
    sort_unique(names.locals, local_key);
    return names;
}

core::ModuleNames parse_all_names(const core::Module& module) {
    core::ModuleNames names;
    for_each_subsection(module, [&](u8 id, LenientReader contents) {
        const auto kind = static_cast<NameKind>(id);
        if (kind == NameKind::module_) names.module = contents.name();
        // A second subsection of a kind adds nothing.
        if (core::Names* list = list_of(names, kind); list && list->empty())
            parse_list(contents, *list);
        if (core::NestedNames* list = nested_list_of(names, kind); list && list->empty())
            parse_nested_list(contents, *list);
    });
    return names;
}

std::string_view NameSection::func(u32 index) const { return find(funcs, func_key, index); }

std::string_view NameSection::local(u32 func, u32 index) const {
    return find(locals, local_key, std::pair(func, index));
}

}  // namespace waxwing
