// Who may keep which reference, and for how long: values that the host has got from a
// store, given back to it, to another one, and when it has died.
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "support.hpp"

namespace waxwing::test {
namespace {

// Structures of two types, functions, exceptions, and a place to put each.
constexpr std::string_view things = R"((module
  (rec (type $point (struct (field (mut i32)))) (type $other (struct (field f64) (field f64))))
  (type $list (array (mut anyref)))
  (type $answer (func (result i32)))
  (tag $tag (export "tag") (param i64 anyref))
  (tag $any (export "any-tag") (param anyref))
  (tag $func-tag (export "func-tag") (param funcref))
  (global $any (export "any") (mut anyref) (ref.null any))
  (global (export "func") (mut funcref) (ref.null func))
  (global (export "extern") (mut externref) (ref.null extern))
  (global (export "exn") (mut exnref) (ref.null exn))
  (global (export "struct") (mut structref) (ref.null struct))
  (global (export "point") (mut (ref null $point)) (ref.null $point))
  (table (export "anys") 2 10 anyref)
  (table (export "funcs") 2 10 funcref)
  (table (export "structs") 2 10 structref)
  (table (export "points") 2 10 (ref null $point))
  (func $answer (export "answer") (type $answer) (i32.const 42))
  (elem declare func $answer)
  (func (export "point-of") (param i32) (result anyref) (struct.new $point (local.get 0)))
  (func (export "other-of") (param f64) (result anyref)
    (struct.new $other (local.get 0) (local.get 0)))
  (func (export "list-of") (result arrayref) (array.new $list (ref.null any) (i32.const 3)))
  (func (export "i31-of") (param i32) (result i31ref) (ref.i31 (local.get 0)))
  (func (export "func-of") (result funcref) (ref.func $answer))
  (func (export "extern-of") (param i32) (result externref)
    (extern.convert_any (struct.new $point (local.get 0))))
  (func (export "exn-of") (param i64) (result exnref)
    (block $caught (result exnref)
      (try_table (result exnref) (catch_all_ref $caught)
        (throw $tag (local.get 0) (struct.new $point (i32.wrap_i64 (local.get 0)))))))
  (func (export "throw") (param i64)
    (throw $tag (local.get 0) (struct.new $point (i32.wrap_i64 (local.get 0)))))
  (func (export "x") (param (ref null $point)) (result i32) (struct.get $point 0 (local.get 0)))
  (func (export "x-extern") (param externref) (result i32)
    (struct.get $point 0 (ref.cast (ref $point) (any.convert_extern (local.get 0)))))
  (func (export "call") (param (ref null $answer)) (result i32) (call_ref $answer (local.get 0)))
  (func (export "take-any") (param anyref))
  (func (export "take-eq") (param eqref))
  (func (export "take-i31") (param i31ref))
  (func (export "take-struct") (param structref))
  (func (export "take-array") (param arrayref))
  (func (export "take-some-struct") (param (ref struct)))
  (func (export "take-none") (param nullref))
  (func (export "take-func") (param funcref))
  (func (export "take-answer") (param (ref null $answer)))
  (func (export "take-extern") (param externref))
  (func (export "take-exn") (param exnref))
  (func (export "take-noexn") (param nullexnref))
  (func (export "fill") (param $n i32)
    (loop $next
      (drop (struct.new $point (i32.const 0x41414141)))
      (drop (struct.new $other (f64.const 1) (f64.const 2)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
)";

struct Things : Machine {
    explicit Things(const StoreLimits& limits = {}) : Machine(things, {}, limits) {}

    Result<std::vector<Value>> run(std::string_view name, std::vector<Value> args = {}) {
        return func(name).call(args);
    }
    Value one(std::string_view name, std::vector<Value> args = {}) {
        return must(run(name, std::move(args)))[0];
    }
    Global global(std::string_view name) { return must(instance.global(name)); }
    Table table(std::string_view name) { return must(instance.table(name)); }
    Tag tag(std::string_view name) { return std::get<Tag>(must(instance.get(name))); }
};

StoreLimits collecting() { return {.collect_always = true}; }

template <class T>
void expect_refused(const Result<T>& result, std::string_view message) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), Code::type);
    EXPECT_EQ(result.error().kind(), ErrorKind::usage);
    EXPECT_EQ(result.error().message(), message);
}

// Every way to give a store a value of the hierarchy of `any` is tried, and refused.
void expect_refused_everywhere(Things& in, const Value& value, const std::string& given) {
    const std::string wrong = "wrong value type: wanted ";
    expect_refused(in.run("take-any", {value}),
                   "wrong argument type: argument 0 is anyref" + given);
    expect_refused(in.func("take-any").start(values(value)),
                   "wrong argument type: argument 0 is anyref" + given);
    expect_refused(in.global("any").set(value), wrong + "anyref" + given);
    EXPECT_TRUE(in.global("any").get().as_ref().is_null());
    expect_refused(in.table("anys").set(1, value), wrong + "anyref" + given);
    EXPECT_TRUE(must(in.table("anys").get(1)).as_ref().is_null());
    expect_refused(in.table("anys").grow(1, value), wrong + "anyref" + given);
    EXPECT_EQ(in.table("anys").size(), 2u);
    expect_refused(in.store.table({anyref, {1, {}}, {}}, value), wrong + "anyref" + given);
    expect_refused(in.store.global({anyref, true}, value), wrong + "anyref" + given);
    expect_refused(Exception::make(in.store, in.tag("any-tag"), values(value)),
                   "wrong argument type: argument 0 is anyref" + given);
}

// How long they live ------------------------------------------------------------------------

TEST(References, WhatACallGaveIsKeptAsLongAsTheHostKeepsIt) {
    Things m(collecting());
    const Value point = m.one("point-of", {Value::i32(42)});
    const Value external = m.one("extern-of", {Value::i32(43)});
    m.call<void(int)>("fill", 1000);
    EXPECT_EQ(m.one("x", {point}).as_i32(), 42);
    EXPECT_EQ(m.one("x-extern", {external}).as_i32(), 43);
}

TEST(References, WhatAGlobalOrTableGaveIsKeptToo) {
    Things m(collecting());
    must(m.global("any").set(m.one("point-of", {Value::i32(1)})));
    must(m.table("anys").set(0, m.one("point-of", {Value::i32(2)})));
    const Value first = m.global("any").get();
    const Value second = must(m.table("anys").get(0));
    must(m.global("any").set(Value::null(anyref)));
    must(m.table("anys").set(0, Value::null(anyref)));
    m.call<void(int)>("fill", 1000);
    EXPECT_EQ(m.one("x", {first}).as_i32(), 1);
    EXPECT_EQ(m.one("x", {second}).as_i32(), 2);
}

TEST(References, CopiesShareAndTheLastOneLetsGo) {
    Things m;
    m.store.collect_garbage();
    const std::uint64_t before = m.store.heap_use().live_bytes;
    std::optional<Value> value = m.one("point-of", {Value::i32(1)});
    std::vector<Value> copies(100, *value);
    value.reset();
    m.store.collect_garbage();
    EXPECT_EQ(m.store.heap_use().live_bytes, before + 16);
    copies.resize(1);
    m.store.collect_garbage();
    EXPECT_EQ(m.store.heap_use().live_bytes, before + 16);
    copies.clear();
    m.store.collect_garbage();
    EXPECT_EQ(m.store.heap_use().live_bytes, before);
}

TEST(References, TypedCallsKeepWhatTheyGave) {
    Things m(collecting());
    const Ref external = m.call<Ref(int)>("extern-of", 44);
    m.call<void(int)>("fill", 1000);
    EXPECT_EQ((m.call<int(Ref)>("x-extern", external)), 44);
}

TEST(References, HostFunctionsMayKeepTheirArguments) {
    std::vector<Ref> kept;
    Imports imports;
    imports.func("h", "keep", [&](Ref ref) { kept.push_back(ref); });
    imports.func("h", "give", [&](std::int32_t i) { return kept[static_cast<std::size_t>(i)]; });
    Machine m(R"((module
      (import "h" "keep" (func $keep (param externref)))
      (import "h" "give" (func $give (param i32) (result externref)))
      (type $point (struct (field i32)))
      (func (export "keep") (param i32)
        (call $keep (extern.convert_any (struct.new $point (local.get 0)))))
      (func (export "x") (param i32) (result i32)
        (struct.get $point 0
          (ref.cast (ref $point) (any.convert_extern (call $give (local.get 0))))))
    ))",
              imports, collecting());
    for (int i = 0; i < 100; ++i)
        m.call<void(int)>("keep", i * 7);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ((m.call<int(int)>("x", i)), i * 7);
}

