#include "decoder/names.hpp"

#include <algorithm>
#include <utility>

#include "decoder/reader.hpp"
#include "decoder/utf8.hpp"

namespace waxwing {
namespace {

constexpr u8 id_module = 0;
constexpr u8 id_funcs = 1;
constexpr u8 id_locals = 2;

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
void parse_locals(LenientReader& in, NameSection& names) {
    const u32 count = in.number();
    for (u32 i = 0; i < count && !in.at_end(); ++i) {
        const u32 func = in.number();
        parse_name_map(in, [&](u32 local, std::string_view name) {
            names.locals.push_back({func, local, name});
        });
    }
}

// Sorts by `key` and keeps the first in the bytes of several with the same key.
template <class T, class Key>
void sort_unique(std::vector<T>& list, Key key) {
    const auto key_and_place = [key](const T& item) {
        return std::pair(key(item), item.name.data());
    };
    if (!std::ranges::is_sorted(list, {}, key_and_place))
        std::ranges::sort(list, {}, key_and_place);
    const auto same = std::ranges::unique(list, {}, key);
    list.erase(same.begin(), same.end());
}

constexpr auto func_key = [](const NameSection::Func& f) { return f.func; };
constexpr auto local_key = [](const NameSection::Local& l) { return std::pair(l.func, l.local); };

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
        if (id == id_module) name = contents.name();
    });
    return name;
}

NameSection parse_names(const core::Module& module) {
    NameSection names;
    for_each_subsection(module, [&](u8 id, LenientReader contents) {
        if (id == id_module) names.module = contents.name();
        if (id == id_funcs) {
            parse_name_map(contents, [&](u32 func, std::string_view name) {
                names.funcs.push_back({func, name});
            });
        }
        if (id == id_locals) parse_locals(contents, names);
    });
    sort_unique(names.funcs, func_key);
    sort_unique(names.locals, local_key);
    return names;
}

std::string_view NameSection::func(u32 index) const { return find(funcs, func_key, index); }

std::string_view NameSection::local(u32 func, u32 index) const {
    return find(locals, local_key, std::pair(func, index));
}

}  // namespace waxwing
