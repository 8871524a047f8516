#include "interp/profile.hpp"

#if defined(WAXWING_PROFILE_DISPATCH)

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_map>
#include <vector>

#include "interp/families.hpp"
#include "interp/fused.hpp"
#include "interp/handlers.hpp"

namespace waxwing::interp {
namespace {

using Names = std::unordered_map<const void*, std::string>;

const char* letter(Src src) { return src == Src::slot ? "s" : src == Src::acc ? "a" : "i"; }
const char* letter(Dst dst) { return dst == Dst::slot ? "s" : "a"; }
const char* letter(SlotKind kind) {
    constexpr const char* names[] = {"word", "f32", "f64", "v128"};
    return names[static_cast<usize>(kind)];
}
constexpr Src all_srcs[] = {Src::slot, Src::acc, Src::imm};
constexpr Dst all_dsts[] = {Dst::slot, Dst::acc};
constexpr SlotKind all_kinds[] = {SlotKind::word, SlotKind::f32, SlotKind::f64, SlotKind::v128};

struct Namer {
    Names names;

    void add(Handler handler, std::string name) {
        if (handler) names.emplace(reinterpret_cast<const void*>(handler), std::move(name));
    }

    void numeric() {
        for (const Src l : all_srcs) {
            for (const Src r : all_srcs) {
                const std::string places = std::string(" ") + letter(l) + letter(r);
                for (const Opcode op : binary_family.ops)
                    for (const Dst d : all_dsts)
                        add(binary_handler(op, l, r, d),
                            std::string(info(op).name) + places + letter(d));
                for (const Opcode op : compare_family.ops) {
                    for (const Dst d : all_dsts)
                        add(compare_handler(op, l, r, d),
                            std::string(info(op).name) + places + letter(d));
                    for (const bool sense : {false, true})
                        add(branch_handler(op, l, r, sense),
                            std::string(sense ? "br_if " : "br_unless ") +
                                std::string(info(op).name) + places);
                }
            }
        }
        for (const Opcode op : unary_family.ops)
            for (const Src s : {Src::slot, Src::acc})
                for (const Dst d : all_dsts)
                    add(unary_handler(op, s, d),
                        std::string(info(op).name) + " " + letter(s) + letter(d));
    }

    void memory() {
        for (const Src a : all_srcs) {
            for (const Opcode op : load_family.ops)
                for (const Dst d : all_dsts)
                    add(load_handler(op, a, d),
                        std::string(info(op).name) + " " + letter(a) + letter(d));
            for (const Opcode op : store_family.ops)
                for (const Src v : all_srcs)
                    add(store_handler(op, a, v),
                        std::string(info(op).name) + " " + letter(a) + letter(v));
        }
    }

    // Only what a program can contain: every handler of a fused family.
    void fused() {
        std::vector<Opcode> binaries(binary_family.ops.begin(), binary_family.ops.end());
        const auto spelled = [](Opcode op) { return std::string(info(op).name); };
        for (const Src a : {Src::slot, Src::acc}) {
            for (const Src b : {Src::slot, Src::imm}) {
                const std::string ab = std::string(" ") + letter(a) + letter(b);
                for (const Dst d : all_dsts) {
                    for (const Opcode op1 : binaries) {
                        for (const Src c : {Src::slot, Src::imm}) {
                            for (const Opcode op2 : binaries)
                                for (const bool reversed : {false, true})
                                    add(binary2_handler(op1, op2, a, b, c, reversed, d),
                                        spelled(op1) + (reversed ? "-r-" : "+") + spelled(op2) +
                                            ab + letter(c) + letter(d));
                            for (const Opcode cmp : compare_family.ops)
                                add(binary_branch_handler(op1, cmp, a, b, c, d),
                                    spelled(op1) + "+br_if " + spelled(cmp) + ab + letter(c) +
                                        letter(d));
                        }
                    }
                    for (const Opcode load : load_family.ops) {
                        add(load_add_handler(load, a, b, d),
                            "add+" + spelled(load) + ab + letter(d));
                        add(load_load_handler(load, a, d),
                            "i32.load+" + spelled(load) + ab + letter(d));
                        for (const Opcode op : binaries)
                            add(load_binary_handler(load, op, a, b, d),
                                spelled(load) + "+" + spelled(op) + ab + letter(d));
                        for (const Opcode cmp : compare_family.ops)
                            add(load_branch_handler(load, cmp, a, b, d),
                                spelled(load) + "+br_if " + spelled(cmp) + ab + letter(d));
                    }
                    for (const Opcode cmp : compare_family.ops)
                        add(compare_select_handler(cmp, a, b, d),
                            spelled(cmp) + "+select" + ab + letter(d));
                }
                for (const Opcode store : store_family.ops) {
                    for (const Opcode op : binaries)
                        add(binary_store_handler(op, store, a, b),
                            spelled(op) + "+" + spelled(store) + ab);
                    for (const Src v : {Src::slot, Src::imm})
                        add(store_add_handler(store, a, b, v),
                            "add+" + spelled(store) + ab + letter(v));
                    for (const Opcode load : load_family.ops)
                        add(load_store_handler(load, store, a),
                            spelled(load) + "+" + spelled(store) + ab);
                }
            }
        }
        add(add_add_handler(), "add; add");
        add(global_sub_tee_handler(), "global.get+sub+tee+global.set");
        add(global_set_add_handler(), "add+global.set");
    }

