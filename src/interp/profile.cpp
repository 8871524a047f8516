#include "interp/profile.hpp"

#if defined(WAXWING_PROFILE_DISPATCH)

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/opcode.hpp"
#include "interp/handlers.hpp"

namespace waxwing::interp {
namespace {

constexpr usize shown_rows = 60;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (usize at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
        text.replace(at, from.size(), to);
}

// "... [S = waxwing::interp::Load<waxwing::Opcode::i32_load, ...>]" becomes the way
// in which pairs.def spells a step.
std::string short_name(std::string_view signature) {
    const usize from = signature.find("S = ") + 4;
    std::string name(signature.substr(from, signature.rfind(']') - from));
    replace_all(name, "waxwing::", "");
    replace_all(name, "interp::", "");
    replace_all(name, "Opcode::", "");
    replace_all(name, "Sequence<", "Seq<");
    replace_all(name, "SlotKind::word", "word");
    replace_all(name, "SlotKind::f32", "f32_");
    replace_all(name, "SlotKind::f64", "f64_");
    constexpr std::pair<std::string_view, std::string_view> places[] = {{"Src::slot", "S"},
                                                                        {"Src::acc", "A"},
                                                                        {"Src::imm", "I"},
                                                                        {"Dst::slot", "s"},
                                                                        {"Dst::acc", "a"}};
    for (const auto& [from_text, to_text] : places)
        replace_all(name, from_text, to_text);
    return name;
}

struct Counts {
    std::unordered_map<u64, u64> pairs;  // numbers of two handlers
    std::unordered_map<const void*, u32> numbers;
    std::unordered_map<const void*, std::string> names;
    std::vector<const void*> handlers;
    u32 last = 0;
    u64 charged = 0;

    u32 number(const void* handler) {
        const auto [at, fresh] = numbers.emplace(handler, static_cast<u32>(handlers.size()));
        if (fresh) handlers.push_back(handler);
        return at->second;
    }

    std::string name(u32 n) const {
        const auto at = names.find(handlers[n]);
        return at == names.end() ? std::string("other") : at->second;
    }

    ~Counts() {
        std::unordered_map<u32, u64> singles;
        u64 total = 0;
        for (const auto& [pair, count] : pairs) {
            singles[static_cast<u32>(pair)] += count;
            total += count;
        }
        std::fprintf(stderr, "%llu dispatches\n", static_cast<unsigned long long>(total));
        if (charged)
            std::fprintf(stderr, "%llu instructions\n", static_cast<unsigned long long>(charged));
        print(singles, total, [&](u32 n) { return name(n); });
        print(pairs, total, [&](u64 pair) { return pair_name(pair, " ; "); });
        if (const char* path = std::getenv("WAXWING_PROFILE")) write(path);
    }

    std::string pair_name(u64 pair, const char* between) const {
        return name(static_cast<u32>(pair >> 32)) + between + name(static_cast<u32>(pair));
    }

    // All pairs: count, first, second, separated by tabs.
    void write(const char* path) const {
        std::FILE* file = std::fopen(path, "w");
        if (!file) return;
        for (const auto& [pair, count] : pairs)
            std::fprintf(file, "%llu\t%s\n", static_cast<unsigned long long>(count),
                         pair_name(pair, "\t").c_str());
        std::fclose(file);
    }

    static void print(const auto& counts, u64 total, auto name) {
        using Row = std::pair<u64, u64>;
        std::vector<Row> rows;
        for (const auto& [what, count] : counts)
            rows.emplace_back(count, what);
        std::sort(rows.begin(), rows.end(), std::greater<>());
        if (rows.size() > shown_rows) rows.resize(shown_rows);
        std::fprintf(stderr, "\n");
        for (const auto& [count, what] : rows) {
            using What = std::decay_t<decltype(counts.begin()->first)>;
            std::fprintf(stderr, "%6.2f%%  %s\n",
                         100.0 * static_cast<double>(count) / static_cast<double>(total),
                         name(static_cast<What>(what)).c_str());
        }
    }
};

Counts& counts() {
    static Counts all;
    return all;
}

}  // namespace

bool name_handler(Handler handler, std::string_view signature) {
    return counts()
        .names.emplace(reinterpret_cast<const void*>(handler), short_name(signature))
        .second;
}

void count_charge(u64 instructions) { counts().charged += instructions; }

void count_dispatch(const Cell* pc) {
    Counts& all = counts();
    const u32 next = all.number(reinterpret_cast<const void*>(pc->handler));
    ++all.pairs[u64{all.last} << 32 | next];
    all.last = next;
}

}  // namespace waxwing::interp

#endif
