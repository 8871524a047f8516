// The identifiers of one index space, made from the names in a name section.
//
// An identifier is the name itself. Where that cannot be, because an earlier
// thing has it or because it is very long, the identifier ends in a number, and
// the annotation (@name "...") says the name.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/module_names.hpp"
#include "print/output.hpp"

namespace waxwing::print {

class IdSpace {
public:
    // In bytes. Longer names would be repeated at each use.
    static constexpr usize longest = 1024;

    // `names` are sorted by index, of things below `count`; the others are ignored.
    void assign(const core::Names& names, u32 count);

    // With its dollar; empty if there is none.
    std::string_view id(u32 index) const {
        if (index >= places_.size()) return {};
        const Place place = places_[index];
        return std::string_view(text_).substr(place.begin, place.size);
    }
    // Identifier or number.
    void put(Output& out, u32 index) const {
        if (const std::string_view text = id(index); !text.empty())
            out.put(text);
        else
            out.number(u64{index});
    }
    // Where it is defined: " $f", and the annotation if it needs one.
    void put_definition(Output& out, u32 index, bool annotate) const;
    // The same with its number: " $f (;5;)".
    void put_numbered(Output& out, u32 index, bool annotate) const;
    // How many names were made use of.
    usize used() const { return used_; }

private:
    struct Place {
        u32 begin = 0;
        u32 size = 0;
    };
    void set(u32 index, std::string_view name);

    std::string text_;
    std::vector<Place> places_;
    std::unordered_map<u32, std::string_view> annotated_;
    usize used_ = 0;
};

}  // namespace waxwing::print
