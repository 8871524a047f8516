// What the identifiers of a module stand for. A name is not copied: it is the place
// in the text where it was given.
#pragma once

#include <string>
#include <string_view>

#include "text/blocks.hpp"
#include "text/hash_index.hpp"
#include "text/section.hpp"

namespace waxwing::text {

// An identifier (from its '$' on) or a string literal without its marks, unescaped
// into `storage` if it has to be.
std::string_view name_of(std::string_view token, std::string& storage);
// The same of the token that stands at `offset`.
std::string_view name_at(std::string_view source, u32 offset, std::string& storage);

// An entry of a name map: what `index` is called.
struct NamedIndex {
    u32 index = 0;
    u32 offset = 0;  // of its name
};

// The names of one index space: functions, locals of a function, ... With scopes, of
// several: the fields of all structs, each in the scope of its type.
class NameTable {
public:
    // False if the scope has the name already.
    bool add(std::string_view source, u32 offset, u32 index, u32 scope = 0);
    // What add() was given with this name, or HashIndex::none.
    u32 find(std::string_view source, std::string_view name, u32 scope = 0) const;
    // `index`, the last one given a name or the next one, is called otherwise in the
    // name section.
    void rename(u32 offset, u32 index, u32 scope = 0);

    bool empty() const { return entries_.empty(); }
    void clear();

    // vec(idx name), as name sections have it, of the entries from `first` on that are
    // in the scope of that one. Returns the first entry behind them.
    usize write(std::string_view source, usize first, Section& out) const;
    usize size() const { return entries_.size(); }
    u32 scope(usize entry) const { return entries_[entry].scope; }

private:
    struct Entry {
        u32 scope;
        u32 index;
        u32 offset;
    };
    struct View;
    Blocks<Entry> entries_;  // in the order of scopes, then indices
    HashIndex by_name_;
};

// The labels of open blocks, the innermost last.
class LabelStack {
public:
    void push(std::string_view source, u32 offset, u32 depth);
    void pop(std::string_view source);
    // The depth that push() was given with this name, or HashIndex::none.
    u32 find(std::string_view source, std::string_view name) const;
    // Where the name of the innermost one stands. Requires: there is one.
    u32 innermost() const { return labels_.back().offset; }
    void clear();

private:
    struct Label {
        u32 offset;
        u32 depth;
        u32 shadowed;  // the outer one of that name, or HashIndex::none
    };
    struct View;
    Blocks<Label> labels_;
    HashIndex by_name_;
};

// One index space of a module.
struct IndexSpace {
    const char* unknown = "";    // "function": as in "unknown function $f"
    const char* duplicate = "";  // "func": as in "duplicate func $f"
    u32 count = 0;
    NameTable names;

    void clear() {
        count = 0;
        names.clear();
    }
};

}  // namespace waxwing::text
