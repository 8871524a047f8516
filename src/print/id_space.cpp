#include "print/id_space.hpp"

#include <deque>
#include <unordered_set>

#include "print/literals.hpp"

namespace waxwing::print {
namespace {

// What to tell from others by a number.
std::string_view stem(std::string_view name) {
    if (name.size() <= IdSpace::longest) return name;
    usize size = 64;
    while ((static_cast<u8>(name[size]) & 0xC0) == 0x80)
        --size;
    return name.substr(0, size);
}

}  // namespace

void IdSpace::set(u32 index, std::string_view name) {
    Output id;
    put_identifier(id, name);
    if (index >= places_.size()) places_.resize(index + usize{1});
    places_[index] = {static_cast<u32>(text_.size()), static_cast<u32>(id.size())};
    text_ += id.view();
}

void IdSpace::assign(const core::Names& names, u32 count) {
    text_.clear();
    places_.clear();
    annotated_.clear();
    used_ = 0;
    std::unordered_set<std::string_view> taken;
    for (const auto& [index, name] : names) {
        if (index >= count) break;
        ++used_;
        if (name.size() <= longest && taken.insert(name).second)
            set(index, name);
        else
            annotated_.emplace(index, name);
    }
    if (annotated_.empty()) return;

    std::deque<std::string> made;
    std::unordered_map<std::string_view, u32> numbers;
    for (const auto& [index, name] : names) {
        if (!annotated_.contains(index)) continue;
        const std::string_view first = stem(name);
        std::string& candidate = made.emplace_back();
        do
            candidate = std::string(first) + '#' + std::to_string(++numbers[first]);
        while (!taken.insert(candidate).second);
        set(index, candidate);
    }
}

void IdSpace::put_definition(Output& out, u32 index, bool annotate) const {
    const std::string_view text = id(index);
    if (text.empty()) return;
    out.put(' ');
    out.put(text);
    const auto name = annotated_.find(index);
    if (!annotate || name == annotated_.end()) return;
    out.put(" (@name ");
    put_name(out, name->second);
    out.put(')');
}

void IdSpace::put_numbered(Output& out, u32 index, bool annotate) const {
    put_definition(out, index, annotate);
    out.put(" (;");
    out.number(u64{index});
    out.put(";)");
}

}  // namespace waxwing::print