    void others() {
        for (const SlotKind kind : all_kinds) {
            const std::string suffix = std::string(" ") + letter(kind);
            add(copy_handler(kind), "copy" + suffix);
            for (const Src s : {Src::slot, Src::acc}) {
                for (const Dst d : all_dsts)
                    add(select_handler(kind, s, d),
                        "select" + suffix + " " + letter(s) + letter(d));
                add(global_set_handler(kind, s), "global.set" + suffix + " " + letter(s));
                add(return_handler(kind, s), "return" + suffix + " " + letter(s));
            }
            for (const Dst d : all_dsts)
                add(global_get_handler(kind, d), "global.get" + suffix + " " + letter(d));
        }
        add(return_handler(SlotKind::word, Src::imm), "return i");
        add(copy2_handler(), "copy2");
        add(const32_handler(), "const32");
        add(const64, "const64");
        add(br_handler(), "br");
        add(ret_handler(), "ret");
        add(br_table_handler(Src::slot), "br_table s");
        add(br_table_handler(Src::acc), "br_table a");
        add(call_handler(), "call");
        for (const Mode mode : {Mode::plain, Mode::metered}) {
            add(call_import_handler(mode), "call import");
            for (const AddressType address : {AddressType::i32, AddressType::i64}) {
                add(call_indirect_handler(mode, Src::slot, address), "call_indirect s");
                add(call_indirect_handler(mode, Src::acc, address), "call_indirect a");
            }
            add(call_ref_handler(mode), "call_ref");
        }
        for (usize i = 0; i < opcode_count; ++i) {
            const auto op = static_cast<Opcode>(i);
            add(stack_handler(op), std::string(info(op).name));
        }
    }
};

struct Counts {
    std::unordered_map<u64, u64> pairs;  // numbers of two handlers
    std::unordered_map<const void*, u32> numbers;
    std::vector<const void*> handlers;
    u32 last = 0;

    u32 number(const void* handler) {
        const auto [at, fresh] = numbers.emplace(handler, static_cast<u32>(handlers.size()));
        if (fresh) handlers.push_back(handler);
        return at->second;
    }

    ~Counts() {
        Namer namer;
        namer.numeric();
        namer.memory();
        namer.fused();
        namer.others();
        const auto name = [&](u32 n) {
            const auto at = namer.names.find(handlers[n]);
            return at == namer.names.end() ? std::string("other") : at->second;
        };
        std::unordered_map<u32, u64> singles;
        u64 total = 0;
        for (const auto& [pair, count] : pairs) {
            singles[static_cast<u32>(pair)] += count;
            total += count;
        }
        std::fprintf(stderr, "%llu dispatches\n", static_cast<unsigned long long>(total));
        print(singles, total, name);
        print(pairs, total, [&](u64 pair) {
            return name(static_cast<u32>(pair >> 32)) + " ; " + name(static_cast<u32>(pair));
        });
    }

    static void print(const auto& counts, u64 total, auto name) {
        using Row = std::pair<u64, u64>;
        std::vector<Row> rows;
        for (const auto& [what, count] : counts)
            rows.emplace_back(count, what);
        std::sort(rows.begin(), rows.end(), std::greater<>());
        if (rows.size() > 60) rows.resize(60);
        std::fprintf(stderr, "\n");
        for (const auto& [count, what] : rows) {
            using What = std::decay_t<decltype(counts.begin()->first)>;
            std::fprintf(stderr, "%6.2f%%  %s\n",
                         100.0 * static_cast<double>(count) / static_cast<double>(total),
                         name(static_cast<What>(what)).c_str());
        }
    }
};

}  // namespace

void count_dispatch(const Cell* pc) {
    static Counts counts;
    const u32 next = counts.number(reinterpret_cast<const void*>(pc->handler));
    ++counts.pairs[u64{counts.last} << 32 | next];
    counts.last = next;
}

}  // namespace waxwing::interp

#endif