// A host function that the host calls itself: what is in its slots is safe from the guest.
TEST(References, ArgumentsOfAHostFunctionStayDuringTheCall) {
    static Func* fill = nullptr;
    Imports imports;
    const HostCode code = [](void*, Caller&, std::uint64_t* slots) -> Result<void> {
        std::uint64_t count = 100;
        const Result<void> done = fill->call_raw(&count);
        if (done) slots[0] = slots[1];
        return done;
    };
    imports.func("h", "second", HostFunction{{{i32, anyref}, {anyref}}, code, nullptr});
    Things m(collecting());
    const Instance relay = must(m.store.instantiate(
        load(R"((module (import "h" "second" (func (param i32 anyref) (result anyref)))
                        (export "second" (func 0))))"),
        imports));
    Func filler = m.func("fill");
    fill = &filler;
    const Func second = must(relay.func("second"));
    std::uint64_t slots[2] = {1, 0};
    must(second.write(anyref, m.one("point-of", {Value::i32(45)}), slots + 1));
    must(second.call_raw(slots));
    const Value point = second.read(anyref, slots);
    m.call<void(int)>("fill", 100);
    EXPECT_EQ(m.one("x", {point}).as_i32(), 45);
}

TEST(References, MayBeDroppedByAnyThread) {
    Things m;
    std::atomic<bool> stop = false;
    std::atomic<std::vector<Value>*> handed = nullptr;
    const auto drop = [&] {
        while (!stop.load())
            delete handed.exchange(nullptr);
    };
    std::thread first(drop), second(drop);
    std::vector<Value> mine;
    for (int i = 0; i < 2000; ++i) {
        mine.push_back(m.one("point-of", {Value::i32(i)}));
        auto theirs = std::make_unique<std::vector<Value>>(3, mine.back());
        theirs->push_back(m.one("exn-of", {Value::i64(i)}));
        delete handed.exchange(theirs.release());
        if (i % 50 == 0) m.store.collect_garbage();
    }
    stop = true;
    first.join();
    second.join();
    delete handed.load();
    for (int i = 0; i < 2000; ++i)
        ASSERT_EQ(m.one("x", {mine[static_cast<std::size_t>(i)]}).as_i32(), i);
    mine.clear();
    m.store.collect_garbage();
    EXPECT_EQ(m.store.heap_use().live_bytes, 0u);
}

