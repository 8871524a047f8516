// Types of what the host makes: the same are valid as in a module, and no others.
#include <gtest/gtest.h>

#include <optional>

#include "support.hpp"

namespace waxwing::test {
namespace {

template <class T>
void expect_refused(const Result<T>& result, std::string_view message,
                    ErrorKind kind = ErrorKind::usage) {
    ASSERT_FALSE(result) << "expected: " << message;
    EXPECT_EQ(result.error().code(), Code::instantiate);
    EXPECT_EQ(result.error().kind(), kind);
    EXPECT_EQ(result.error().message(), message);
}

MemoryType memory_of(Limits limits, AddressType address = AddressType::i32, bool shared = false,
                     unsigned page_size_log2 = 16) {
    return {limits, address, shared, static_cast<std::uint8_t>(page_size_log2)};
}

TEST(HostTypes, PagesHaveOneOfTwoSizes) {
    Store store;
    for (const AddressType address : {AddressType::i32, AddressType::i64}) {
        for (unsigned log2 = 0; log2 < 256; ++log2) {
            const auto made = store.memory(memory_of({1, {}}, address, false, log2));
            if (log2 == 0 || log2 == 16) {
                EXPECT_EQ(must(made).byte_size(), std::uint64_t{1} << log2);
            } else {
                expect_refused(made, "invalid custom page size: must be 1 or 65536 bytes");
            }
        }
    }
}

TEST(HostTypes, MemoriesHaveLimitsThatAnAddressReaches) {
    Store store;
    constexpr auto i64 = AddressType::i64;
    const std::uint64_t most = std::uint64_t{1} << 48;
    EXPECT_TRUE(store.memory(memory_of({0, 65536})));
    EXPECT_TRUE(store.memory(memory_of({0, most}, i64)));
    expect_refused(store.memory(memory_of({65537, {}})),
                   "memory size must be at most 65536 pages (4GiB)");
    expect_refused(store.memory(memory_of({0, 65537})),
                   "memory size must be at most 65536 pages (4GiB)");
    expect_refused(store.memory(memory_of({0, most + 1}, i64)),
                   "memory size must be at most 2^48 pages");
    expect_refused(store.memory(memory_of({0, std::uint64_t{1} << 32}, {}, false, 0)),
                   "memory size must be at most 4294967295 bytes");
    expect_refused(store.memory(memory_of({5, 1})),
                   "size minimum must not be greater than maximum: 5 > 1");
    expect_refused(store.memory(memory_of({1, {}}, {}, true)), "shared memory must have maximum");
    EXPECT_TRUE(store.memory(memory_of({1, 1}, {}, true)));
}

TEST(HostTypes, TablesHoldReferences) {
    Store store;
    expect_refused(store.table({i32, {4, {}}, {}}, Value::i32(12345)),
                   "malformed reference type i32");
    expect_refused(store.table({ValType(), {4, {}}, {}}, Value::null(funcref)),
                   "malformed reference type bot");
    expect_refused(store.table({funcref, {5, 1}, {}}, Value::null(funcref)),
                   "size minimum must not be greater than maximum: 5 > 1");
    expect_refused(store.table({funcref, {5, std::uint64_t{1} << 40}, {}}, Value::null(funcref)),
                   "table size must be at most 2^32-1");
    EXPECT_TRUE(store.table({funcref, {5, std::uint64_t{1} << 40}, AddressType::i64},
                            Value::null(funcref)));
    const auto misfit = store.table({funcref, {1, {}}, {}}, Value::null(externref));
    ASSERT_FALSE(misfit);
    EXPECT_EQ(misfit.error().code(), Code::type);
}

TEST(HostTypes, GlobalsAndFunctionsHaveValueTypes) {
    using Kind = ValType::Kind;
    Store store;
    const std::pair<ValType, const char*> cases[] = {
        {Kind::i8, "malformed value type i8"},
        {Kind::i16, "malformed value type i16"},
        {Kind::bottom, "malformed value type bot"},
        {static_cast<Kind>(9), "malformed value type "},
        {static_cast<Kind>(15), "malformed value type "},
        {ValType::ref(HeapKind::bottom, true), "malformed value type "},
        {ValType::ref(static_cast<HeapKind>(15), true), "malformed value type "},
    };
    Imports imports;
    for (const auto& [type, message] : cases) {
        const auto refused = [text = message](const auto& result) {
            ASSERT_FALSE(result);
            EXPECT_EQ(result.error().code(), Code::instantiate);
            EXPECT_TRUE(result.error().message().starts_with(text)) << result.error().message();
        };
        refused(store.global({type, true}, Value::number(type, 0)));
        refused(store.tag({{type}, {}}));
        const HostCode code = [](void*, Caller&, std::uint64_t*) -> Result<void> { return {}; };
        for (const FuncType& func : {FuncType{{type}, {}}, FuncType{{}, {type}}}) {
            imports.func("h", "f", HostFunction{func, code, nullptr});
            refused(store.instantiate(load(R"((module (import "h" "f" (func))))"), imports));
        }
    }
}

TEST(HostTypes, TagsHaveNoResultsAndFunctionsNotTooManyOfAnything) {
    Store store;
    expect_refused(store.tag({{i32}, {i32}}), "non-empty tag result type");
    const std::vector<ValType> many(1001, v128);
    expect_refused(store.tag({many, {}}), "too many parameters: 1001 (limit 1000)",
                   ErrorKind::limit);
    EXPECT_TRUE(store.tag({std::vector<ValType>(1000, v128), {}}));
    const HostCode code = [](void*, Caller&, std::uint64_t*) -> Result<void> { return {}; };
    const Module module = load(R"((module (import "h" "f" (func))))");
    Imports imports;
    imports.func("h", "f", HostFunction{{{}, many}, code, nullptr});
    expect_refused(store.instantiate(module, imports),
                   "too many results: 1001 (limit 1000) for the host function \"h\" \"f\"",
                   ErrorKind::limit);
    imports.func("h", "f", HostFunction{{{}, {}}, nullptr, nullptr});
    expect_refused(store.instantiate(module, imports),
                   "there is no code for the host function \"h\" \"f\"");
}

constexpr const char* typed = R"((module
  (rec (type $a (struct (field i16 i8 i16))) (type (struct)))
  (type $f (func (param (ref null $a)) (result (ref null $a))))
  (global (export "g") (mut (ref null $a)) (ref.null $a))
  (table (export "t") 1 (ref null $a))
  (tag (export "e") (param (ref null $a)))
  (func (export "f") (type $f) (local.get 0))
  (func (export "new") (result (ref $a)) (struct.new_default $a))))";

