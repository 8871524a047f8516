#include "producers.hpp"

#include <algorithm>
#include <string>

namespace waxwing::test {
namespace {

constexpr int i32_code = 0x7F, i64_code = 0x7E, v128_code = 0x7B;
const Bytes end{0x0B};
const Bytes no_types{1, 0x60, 0, 0};  // a type section: [] -> []

Bytes name_of(unsigned number) {
    const std::string text = std::to_string(number);
    return Bytes{}.leb(text.size()).text(text);
}

// functype: `params` and `results` values of type i32.
Bytes func_type(unsigned params, unsigned results, int type = i32_code) {
    return Bytes{0x60}.leb(params).repeat(params, {type}).leb(results).repeat(results, {type});
}

Bytes vec(std::initializer_list<Bytes> items) {
    Bytes all;
    all.leb(items.size());
    for (const Bytes& item : items)
        all.add(item);
    return all;
}

// `count` items made by `item(i)`.
template <class Item>
Bytes vec(unsigned count, Item item) {
    Bytes all;
    all.leb(count);
    for (unsigned i = 0; i < count; ++i)
        all.add(item(i));
    return all;
}

// One function of type 0 with this body, its locals included.
Bytes with_body(const Bytes& types, const Bytes& body) {
    return header().section(1, types).section(3, {1, 0}).section(10, Bytes{1}.sized(body));
}

Bytes empty_functions(unsigned count) { return Bytes{}.leb(count).repeat(count, {2, 0, 0x0B}); }

// A function whose stack holds, in front of `rest`, one value and then a thousand:
// what carries them to the label of a block around it has to move them.
Bytes with_thousand_values(const Bytes& rest) {
    const Bytes types = vec({func_type(0, 0), func_type(0, 1000), func_type(0, 0)});
    const Bytes values = Bytes{0x41, 0}.repeat(1000, {0x41, 0});
    const Bytes body =
        Bytes{0, 0x02, 1}.add(values).add(rest).add({0x0C, 0, 0x0B}).repeat(1000, {0x1A}).add(end);
    return with_body(types, body);
}

Bytes branches(unsigned n) { return with_thousand_values(Bytes{}.repeat(n, {0x41, 0, 0x0D, 0})); }

// br_on_null leaves the reference behind.
Bytes null_branches(unsigned n) {
    return with_thousand_values(Bytes{0xD0, 0x6E}.repeat(n, {0xD5, 0}).add({0x1A}));
}

// Each target of each table wants the value in another place. A table is in a condition
// of its own, since nothing after it is reached.
Bytes branch_tables(unsigned n) {
    constexpr unsigned depth = 100;
    Bytes body{0};
    for (unsigned i = 0; i < depth; ++i)
        body.add({0x41, 0, 0x02, 1});
    for (unsigned i = 0; i < n; ++i) {
        body.add({0x41, 0, 0x41, 0, 0x04, 0x40, 0x41, 0, 0x41, 0, 0x0E}).leb(depth - 1);
        for (unsigned label = 1; label < depth; ++label)
            body.leb(label);
        body.leb(depth).add({0x0B, 0x1A});
    }
    body.add({0x41, 0});
    for (unsigned i = 0; i < depth; ++i)
        body.add({0x0B, 0x1A});
    return with_body(vec({func_type(0, 0), func_type(0, 1)}), body.add({0x00, 0x0B}));
}

Bytes one_branch_table(unsigned n) {
    const Bytes body = Bytes{0, 0x41, 0, 0x0E}.leb(n).repeat(n, {0}).add({0, 0x0B});
    return with_body(no_types, body);
}

Bytes operations(unsigned n) {
    return with_body(no_types, Bytes{0, 0x41, 0}.repeat(n, {0x67}).add({0x1A, 0x0B}));
}

Bytes wide_operations(unsigned n) {
    return with_body(no_types, Bytes{0, 0x42, 0}.repeat(n, {0x50, 0xAD}).add({0x1A, 0x0B}));
}

Bytes vector_constants(unsigned n) {
    return with_body(no_types,
                     Bytes{0}.repeat(n, Bytes{0xFD, 12}.repeat(16, {7}).add({0x1A})).add(end));
}

Bytes memory_sizes(unsigned n) {
    return header()
        .section(1, no_types)
        .section(3, {1, 0})
        .section(5, {1, 0, 0})
        .section(10, Bytes{1}.sized(Bytes{0}.repeat(n, {0x3F, 0, 0x1A}).add(end)));
}

Bytes bulk_instructions(unsigned n) {
    const Bytes fill{0x41, 0, 0x41, 0, 0x41, 0, 0xFC, 11, 0};
    return header()
        .section(1, no_types)
        .section(3, {1, 0})
        .section(5, {1, 0, 0})
        .section(10, Bytes{1}.sized(Bytes{0}.repeat(n, fill).add(end)));
}

Bytes calls(unsigned n) { return with_body(no_types, Bytes{0}.repeat(n, {0x10, 0}).add(end)); }

// Each call leaves a thousand results; the block around them forgets them.
Bytes calls_with_results(unsigned n) {
    const Bytes types = vec({func_type(0, 1000), func_type(0, 0)});
    return with_body(types,
                     Bytes{0}.repeat(n, {0x02, 0x40, 0x10, 0, 0x0C, 0, 0x0B}).add({0x00, 0x0B}));
}

Bytes calls_with_arguments(unsigned n) {
    const Bytes types = vec({func_type(1000, 1000)});
    Bytes body{0};
    for (unsigned i = 0; i < 1000; ++i)
        body.add({0x20}).leb(i);
    return with_body(types, body.repeat(n, {0x10, 0}).add(end));
}

Bytes conditions(unsigned n) {
    Bytes body{0};
    for (unsigned done = 0; done < n; done += 1000)
        body.add({0x10, 1}).repeat(1000, {0x04, 0x40, 0x05, 0x0B});
    return header()
        .section(1, vec({func_type(0, 0), func_type(0, 1000)}))
        .section(3, {2, 0, 1})
        .section(10, Bytes{2}.sized(body.add(end)).sized({0, 0x00, 0x0B}));
}

Bytes conditions_with_parameters(unsigned n) {
    const Bytes types = vec({func_type(1000, 1000)});
    Bytes body{0};
    for (unsigned i = 0; i < 1000; ++i)
        body.add({0x20}).leb(i);
    return with_body(types, body.repeat(n, {0x41, 0, 0x04, 0, 0x05, 0x0B}).add(end));
}

Bytes nested(unsigned n, const Bytes& start) {
    return with_body(no_types, Bytes{0}.repeat(n, start).repeat(n, end).add(end));
}
Bytes nested_blocks(unsigned n) { return nested(n, {0x02, 0x40}); }
Bytes nested_loops(unsigned n) { return nested(n, {0x03, 0x40}); }
Bytes nested_conditions(unsigned n) { return nested(n, {0x41, 0, 0x04, 0x40}); }
Bytes nested_try_tables(unsigned n) { return nested(n, {0x1F, 0x40, 0}); }

Bytes blocks_with_values(unsigned n) {
    const Bytes types = vec({func_type(1000, 1000)});
    Bytes body{0};
    for (unsigned i = 0; i < 1000; ++i)
        body.add({0x20}).leb(i);
    return with_body(types, body.repeat(n, {0x02, 0, 0x0B}).add(end));
}

Bytes catch_clauses(unsigned n) {
    const Bytes body = Bytes{0, 0x1F, 0x40}.leb(n).repeat(n, {2, 0}).add({0x0B, 0x0B});
    return with_body(no_types, body);
}

Bytes operands(unsigned n) {
    return with_body(
        no_types,
        Bytes{0}.repeat(n, Bytes{}.repeat(30'000, {0x41, 0}).repeat(30'000, {0x1A})).add(end));
}

// Many entries of the symbolic stack that are locals, settled from far away.
Bytes settled_locals(unsigned n) {
    Bytes body{1};
    constexpr unsigned locals = 15'000;
    body.leb(locals).add({i32_code});
    for (unsigned round = 0; round < n; ++round) {
        for (unsigned i = 0; i < locals; ++i)
            body.add({0x20}).leb(i);
        body.repeat(30'000, {0x41, 0});
        for (unsigned i = 0; i < locals; ++i)
            body.add({0x41, 0, 0x21}).leb(i);
        body.repeat(45'000, {0x1A});
    }
    return with_body(no_types, body.add(end));
}

Bytes functions(unsigned n) {
    return header()
        .section(1, no_types)
        .section(3, Bytes{}.leb(n).repeat(n, {0}))
        .section(10, empty_functions(n));
}

Bytes functions_with_locals(unsigned n) {
    const Bytes body = Bytes{1}.leb(50'000).add({i64_code, 0x0B});
    Bytes code;
    code.leb(n);
    for (unsigned i = 0; i < n; ++i)
        code.sized(body);
    return header()
        .section(1, no_types)
        .section(3, Bytes{}.leb(n).repeat(n, {0}))
        .section(10, code);
}

Bytes empty_local_groups(unsigned n) {
    return with_body(no_types, Bytes{}.leb(n).repeat(n, {0, i32_code}).add(end));
}

Bytes local_groups(unsigned n) {
    Bytes code;
    const Bytes body =
        Bytes{}.leb(20'000).repeat(20'000, {1, i32_code}).add({0x20, 0x7F, 0x1A, 0x0B});
    code.leb(n);
    for (unsigned i = 0; i < n; ++i)
        code.sized(body);
    return header()
        .section(1, no_types)
        .section(3, Bytes{}.leb(n).repeat(n, {0}))
        .section(10, code);
}

Bytes referenced_functions(unsigned n) {
    return header()
        .section(1, no_types)
        .section(3, Bytes{}.leb(n).repeat(n, {0}))
        .section(9, Bytes{1, 1, 0}.add(vec(n, [](unsigned i) { return Bytes{}.leb(i); })))
        .section(10, empty_functions(n));
}

Bytes exports(unsigned n, const Bytes& types) {
    return header()
        .section(1, types)
        .section(3, {1, 0})
        .section(7, vec(n, [](unsigned i) { return name_of(i).add({0, 0}); }))
        .section(10, Bytes{1}.sized({0, 0x00, 0x0B}));
}
Bytes exports(unsigned n) { return exports(n, no_types); }
Bytes exports_of_large_type(unsigned n) { return exports(n, vec({func_type(1000, 1000)})); }

Bytes imports(unsigned n) {
    return header().section(1, no_types).section(2, Bytes{}.leb(n).repeat(n, {0, 0, 0, 0}));
}
Bytes tags(unsigned n) {
    return header()
        .section(1, vec({func_type(1000, 0, v128_code)}))
        .section(13, Bytes{}.leb(n).repeat(n, {0, 0}));
}

Bytes globals(unsigned n) {
    return header().section(6, Bytes{}.leb(n).repeat(n, {i32_code, 0, 0x41, 0, 0x0B}));
}

Bytes long_initializer(unsigned n) {
    const Bytes value = Bytes{}.repeat(n + 1, {0x41, 0}).repeat(n, {0x6A}).add(end);
    return header().section(6, Bytes{1, i32_code, 0}.add(value));
}

Bytes segments_of_functions(unsigned n) {
    return header().section(9, Bytes{}.leb(n).repeat(n, {1, 0, 0}));
}

Bytes declared_segments(unsigned n) {
    return header().section(9, Bytes{}.leb(n).repeat(n, {3, 0, 0}));
}

Bytes segment_of_functions(unsigned n) {
    return header()
        .section(1, no_types)
        .section(3, {1, 0})
        .section(9, Bytes{1, 1, 0}.leb(n).repeat(n, {0}))
        .section(10, empty_functions(1));
}

Bytes segment_of_expressions(unsigned n) {
    return header().section(9, Bytes{1, 5, 0x70}.leb(n).repeat(n, {0xD0, 0x70, 0x0B}));
}

Bytes passive_data(unsigned n) { return header().section(11, Bytes{}.leb(n).repeat(n, {1, 0})); }

Bytes active_data(unsigned n) {
    return header()
        .section(5, {1, 0, 0})
        .section(11, Bytes{}.leb(n).repeat(n, {0, 0x41, 0, 0x0B, 0}));
}

Bytes custom_sections(unsigned n) { return header().repeat(n, {0, 1, 0}); }

Bytes names(unsigned n) {
    Bytes map;
    map.leb(n);
    for (unsigned i = 0; i < n; ++i)
        map.leb(i).add({1, 'f'});
    const Bytes contents = Bytes{4}.text("name").add({1}).sized(map);
    return functions(1).section(0, contents);
}

Bytes nested_names(unsigned n) {
    Bytes map;
    map.leb(n);
    for (unsigned i = 0; i < n; ++i)
        map.leb(i).add({1, 0, 1, 'l'});
    const Bytes contents = Bytes{4}.text("name").add({2}).sized(map);
    return functions(1).section(0, contents);
}

Bytes equal_types(unsigned n) {
    return header().section(1, Bytes{}.leb(n).repeat(n, {0x60, 0, 0}));
}

Bytes empty_structures(unsigned n) {
    return header().section(1, Bytes{}.leb(n).repeat(n, {0x5F, 0}));
}

Bytes structures_in_a_group(unsigned n) {
    return header().section(1, Bytes{1, 0x4E}.leb(n).repeat(n, {0x5F, 0}));
}

Bytes empty_groups(unsigned n) { return header().section(1, Bytes{}.leb(n).repeat(n, {0x4E, 0})); }

// Each type refers to the one before, and so is another.
template <class Make>
Bytes chain_of_types(unsigned n, Make make) {
    return header().section(1, vec(n, [&](unsigned i) {
                                return i == 0 ? Bytes{0x60, 0, 0} : make(Bytes{}.sleb(i - 1));
                            }));
}
Bytes different_arrays(unsigned n) {
    return chain_of_types(n,
                          [](const Bytes& last) { return Bytes{0x5E, 0x63}.add(last).add({0}); });
}
Bytes different_structures(unsigned n) {
    return chain_of_types(
        n, [](const Bytes& last) { return Bytes{0x5F, 1, 0x63}.add(last).add({0}); });
}
Bytes different_functions(unsigned n) {
    return chain_of_types(
        n, [](const Bytes& last) { return Bytes{0x60, 1, 0x63}.add(last).add({0}); });
}

Bytes large_structures(unsigned n) {
    return header().section(
        1, vec(n, [&](unsigned i) {
            return Bytes{0x5F}.leb(1001).repeat(1000, {0x6E, 0}).add({i % 2 ? 0x7F : 0x7E, 0});
        }));
}

// The most supertypes that a type may have.
Bytes chains_of_supertypes(unsigned n) {
    return header().section(1, Bytes{1, 0x4E}.add(vec(n, [](unsigned i) {
        if (i % 63 == 0) return Bytes{0x50, 0, 0x5F, 0};
        return Bytes{0x50, 1}.leb(i - 1).add({0x5F, 0});
    })));
}
Bytes many_subtypes(unsigned n) {
    return header().section(1, Bytes{1, 0x4E}.add(vec(n, [](unsigned i) {
        if (i == 0) return Bytes{0x50, 0, 0x5F, 0};
        return Bytes{0x50, 1}.leb(std::min(i - 1, 60u)).add({0x5F, 0});
    })));
}
Bytes many_deep_pairs(unsigned n) {
    return header().section(1, Bytes{1, 0x4E}.add(vec(n, [](unsigned i) {
        if (i == 0) return Bytes{0x50, 0, 0x5F, 0};
        if (i > 61 && i % 2 == 1) return Bytes{0x50, 1}.leb(i - 1).add({0x5F, 0});
        return Bytes{0x50, 1}.leb(std::min(i - 1, 60u)).add({0x5F, 0});
    })));
}

Bytes new_objects(unsigned n) {
    constexpr unsigned types = 1000;
    const Bytes body = [&] {
        Bytes code{0};
        for (unsigned i = 0; i < n; ++i)
            code.add({0xFB, 1}).leb(1 + i % types).add({0x1A});
        return code.add(end);
    }();
    return with_body(
        vec(types + 1,
            [](unsigned i) { return i == 0 ? func_type(0, 0) : Bytes{0x5F, 2, 0x6E, 0, 0x6E, 0}; }),
        body);
}

Bytes throws(unsigned n) {
    // throw takes a thousand values, which a call makes.
    Bytes body{0};
    for (unsigned i = 0; i < n; ++i)
        body.add({0x02, 0x40, 0x1F, 0x40, 1, 2, 0, 0x10, 1, 0x08}).leb(i).add({0x0B, 0x0B});
    return header()
        .section(1, vec({func_type(0, 0), func_type(0, 1000), func_type(1000, 0)}))
        .section(3, {2, 0, 1})
        .section(13, Bytes{}.leb(n).repeat(n, {0, 2}))
        .section(10,
                 Bytes{2}.sized(body.add(end)).sized(Bytes{0}.repeat(1000, {0x41, 0}).add(end)));
}

// A type is an object of the process with lists of its own, however few bytes declare it.
constexpr std::size_t for_types = 250;

constexpr Producer all[] = {
    {"branches", branches, 80'000},
    {"null branches", null_branches, 100'000, 80},
    {"branch tables", branch_tables, 2'000},
    {"one branch table", one_branch_table, 300'000},
    {"operations", operations, 300'000},
    {"wide operations", wide_operations, 150'000},
    {"vector constants", vector_constants, 15'000},
    {"memory sizes", memory_sizes, 100'000},
    {"bulk instructions", bulk_instructions, 30'000},
    {"calls", calls, 150'000},
    {"calls with results", calls_with_results, 20'000},
    {"calls with arguments", calls_with_arguments, 100'000},
    {"conditions", conditions, 60'000},
    {"conditions with parameters", conditions_with_parameters, 10'000},
    {"nested blocks", nested_blocks, 100'000},
    {"nested loops", nested_loops, 100'000},
    {"nested conditions", nested_conditions, 60'000},
    {"nested try_tables", nested_try_tables, 70'000},
    {"blocks with values", blocks_with_values, 30'000},
    {"catch clauses", catch_clauses, 150'000},
    {"operands", operands, 4},
    {"settled locals", settled_locals, 4},
    {"functions", functions, 70'000},
    {"functions with locals", functions_with_locals, 5'000},
    {"empty local groups", empty_local_groups, 150'000},
    {"local groups", local_groups, 8},
    {"referenced functions", referenced_functions, 40'000},
    {"exports", exports, 40'000},
    {"exports of a large type", exports_of_large_type, 40'000},
    {"imports", imports, 70'000},
    {"tags", tags, 150'000},
    {"globals", globals, 60'000},
    {"long initializer", long_initializer, 100'000},
    {"segments of functions", segments_of_functions, 100'000},
    {"declared segments", declared_segments, 100'000},
    {"segment of functions", segment_of_functions, 300'000},
    {"segment of expressions", segment_of_expressions, 100'000},
    {"passive data", passive_data, 150'000},
    {"active data", active_data, 60'000},
    {"custom sections", custom_sections, 100'000},
    {"names", names, 70'000},
    {"nested names", nested_names, 50'000},
    {"equal types", equal_types, 100'000, for_types},
    {"empty structures", empty_structures, 150'000, for_types},
    {"structures in a group", structures_in_a_group, 150'000, for_types},
    {"empty groups", empty_groups, 150'000, for_types},
    {"different arrays", different_arrays, 50'000, for_types},
    {"different structures", different_structures, 45'000, for_types},
    {"different functions", different_functions, 45'000, for_types},
    {"large structures", large_structures, 150, for_types},
    {"chains of supertypes", chains_of_supertypes, 45'000, for_types},
    {"many subtypes", many_subtypes, 60'000, for_types},
    {"many deep pairs", many_deep_pairs, 50'000, for_types},
    {"new objects", new_objects, 70'000},
    {"throws", throws, 20'000},
};

}  // namespace

std::span<const Producer> producers() { return all; }

}  // namespace waxwing::test