TEST(References, MayOutliveTheirStore) {
    std::vector<Value> kept;
    {
        Things m;
        for (const char* name : {"list-of", "func-of"})
            kept.push_back(m.one(name));
        kept.push_back(m.one("exn-of", {Value::i64(1)}));
        kept.push_back(m.one("extern-of", {Value::i32(1)}));
    }
    for (const Value& value : kept) {
        EXPECT_FALSE(value.as_ref().is_null());
        EXPECT_EQ(to_string(value), "reference");
        EXPECT_EQ(value, Value(value));
    }
    EXPECT_NE(kept[0], kept[1]);
}

// Whose they are ----------------------------------------------------------------------------

TEST(References, OfAnotherStoreAreRefused) {
    Things mine;
    std::optional<Things> theirs(std::in_place);
    const Value point = theirs->one("point-of", {Value::i32(1)});
    const Value func = theirs->one("func-of");
    const Value exn = theirs->one("exn-of", {Value::i64(1)});
    const Value external = theirs->one("extern-of", {Value::i32(1)});
    for (int dead = 0; dead < 2; ++dead) {
        expect_refused_everywhere(mine, point, ", given a reference of another store");
        expect_refused(mine.run("call", {func}), "wrong argument type: argument 0 is " +
                                                     to_string(mine.func("call").type().params[0]) +
                                                     ", given a reference of another store");
        expect_refused(mine.table("funcs").set(0, func),
                       "wrong value type: wanted funcref, given a reference of another store");
        expect_refused(mine.global("exn").set(exn),
                       "wrong value type: wanted exnref, given a reference of another store");
        expect_refused(mine.global("extern").set(external),
                       "wrong value type: wanted externref, given a reference of another store");
        expect_refused(mine.try_call<int(Ref)>("x-extern", external.as_ref()),
                       "wrong value type: not an externref of this store");
        theirs.reset();
    }
}