ValType type_of_global(const Module& module) {
    return std::get<GlobalType>(module.exports()[0].type).type;
}

TEST(HostTypes, OfAModuleLiveWithIt) {
    Store store;
    std::optional<Module> module = load(typed);
    const ValType a = type_of_global(*module);
    const Global global = must(store.global({a, true}, Value::null(a)));
    module.reset();
    // The global keeps the type: the next module has the same.
    module = load(typed);
    EXPECT_EQ(type_of_global(*module), a);
    Machine m(typed);
    const Instance instance = must(store.instantiate(*module));
    must(global.set(must(must(instance.func("new")).call())[0]));
    EXPECT_FALSE(global.set(must(m.func("new").call())[0]));
    EXPECT_FALSE(global.get().as_ref().is_null());
}

TEST(HostTypes, OfAModuleThatIsGoneAreUnknown) {
    const ValType gone = type_of_global(load(typed));
    const std::string unknown = "unknown type " + std::to_string(gone.heap().index());
    Store store;
    expect_refused(store.global({gone, true}, Value::null(gone)), unknown);
    expect_refused(store.table({gone, {1, {}}, {}}, Value::null(gone)), unknown);
    expect_refused(store.tag({{gone}, {}}), unknown);
    const ValType never = ValType::ref(HeapType::defined(HeapType::max_index), true);
    expect_refused(store.global({never, true}, Value::null(never)), "unknown type 536870911");
    expect_refused(store.global({never, true}, Value::null(anyref)), "unknown type 536870911");

    const HostCode code = [](void*, Caller&, std::uint64_t*) -> Result<void> { return {}; };
    Imports imports;
    imports.func("h", "f", HostFunction{{{never}, {gone}}, code, nullptr});
    expect_refused(store.instantiate(load(R"((module (import "h" "f" (func))))"), imports),
                   "unknown type 536870911 for the host function \"h\" \"f\"");
}

TEST(HostTypes, OfHostObjectsLinkAndKeepTheirTypesAlive) {
    Store store;
    Imports imports;
    {
        const Module module = load(typed);
        const ValType a = type_of_global(module);
        imports.define("h", "t", must(store.table({a, {1, {}}, {}}, Value::null(a))));
        imports.define("h", "e", must(store.tag({{a}, {}})));
        imports.func("h", "f",
                     HostFunction{{{a}, {a}},
                                  [](void*, Caller&, std::uint64_t*) -> Result<void> { return {}; },
                                  nullptr});
    }
    const Instance instance = must(store.instantiate(load(R"((module
        (rec (type $a (struct (field i16 i8 i16))) (type (struct)))
        (import "h" "t" (table 1 (ref null $a)))
        (import "h" "e" (tag (param (ref null $a))))
        (import "h" "f" (func $f (param (ref null $a)) (result (ref null $a))))
        (func (export "f") (result i32)
          (table.set 0 (i32.const 0) (call $f (struct.new_default $a)))
          (ref.is_null (table.get 0 (i32.const 0))))))"),
                                                     imports));
    EXPECT_EQ(must(must(instance.func<int()>("f"))()), 0);
}

}  // namespace
}  // namespace waxwing::test
