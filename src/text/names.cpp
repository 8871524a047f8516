#include "text/names.hpp"

#include "text/lexer.hpp"
#include "text/strings.hpp"

namespace waxwing::text {
namespace {

bool is_called(std::string_view source, u32 offset, std::string_view name) {
    const bool plain = source[offset] == '$' && source[offset + 1] != '"';
    if (plain && source.compare(offset + 1, name.size(), name) != 0) return false;
    std::string storage;
    return name_at(source, offset, storage) == name;
}

}  // namespace

std::string_view name_of(std::string_view token, std::string& storage) {
    if (token.front() == '$') token.remove_prefix(1);
    if (token.front() != '"') return token;
    if (!has_escapes(token)) return token.substr(1, token.size() - 2);
    storage = unescape(token);
    return storage;
}

std::string_view name_at(std::string_view source, u32 offset, std::string& storage) {
    std::string_view token = source.substr(offset);
    const bool quoted = token[0] == '"' || token[1] == '"';
    token = token.substr(0, quoted ? quoted_size(token) : identifier_size(token));
    return name_of(token, storage);
}

struct NameTable::View {
    const NameTable& table;
    std::string_view source;

    u64 hash(u32 entry) const {
        std::string storage;
        const Entry& e = table.entries_[entry];
        return table.by_name_.hash(name_at(source, e.offset, storage), e.scope);
    }
    bool same(u32 a, u32 b) const {
        std::string storage;
        return table.entries_[a].scope == table.entries_[b].scope &&
               is_called(source, table.entries_[a].offset,
                         name_at(source, table.entries_[b].offset, storage));
    }
    // Names out of annotations are not for finding.
    bool is_indexed(u32 entry) const { return source[table.entries_[entry].offset] == '$'; }
};

bool NameTable::add(std::string_view source, u32 offset, u32 index, u32 scope) {
    std::string storage;
    if (find(source, name_at(source, offset, storage), scope) != HashIndex::none) return false;
    const u32 entry = static_cast<u32>(entries_.size());
    entries_.push_back({scope, index, offset});
    by_name_.put(entry, View{*this, source});
    return true;
}

u32 NameTable::find(std::string_view source, std::string_view name, u32 scope) const {
    const u32 entry = by_name_.find(by_name_.hash(name, scope), [&](u32 other) {
        return entries_[other].scope == scope && is_called(source, entries_[other].offset, name);
    });
    return entry == HashIndex::none ? entry : entries_[entry].index;
}

void NameTable::rename(u32 offset, u32 index, u32 scope) {
    entries_.push_back({scope, index, offset});
}

void NameTable::clear() {
    entries_.clear();
    by_name_.clear();
}

usize NameTable::write(std::string_view source, usize first, Section& out) const {
    // Of two entries for one index the second is the name.
    const auto is_replaced = [&](usize at) {
        return at + 1 < entries_.size() && entries_[at + 1].index == entries_[at].index &&
               entries_[at + 1].scope == entries_[at].scope;
    };
    usize end = first;
    u32 count = 0;
    for (; end < entries_.size() && entries_[end].scope == entries_[first].scope; ++end)
        count += !is_replaced(end);
    out.entries.u32_leb(count);
    std::string storage;
    for (usize at = first; at < end; ++at) {
        if (is_replaced(at)) continue;
        out.entries.u32_leb(entries_[at].index);
        out.entries.name(name_at(source, entries_[at].offset, storage));
        out.settle();
    }
    return end;
}

struct LabelStack::View {
    const LabelStack& stack;
    std::string_view source;

    u64 hash(u32 label) const {
        std::string storage;
        return stack.by_name_.hash(name_at(source, stack.labels_[label].offset, storage));
    }
    bool same(u32 a, u32 b) const {
        std::string storage;
        return is_called(source, stack.labels_[a].offset,
                         name_at(source, stack.labels_[b].offset, storage));
    }
    bool is_indexed(u32) const { return true; }
};

void LabelStack::push(std::string_view source, u32 offset, u32 depth) {
    std::string storage;
    const std::string_view name = name_at(source, offset, storage);
    const u32 shadowed = by_name_.find(by_name_.hash(name), [&](u32 other) {
        return is_called(source, labels_[other].offset, name);
    });
    const u32 label = static_cast<u32>(labels_.size());
    labels_.push_back({offset, depth, shadowed});
    by_name_.put(label, View{*this, source});
}

void LabelStack::pop(std::string_view source) {
    const u32 label = static_cast<u32>(labels_.size() - 1);
    by_name_.undo(label, labels_.back().shadowed, View{*this, source});
    labels_.pop_back();
}

u32 LabelStack::find(std::string_view source, std::string_view name) const {
    const u32 label = by_name_.find(by_name_.hash(name), [&](u32 other) {
        return is_called(source, labels_[other].offset, name);
    });
    return label == HashIndex::none ? label : labels_[label].depth;
}

void LabelStack::clear() {
    labels_.clear();
    by_name_.clear();
}

}  // namespace waxwing::text