// An address may be used again when a store has died; its references are none of the next.
TEST(References, OfADeadStoreAreNoneOfTheNext) {
    std::vector<Value> old;
    for (int i = 0; i < 20; ++i) {
        Things m;
        for (const Value& value : old)
            EXPECT_FALSE(m.run("take-any", {value}));
        old.push_back(m.one("point-of", {Value::i32(i)}));
        EXPECT_TRUE(m.run("take-any", {old.back()}));
    }
    for (std::size_t i = 1; i < old.size(); ++i)
        EXPECT_NE(old[i], old[i - 1]);
}

TEST(References, ThatAHostFunctionReturnsAreChecked) {
    Things theirs;
    const Ref foreign = theirs.one("extern-of", {Value::i32(1)}).as_ref();
    Imports imports;
    imports.func("h", "one", [&] { return foreign; });
    imports.func("h", "pair", [&] { return std::tuple<std::int32_t, Ref>(1, foreign); });
    imports.func("h", "result", [&]() -> Result<Ref> { return foreign; });
    imports.func("h", "func", [&] { return theirs.func("answer").ref(); });
    Machine m(R"((module
      (import "h" "one" (func $one (result externref)))
      (import "h" "pair" (func $pair (result i32 externref)))
      (import "h" "result" (func $result (result externref)))
      (import "h" "func" (func $func (result externref)))
      (func (export "one") (result externref) (call $one))
      (func (export "pair") (result i32 externref) (call $pair))
      (func (export "result") (result externref) (call $result))
      (func (export "func") (result externref) (call $func))
    ))",
              imports);
    for (const char* name : {"one", "pair", "result", "func"}) {
        const auto result = m.func(name).call();
        ASSERT_FALSE(result) << name;
        EXPECT_EQ(result.error().code(), Code::call);
        EXPECT_EQ(result.error().kind(), ErrorKind::host);
        EXPECT_EQ(result.error().message(), "wrong value type: not an externref of this store");
    }
}

TEST(References, ThroughTheRawDoorAreCheckedWhereTheyBecomeSlots) {
    Things theirs;
    Things mine;
    const Value point = mine.one("point-of", {Value::i32(46)});
    const Func x = mine.func("x");
    std::uint64_t slot = 0;
    must(x.write(x.type().params[0], point, &slot));
    EXPECT_EQ(mine.func("x").read(anyref, &slot), point);
    must(x.call_raw(&slot));
    EXPECT_EQ(slot, 46u);
    expect_refused(x.write(anyref, theirs.one("point-of", {Value::i32(1)}), &slot),
                   "wrong value type: wanted anyref, given a reference of another store");
    EXPECT_EQ(slot, 46u);
    const ValType never = ValType::ref(HeapType::defined(HeapType::max_index), true);
    expect_refused(x.write(never, point, &slot), "unknown type 536870911");
    EXPECT_EQ(x.read(never, &slot), Value::null(never));
}

TEST(References, ToFunctionsBecomeFunctionsWhileTheStoreLives) {
    std::optional<Things> m(std::in_place);
    const Ref func = m->one("func-of").as_ref();
    EXPECT_EQ(func, m->func("answer").ref());
    EXPECT_EQ(must(must(Func::from_ref(func)).call())[0].as_i32(), 42);
    const std::string wrong = "not a reference to a function of a live store";
    expect_refused(Func::from_ref(Ref()), wrong);
    expect_refused(Func::from_ref(Ref::host(8)), wrong);
    expect_refused(Func::from_ref(Ref::i31(8)), wrong);
    expect_refused(Func::from_ref(m->one("point-of", {Value::i32(1)}).as_ref()), wrong);
    expect_refused(Func::from_ref(Value::number(funcref, m->one("func-of").bits()).as_ref()),
                   wrong);
    m.reset();
    expect_refused(Func::from_ref(func), wrong);
}

TEST(References, ToObjectsOfADeadStoreDoNotLink) {
    Imports imports;
    {
        Store theirs;
        imports.define("h", "m", must(theirs.memory({{1, {}}, {}, false, 16})));
    }
    Store mine;
    const auto made = mine.instantiate(load(R"((module (import "h" "m" (memory 1))))"), imports);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), Code::instantiate);
    EXPECT_EQ(made.error().kind(), ErrorKind::unlinkable);
    EXPECT_EQ(made.error().message(), "import \"h\" \"m\" belongs to another store");
}

// What they are -----------------------------------------------------------------------------

TEST(References, ANullIsOfAHierarchy) {
    Things m;
    const Module mine = load(things);
    for (const ValType type : {funcref, externref, exnref})
        expect_refused_everywhere(m, Value::null(type), ", given " + to_string(type));
    for (const ValType type : {anyref, structref, i31ref, eqref}) {
        EXPECT_TRUE(m.run("take-struct", {Value::null(type)})) << to_string(type);
        EXPECT_TRUE(m.global("struct").set(Value::null(type)));
        EXPECT_TRUE(m.table("points").set(0, Value::null(type)));
    }
    expect_refused(m.run("take-func", {Value::null(anyref)}),
                   "wrong argument type: argument 0 is funcref, given anyref");
    expect_refused(m.global("exn").set(Value::null(externref)),
                   "wrong value type: wanted exnref, given externref");
    expect_refused(m.run("take-some-struct", {Value::null(structref)}),
                   "wrong argument type: argument 0 is (ref struct), given null");
    const ValType answer = m.func("call").type().params[0];
    EXPECT_TRUE(m.run("take-func", {Value::null(answer)}));
    expect_refused(m.run("take-any", {Value::null(answer)}),
                   "wrong argument type: argument 0 is anyref, given " + to_string(answer));
}

TEST(References, ANullOfATypeThatIsGoneIsOfNoHierarchy) {
    Things m;  // before, so that no type of its own gets the number
    ValType gone = anyref;
    {
        const Module module =
            load("(module (rec (type (struct (field i8 i16))) (type (struct (field i16 i8))))"
                 "  (global (export \"g\") (ref null 0) (ref.null 0)))");
        gone = std::get<GlobalType>(module.exports()[0].type).type;
    }
    expect_refused_everywhere(m, Value::null(gone), ", given " + to_string(gone));
    const Value never = Value::null(ValType::ref(HeapType::defined(HeapType::max_index), true));
    expect_refused_everywhere(m, never, ", given (ref null 536870911)");
}

// What counts is the object, not the type that the host saw it with.
TEST(References, AreOfTheTypeOfWhatTheyReferTo) {
    Things m;
    const Value point = m.one("point-of", {Value::i32(1)});  // an anyref
    EXPECT_EQ(m.one("x", {point}).as_i32(), 1);
    must(m.global("point").set(point));
    const ValType type = m.global("point").type().type;
    const Value other = m.one("other-of", {Value::f64(1)});
    expect_refused(m.run("x", {other}),
                   "wrong argument type: argument 0 is " + to_string(type) + ", given anyref");
    expect_refused(m.global("point").set(Value::ref(type, other.as_ref())),
                   "wrong value type: wanted " + to_string(type) + ", given " + to_string(type) +
                       " that refers to something else");

    const Value list = m.one("list-of");
    const Value i31 = m.one("i31-of", {Value::i32(-1)});
    EXPECT_EQ(i31.as_ref(), Ref::i31(0x7FFFFFFF));
    const Value host = Value::ref(anyref, Ref::host(1));
    const auto fits = [&](const char* name, const Value& value) {
        return m.run(name, {value}).has_value();
    };
    const Value all[] = {point, list, i31, host};
    const auto expect = [&](const char* name, std::array<bool, 4> expected) {
        for (std::size_t i = 0; i < 4; ++i)
            EXPECT_EQ(fits(name, all[i]), expected[i]) << name << " " << i;
    };
    expect("take-any", {true, true, true, true});
    expect("take-eq", {true, true, true, false});
    expect("take-i31", {false, false, true, false});
    expect("take-struct", {true, false, false, false});
    expect("take-array", {false, true, false, false});
    expect("take-none", {false, false, false, false});
    expect("take-extern", {false, false, false, false});
    expect("take-func", {false, false, false, false});
    const Value exn = m.one("exn-of", {Value::i64(1)});
    EXPECT_TRUE(fits("take-exn", exn));
    EXPECT_FALSE(fits("take-noexn", exn));
    EXPECT_FALSE(fits("take-any", exn));
    EXPECT_TRUE(fits("take-func", m.one("func-of")));
    EXPECT_TRUE(fits("take-answer", m.one("func-of")));
    EXPECT_FALSE(fits("take-answer", Value::ref(funcref, m.func("fill").ref())));
    EXPECT_FALSE(fits("take-extern", m.one("func-of")));
}

TEST(References, ThatSayWhatTheyAreNotAreRefused) {
    Things m;
    const Value point = m.one("point-of", {Value::i32(1)});
    const Value exn = m.one("exn-of", {Value::i64(1)});
    const Value func = m.one("func-of");
    const auto refused = [&](const char* name, ValType type, const Value& value) {
        expect_refused(m.run(name, {Value::ref(type, value.as_ref())}),
                       "wrong argument type: argument 0 is " + to_string(type) + ", given " +
                           to_string(type) + " that refers to something else");
    };
    refused("take-func", funcref, point);
    refused("take-func", funcref, Value::ref(externref, Ref::host(8)));
    refused("take-exn", exnref, point);
    refused("take-any", anyref, exn);
    refused("take-any", anyref, func);
    refused("take-extern", externref, exn);
    refused("take-extern", externref, func);
    // Words are no references.
    for (const std::uint64_t word : {point.bits(), std::uint64_t{0x1000}, ~std::uint64_t{7}})
        expect_refused(m.run("take-any", {Value::number(anyref, word)}),
                       "wrong argument type: argument 0 is anyref, given anyref that refers to "
                       "something else");
}

// Exceptions --------------------------------------------------------------------------------

TEST(References, AnErrorKeepsItsExceptionWhateverBecomesOfTheStore) {
    std::optional<Things> m(std::in_place, collecting());
    std::optional<Error> error = m->run("throw", {Value::i64(47)}).error();
    m->call<void(int)>("fill", 1000);
    const Exception exception = *Exception::of(*error);
    EXPECT_EQ(exception.tag(), m->tag("tag"));
    EXPECT_EQ(m->one("x", {exception.values()[1]}).as_i32(), 47);
    m.reset();
    EXPECT_EQ(exception.values()[0], Value::i64(47));
    EXPECT_FALSE(exception.values()[1].as_ref().is_null());
    EXPECT_EQ(exception.error().message(), error->message());
    EXPECT_EQ(Exception::of(*error)->ref(), exception.ref());
    std::thread([&] { error.reset(); }).join();
}

TEST(References, ExceptionsBelongToTheStoreOfTheirTag) {
    Things mine, theirs;
    expect_refused(Exception::make(mine.store, theirs.tag("any-tag"), values(Value::null(anyref))),
                   "the tag belongs to another store");
    expect_refused(
        Exception::make(mine.store, mine.tag("func-tag"), values(theirs.one("func-of"))),
        "wrong argument type: argument 0 is funcref, given a reference of another store");
    // Thrown into another store, it is an error like another: nobody can catch it there.
    const Error error =
        must(Exception::make(theirs.store, theirs.tag("any-tag"), values(Value::null(anyref))))
            .error();
    Imports imports;
    imports.func("h", "throw", [&]() -> Result<void> { return std::unexpected(error); });
    Machine m(R"((module (import "h" "throw" (func $throw))
        (func (export "f") (result i32)
          (block $caught (try_table (catch_all $caught) (call $throw)) (return (i32.const 1)))
          (i32.const 2))))",
              imports);
    const auto result = m.try_call<int()>("f");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::exception);
    EXPECT_EQ(result.error().message(), "uncaught exception anyref:null");
}

// Calls that wait ---------------------------------------------------------------------------

TEST(References, ACallThatWaitsFailsWhenItsStoreIsGone) {
    std::optional<Things> m(std::in_place);
    Invocation waiting = must(m->func("fill").start(values(Value::i32(1000)), {.fuel = 100}));
    Invocation over = must(m->func("answer").start({}));
    ASSERT_EQ(waiting.state(), Invocation::State::out_of_fuel);
    ASSERT_EQ(over.state(), Invocation::State::done);
    m.reset();
    for (Invocation* each : {&waiting, &over}) {
        EXPECT_EQ(each->state(), Invocation::State::failed);
        const auto resumed = each->resume();
        ASSERT_FALSE(resumed);
        EXPECT_EQ(resumed.error().code(), Code::call);
        EXPECT_EQ(resumed.error().message(), "the store of the call is gone");
        EXPECT_EQ(each->results().error().message(), "the store of the call is gone");
    }
}

TEST(References, ACallThatWaitsMayBeDroppedByAnyThread) {
    Things m(collecting());
    const Func fill = m.func("fill");
    std::vector<Invocation> waiting;
    for (int i = 0; i < 200; ++i)
        waiting.push_back(must(fill.start(values(Value::i32(1000)), {.fuel = 50})));
    std::thread other([&] {
        while (waiting.size() > 100)
            waiting.pop_back();
    });
    m.call<void(int)>("fill", 500);
    other.join();
    for (Invocation& each : waiting) {
        must(each.resume());
        EXPECT_EQ(each.state(), Invocation::State::done);
    }
}

TEST(References, AHostFunctionMayDropTheCallItServes) {
    std::optional<Invocation> call;
    Imports imports;
    imports.func("h", "drop", [&] { call.reset(); });
    Machine m(R"((module (import "h" "drop" (func $drop))
        (func (export "f") (param i32) (result i32)
          (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (call $drop) (i32.const 5))))",
              imports);
    call = must(m.func("f").start(values(Value::i32(1000)), {.fuel = 100}));
    must(call->resume());
    EXPECT_FALSE(call);
}

}  // namespace
}  // namespace waxwing::test
