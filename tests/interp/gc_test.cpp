// Objects of the heap: what instructions do with them, what keeps them alive,
// and that nothing else does.
#include "support.hpp"

namespace waxwing::test {
namespace {

// The bytes in use once everything that nobody can reach is gone.
std::uint64_t live_bytes(Store& store) {
    store.collect_garbage();
    return store.heap_use().live_bytes;
}

StoreLimits collecting_always() {
    StoreLimits limits;
    limits.collect_always = true;
    return limits;
}

StoreLimits heap_of(std::uint64_t bytes) {
    StoreLimits limits;
    limits.max_heap_bytes = bytes;
    return limits;
}

constexpr const char* lists = R"((module
  (type $node (struct (field $value i32) (field $next (mut (ref null $node)))))
  (global $head (export "head") (mut (ref null $node)) (ref.null $node))
  (func (export "push") (param $count i32)
    (loop $again
      (if (i32.eqz (local.get $count)) (then (return)))
      (global.set $head (struct.new $node (local.get $count) (global.get $head)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $again)))
  (func (export "sum") (result i64)
    (local $sum i64) (local $at (ref null $node))
    (local.set $at (global.get $head))
    (block $end
      (loop $again
        (br_if $end (ref.is_null (local.get $at)))
        (local.set $sum (i64.add (local.get $sum)
                                 (i64.extend_i32_u (struct.get $node $value (local.get $at)))))
        (local.set $at (struct.get $node $next (local.get $at)))
        (br $again)))
    (local.get $sum))
  (func (export "clear") (global.set $head (ref.null $node)))
  (func (export "cycles") (param $count i32)
    (local $a (ref null $node)) (local $b (ref null $node))
    (loop $again
      (local.set $a (struct.new $node (i32.const 1) (ref.null $node)))
      (local.set $b (struct.new $node (i32.const 2) (local.get $a)))
      (struct.set $node $next (local.get $a) (local.get $b))
      (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))))
)";

TEST(Gc, ObjectsThatReferToEachOtherAreFreed) {
    Machine m(lists);
    m.call<void(int)>("cycles", 200'000);
    EXPECT_GE(m.store.heap_use().collections, 5u);
    EXPECT_LE(m.store.heap_use().committed_bytes, 4u << 20);
    EXPECT_EQ(live_bytes(m.store), 0u);
}

TEST(Gc, ALongListIsMarkedWithoutRecursion) {
    Machine m(lists);
    with_host_stack(256 << 10, [&] {
        m.call<void(int)>("push", 1'000'000);
        EXPECT_EQ(live_bytes(m.store), 24'000'000u);
    });
    EXPECT_EQ((m.call<std::int64_t()>("sum")), 500'000'500'000);
}

TEST(Gc, MemoryOfDeadObjectsGoesBackToTheHost) {
    Machine m(lists);
    m.call<void(int)>("push", 1'000'000);
    EXPECT_GE(m.store.heap_use().committed_bytes, 24'000'000u);
    m.call<void()>("clear");
    EXPECT_EQ(live_bytes(m.store), 0u);
    EXPECT_LE(m.store.heap_use().committed_bytes, 2u << 20);
    m.call<void(int)>("push", 1000);
    EXPECT_EQ((m.call<std::int64_t()>("sum")), 500'500);
}

TEST(Gc, AFullHeapTrapsAndCanBeUsedAgain) {
    Machine m(lists, {}, heap_of(1 << 20));
    expect_trap(m.try_call<void(int)>("push", 1'000'000), Trap::out_of_memory);
    EXPECT_LE(m.store.heap_use().committed_bytes, 1u << 20);
    m.call<void()>("clear");
    m.call<void(int)>("push", 30'000);
    EXPECT_EQ((m.call<std::int64_t()>("sum")), 450'015'000);
    m.call<void(int)>("cycles", 100'000);
    EXPECT_EQ((m.call<std::int64_t()>("sum")), 450'015'000);
}

TEST(Gc, WithoutAHeapEveryAllocationTraps) {
    Machine m(lists, {}, heap_of(0));
    expect_trap(m.try_call<void(int)>("push", 1), Trap::out_of_memory);
}

TEST(Gc, CollectingAlwaysCollectsForEveryObject) {
    Machine m(lists, {}, collecting_always());
    m.call<void(int)>("push", 500);
    EXPECT_GE(m.store.heap_use().collections, 500u);
    EXPECT_EQ((m.call<std::int64_t()>("sum")), 125'250);
}

constexpr const char* arrays = R"((module
  (type $i8 (array (mut i8)))
  (type $i64 (array (mut i64)))
  (type $v128 (array (mut v128)))
  (type $refs (array (mut anyref)))
  (func (export "i8") (param i32 i32) (result (ref $i8)) (array.new $i8 (local.get 0) (local.get 1)))
  (func (export "i64") (param i64 i32) (result (ref $i64)) (array.new $i64 (local.get 0) (local.get 1)))
  (func (export "v128") (param i32) (result i32) (array.len (array.new_default $v128 (local.get 0))))
  (func (export "refs") (param i32) (result (ref $refs)) (array.new_default $refs (local.get 0)))
  (func (export "get") (param (ref $i8) i32) (result i32) (array.get_u $i8 (local.get 0) (local.get 1)))
  (func (export "len") (param arrayref) (result i32) (array.len (local.get 0)))
  ;; An array of arrays of every length below $n, each filled with its length.
  (func (export "triangle") (param $n i32) (result (ref $refs))
    (local $all (ref $refs)) (local $i i32)
    (local.set $all (array.new_default $refs (local.get $n)))
    (loop $again
      (array.set $refs (local.get $all) (local.get $i)
        (array.new $i8 (local.get $i) (local.get $i)))
      (drop (array.new $i8 (i32.const 0xEE) (local.get $i)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                              (local.get $n))))
    (local.get $all))
  ;; The number of wrong bytes in it.
  (func (export "check") (param $all (ref $refs)) (result i32)
    (local $i i32) (local $j i32) (local $wrong i32) (local $row (ref $i8))
    (loop $rows
      (local.set $row (ref.cast (ref $i8) (array.get $refs (local.get $all) (local.get $i))))
      (local.set $wrong (i32.add (local.get $wrong)
        (i32.ne (array.len (local.get $row)) (local.get $i))))
      (local.set $j (i32.const 0))
      (block $end
        (loop $row
          (br_if $end (i32.ge_u (local.get $j) (local.get $i)))
          (local.set $wrong (i32.add (local.get $wrong)
            (i32.ne (array.get_u $i8 (local.get $row) (local.get $j))
                    (i32.and (local.get $i) (i32.const 255)))))
          (local.set $j (i32.add (local.get $j) (i32.const 1)))
          (br $row)))
      (br_if $rows (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                             (array.len (local.get $all)))))
    (local.get $wrong))
))";

TEST(Gc, ArraysBeyondTheHeapTrap) {
    Machine m(arrays);
    for (const std::int32_t length : {INT32_MIN, -1, INT32_MAX}) {
        expect_trap(m.func("i8").call(values(Value::i32(1), Value::i32(length))),
                    Trap::out_of_memory);
        expect_trap(m.func("i64").call(values(Value::i64(1), Value::i32(length))),
                    Trap::out_of_memory);
        expect_trap(m.try_call<int(int)>("v128", length), Trap::out_of_memory);
        expect_trap(m.func("refs").call(values(Value::i32(length))), Trap::out_of_memory);
    }
    EXPECT_LE(m.store.heap_use().committed_bytes, 1u << 20);
}

TEST(Gc, ArraysOfAllSizesKeepTheirContents) {
    Machine m(arrays);
    const auto made = must(m.func("triangle").call(values(Value::i32(3000))));
    EXPECT_GE(m.store.heap_use().collections, 2u);
    EXPECT_EQ(must(m.func("check").call(made))[0].as_i32(), 0);
    const std::uint64_t live = live_bytes(m.store);
    EXPECT_GE(live, 3000u * 2999 / 2 + 3000 * 24);
    EXPECT_LE(live, (3000u * 2999 / 2 + 3000 * 24) * 13 / 10);
    EXPECT_EQ(must(m.func("check").call(made))[0].as_i32(), 0);
}

TEST(Gc, LargeArraysTakeWholeBlocks) {
    Machine m(arrays, {}, heap_of(8 << 20));
    for (int i = 0; i < 100; ++i) {  // 300 MB one after the other
        const auto made = must(m.func("i8").call(values(Value::i32(i), Value::i32(3'000'000))));
        for (const int at : {0, 65'000, 1'500'000, 2'999'999}) {
            EXPECT_EQ(must(m.func("get").call(values(made[0], Value::i32(at))))[0].as_i32(), i);
        }
    }
    EXPECT_LE(m.store.heap_use().committed_bytes, 8u << 20);
    EXPECT_EQ(live_bytes(m.store), 0u);
}

TEST(Gc, ArraysOfNothingAreObjectsToo) {
    Machine m(arrays, {}, collecting_always());
    const auto made = must(m.func("refs").call(values(Value::i32(0))));
    EXPECT_FALSE(made[0].as_ref().is_null());
    EXPECT_EQ(must(m.func("len").call(made))[0].as_i32(), 0);
}

TEST(Gc, AnArrayOfReferencesKeepsAllOfThem) {
    Machine m(arrays, {}, collecting_always());
    const auto made = must(m.func("triangle").call(values(Value::i32(400))));
    EXPECT_EQ(must(m.func("check").call(made))[0].as_i32(), 0);
}

TEST(Gc, FillingCostsFuelByLength) {
    Machine m(arrays);
    std::uint64_t few = 0, many = 0;
    CallOptions options{.fuel = 1'000'000, .fuel_used = &few};
    must(m.func("i8").call(values(Value::i32(1), Value::i32(0)), options));
    options.fuel_used = &many;
    must(m.func("i8").call(values(Value::i32(1), Value::i32(64'000)), options));
    EXPECT_EQ(many - few, 4000u);
}

// Binary trees ----------------------------------------------------------------------

constexpr const char* trees = R"((module
  (type $tree (struct (field (ref null $tree)) (field (ref null $tree))))
  (func $make (export "make") (param $depth i32) (result (ref $tree))
    (if (result (ref $tree)) (local.get $depth)
      (then (struct.new $tree
              (call $make (i32.sub (local.get $depth) (i32.const 1)))
              (call $make (i32.sub (local.get $depth) (i32.const 1)))))
      (else (struct.new_default $tree))))
  (func $count (export "count") (param $tree (ref $tree)) (result i32)
    (local $left (ref null $tree))
    (local.set $left (struct.get $tree 0 (local.get $tree)))
    (if (result i32) (ref.is_null (local.get $left))
      (then (i32.const 1))
      (else (i32.add (i32.const 1)
        (i32.add (call $count (ref.as_non_null (local.get $left)))
                 (call $count (ref.as_non_null (struct.get $tree 1 (local.get $tree)))))))))
  (func (export "run") (param $depth i32) (param $times i32) (result i32)
    (local $long (ref $tree)) (local $sum i32)
    (local.set $long (call $make (local.get $depth)))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $count (call $make (i32.const 6)))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (i32.add (local.get $sum) (call $count (local.get $long))))
))";

TEST(Gc, TreesStayWholeWhileOthersComeAndGo) {
    Machine m(trees);
    EXPECT_EQ((m.call<int(int, int)>("run", 15, 5000)), 5000 * 127 + 65535);
    EXPECT_GE(m.store.heap_use().collections, 3u);
    EXPECT_EQ(live_bytes(m.store), 0u);
}

TEST(Gc, TreesStayWholeWhenEveryAllocationCollects) {
    Machine m(trees, {}, collecting_always());
    EXPECT_EQ((m.call<int(int, int)>("run", 6, 3)), 3 * 127 + 127);
}

TEST(Gc, TreesStayWholeInMeteredCode) {
    Machine m(trees, {}, collecting_always());
    const auto sum =
        must(m.func("run").call(values(Value::i32(5), Value::i32(2)), {.fuel = 1'000'000}));
    EXPECT_EQ(sum[0].as_i32(), 2 * 127 + 63);
}

// Roots -----------------------------------------------------------------------------

constexpr const char* boxes = R"((module
  (type $box (struct (field $value i32)))
  (import "host" "collect" (func $collect))
  (import "host" "call" (func $host (param anyref) (result anyref)))
  (tag $tag (param anyref))
  (global $const (export "const") anyref (struct.new $box (i32.const 41)))
  (global $var (export "var") (mut anyref) (ref.null any))
  (table $table (export "table") 2 anyref (struct.new $box (i32.const 43)))
  (elem $elem anyref (struct.new $box (i32.const 44)) (ref.i31 (i32.const 7)))
  (func $box (export "box") (param i32) (result anyref) (struct.new $box (local.get 0)))
  (func $value (export "value") (param anyref) (result i32)
    (struct.get $box 0 (ref.cast (ref $box) (local.get 0))))
  (func (export "from_elem") (result i32)
    (table.init $table $elem (i32.const 0) (i32.const 0) (i32.const 1))
    (call $value (table.get $table (i32.const 0))))
  (func (export "drop_elem") (elem.drop $elem))
  (func (export "local") (result i32)
    (local $box anyref)
    (local.set $box (struct.new $box (i32.const 45)))
    (call $collect)
    (call $value (local.get $box)))
  (func (export "operand") (result i32)
    (call $value (struct.new $box (i32.const 46)))
    (struct.new $box (i32.const 47))
    (call $collect)
    (call $value)
    (i32.add))
  (func (export "argument") (param anyref) (result i32)
    (call $collect)
    (call $value (local.get 0)))
  (func (export "passed") (result i32)
    (call $value (call $host (struct.new $box (i32.const 48)))))
  (func (export "thrown") (result i32)
    (block $caught (result anyref exnref)
      (try_table (result anyref exnref) (catch_ref $tag $caught)
        (throw $tag (struct.new $box (i32.const 49)))))
    (call $collect)
    (drop)
    (call $value))
  (func (export "rethrown") (result i32)
    (local $exception exnref)
    (local.set $exception
      (block $caught (result exnref)
        (try_table (result exnref) (catch_all_ref $caught)
          (throw $tag (struct.new $box (i32.const 50))))))
    (call $collect)
    (block $value (result anyref)
      (try_table (result anyref) (catch $tag $value) (throw_ref (local.get $exception))))
    (call $collect)
    (call $value))
  (func (export "slow") (param $turns i32) (result anyref)
    (local $box anyref)
    (local.set $box (struct.new $box (i32.const 51)))
    (loop $again
      (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
    (local.get $box))
))";

struct Boxes {
    explicit Boxes(const StoreLimits& limits) : store(limits) {
        Imports imports;
        imports.func("host", "collect", [this] {
            store.collect_garbage();
            must(box->call(values(Value::i32(-1))));  // takes the place of what was freed
            store.collect_garbage();
            must(box->call(values(Value::i32(-2))));
        });
        imports.func("host", "call",
                     HostFunction{FuncType{{anyref}, {anyref}},
                                  [](void* self, Caller&, std::uint64_t* slots) -> Result<void> {
                                      auto& boxes = *static_cast<Boxes*>(self);
                                      for (int i = 0; i < 3; ++i)
                                          must(boxes.box->call(values(Value::i32(i))));
                                      boxes.store.collect_garbage();
                                      (void)slots;  // the result is the argument
                                      return {};
                                  },
                                  std::shared_ptr<void>(this, [](void*) {})});
        instance = must(store.instantiate(load(boxes), imports));
        box = must(instance->func("box"));
    }

    int value(const Value& of) {
        return must(must(instance->func("value")).call(values(of)))[0].as_i32();
    }
    int run(const char* name) { return must(must(instance->func(name)).call())[0].as_i32(); }
    void disturb() {
        store.collect_garbage();
        for (int i = 0; i < 100; ++i)
            must(box->call(values(Value::i32(-i))));
    }

    Store store;
    std::optional<Instance> instance;
    std::optional<Func> box;
};

class GcRoots : public testing::TestWithParam<bool> {
protected:
    StoreLimits limits() const {
        StoreLimits limits;
        limits.collect_always = GetParam();
        return limits;
    }
    Boxes boxes{limits()};
};
INSTANTIATE_TEST_SUITE_P(Collecting, GcRoots, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "Always" : "Sometimes"; });

TEST_P(GcRoots, GlobalsKeepObjects) {
    boxes.disturb();
    EXPECT_EQ(boxes.value(must(boxes.instance->global("const")).get()), 41);
    const auto made = must(boxes.box->call(values(Value::i32(42))));
    must(must(boxes.instance->global("var")).set(made[0]));
    boxes.disturb();
    EXPECT_EQ(boxes.value(must(boxes.instance->global("var")).get()), 42);
}

TEST_P(GcRoots, GlobalsAndTablesOfTheHostKeepObjects) {
    const Global global = must(boxes.store.global({anyref, true}, Value::null(anyref)));
    const Table table = must(boxes.store.table({anyref, {1, {}}, {}}, Value::null(anyref)));
    must(global.set(must(boxes.box->call(values(Value::i32(52))))[0]));
    must(table.set(0, must(boxes.box->call(values(Value::i32(53))))[0]));
    boxes.disturb();
    EXPECT_EQ(boxes.value(global.get()), 52);
    EXPECT_EQ(boxes.value(must(table.get(0))), 53);
}

TEST_P(GcRoots, TablesKeepObjects) {
    boxes.disturb();
    EXPECT_EQ(boxes.value(must(must(boxes.instance->table("table")).get(1))), 43);
}

TEST_P(GcRoots, ElementSegmentsKeepObjectsUntilDropped) {
    boxes.disturb();
    EXPECT_EQ(boxes.run("from_elem"), 44);
    must(must(boxes.instance->table("table")).set(0, Value::null(anyref)));
    const std::uint64_t before = live_bytes(boxes.store);
    must(must(boxes.instance->func("drop_elem")).call());
    EXPECT_EQ(live_bytes(boxes.store), before - 16);
}

TEST_P(GcRoots, FramesKeepLocalsOperandsAndArguments) {
    EXPECT_EQ(boxes.run("local"), 45);
    EXPECT_EQ(boxes.run("operand"), 93);
    const auto made = must(boxes.box->call(values(Value::i32(54))));
    EXPECT_EQ(must(must(boxes.instance->func("argument")).call(made))[0].as_i32(), 54);
}

TEST_P(GcRoots, ArgumentsOfHostFunctionsStay) { EXPECT_EQ(boxes.run("passed"), 48); }

TEST_P(GcRoots, ExceptionsKeepWhatTheyCarry) {
    EXPECT_EQ(boxes.run("thrown"), 49);
    EXPECT_EQ(boxes.run("rethrown"), 50);
}

TEST_P(GcRoots, HandlesOfTheEmbedderKeepObjects) {
    const std::uint64_t before = live_bytes(boxes.store);
    std::optional<Value> first = must(boxes.box->call(values(Value::i32(55))))[0];
    Ref second = first->as_ref();
    EXPECT_EQ(second, first->as_ref());
    first.reset();
    boxes.disturb();
    Ref third = std::move(second);
    EXPECT_EQ(boxes.value(Value::ref(anyref, third)), 55);
    EXPECT_EQ(live_bytes(boxes.store), before + 16);
    third = Ref();
    EXPECT_EQ(live_bytes(boxes.store), before);
}

TEST_P(GcRoots, CallsThatWaitKeepTheirObjects) {
    const std::uint64_t before = live_bytes(boxes.store);
    {
        const Func slow = must(boxes.instance->func("slow"));
        Invocation call = must(slow.start(values(Value::i32(1000)), {.fuel = 100}));
        ASSERT_EQ(call.state(), Invocation::State::out_of_fuel);
        boxes.disturb();
        must(call.resume({.fuel = 100}));
        ASSERT_EQ(call.state(), Invocation::State::out_of_fuel);
        boxes.disturb();
        EXPECT_EQ(live_bytes(boxes.store), before + 16);
        must(call.resume());
        ASSERT_EQ(call.state(), Invocation::State::done);
        boxes.disturb();
        EXPECT_EQ(boxes.value(must(call.results())[0]), 51);
    }
    EXPECT_EQ(live_bytes(boxes.store), before);
}

TEST(Gc, AHandleMayOutliveItsStore) {
    Ref root;
    {
        Machine m(trees);
        root = must(m.func("make").call(values(Value::i32(3))))[0].as_ref();
        EXPECT_EQ(live_bytes(m.store), 15u * 24);
    }
    EXPECT_FALSE(root.is_null());
}

// Constant expressions ------------------------------------------------------------------

TEST(Gc, ConstantExpressionsMakeObjectsInOrder) {
    Machine m(R"((module
      (type $list (array i16))
      (type $pair (struct (field i8) (field v128) (field f32) (field (ref $list))))
      (global $list (ref $list) (array.new_fixed $list 3 (i32.const 1) (i32.const -2) (i32.const 3)))
      (global $pair (ref $pair) (struct.new $pair (i32.const 0x1FF)
        (v128.const i64x2 11 22) (f32.const 1.5) (array.new $list (i32.const 9) (i32.const 4))))
      (global $same (ref $list) (global.get $list))
      (func (export "list") (param i32) (result i32) (array.get_s $list (global.get $same) (local.get 0)))
      (func (export "byte") (result i32) (struct.get_s $pair 0 (global.get $pair)))
      (func (export "lane") (result i64) (i64x2.extract_lane 1 (struct.get $pair 1 (global.get $pair))))
      (func (export "float") (result f32) (struct.get $pair 2 (global.get $pair)))
      (func (export "inner") (result i32) (array.len (struct.get $pair 3 (global.get $pair))))
    ))",
              {}, collecting_always());
    EXPECT_EQ((m.call<int(int)>("list", 0)), 1);
    EXPECT_EQ((m.call<int(int)>("list", 1)), -2);
    expect_trap(m.try_call<int(int)>("list", 3), Trap::array_out_of_bounds);
    EXPECT_EQ((m.call<int()>("byte")), -1);
    EXPECT_EQ((m.call<std::int64_t()>("lane")), 22);
    EXPECT_EQ((m.call<float()>("float")), 1.5f);
    EXPECT_EQ((m.call<int()>("inner")), 4);
}

TEST(Gc, AConstantExpressionBeyondTheHeapFailsInstantiation) {
    Store store;
    const auto made = store.instantiate(load(R"((module
      (type $big (array i64))
      (global (ref $big) (array.new $big (i64.const 1) (i32.const -1)))))"));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), Code::instantiate);
    EXPECT_EQ(made.error().trap(), Trap::out_of_memory);
    EXPECT_EQ(made.error().message(), "out of memory");
}

// Fields --------------------------------------------------------------------------------

TEST(Gc, FieldsOfEveryTypeAreApart) {
    Machine m(R"((module
      (type $all (struct (field (mut i8)) (field (mut i64)) (field (mut i16)) (field (mut f32))
                         (field (mut i8)) (field (mut v128)) (field (mut f64)) (field (mut anyref))
                         (field (mut i32))))
      (type $sub (sub (struct (field (mut i8)))))
      (global $o (ref $all) (struct.new $all (i32.const 1) (i64.const -2) (i32.const 3) (f32.const 4)
        (i32.const 0x85) (v128.const i64x2 6 -7) (f64.const 8) (ref.i31 (i32.const 9)) (i32.const 10)))
      (func (export "set")
        (struct.set $all 4 (global.get $o) (i32.const 0x1234))
        (struct.set $all 2 (global.get $o) (i32.wrap_i64 (i64.const 0xFFFFFFFF8001)))
        (struct.set $all 5 (global.get $o) (v128.const i64x2 -1 5))
        (struct.set $all 8 (global.get $o) (i32.const -1)))
      (func (export "0") (result i32) (struct.get_u $all 0 (global.get $o)))
      (func (export "1") (result i64) (struct.get $all 1 (global.get $o)))
      (func (export "2s") (result i32) (struct.get_s $all 2 (global.get $o)))
      (func (export "2u") (result i32) (struct.get_u $all 2 (global.get $o)))
      (func (export "3") (result f32) (struct.get $all 3 (global.get $o)))
      (func (export "4s") (result i32) (struct.get_s $all 4 (global.get $o)))
      (func (export "4u") (result i32) (struct.get_u $all 4 (global.get $o)))
      (func (export "5") (result i64) (i64x2.extract_lane 1 (struct.get $all 5 (global.get $o))))
      (func (export "6") (result f64) (struct.get $all 6 (global.get $o)))
      (func (export "7") (result i32) (i31.get_u (ref.cast i31ref (struct.get $all 7 (global.get $o)))))
      (func (export "8") (result i32) (struct.get $all 8 (global.get $o)))
    ))");
    const auto check = [&](int two_s, int two_u, int four_s, int four_u, int five, int eight) {
        EXPECT_EQ((m.call<int()>("0")), 1);
        EXPECT_EQ((m.call<std::int64_t()>("1")), -2);
        EXPECT_EQ((m.call<int()>("2s")), two_s);
        EXPECT_EQ((m.call<int()>("2u")), two_u);
        EXPECT_EQ((m.call<float()>("3")), 4.0f);
        EXPECT_EQ((m.call<int()>("4s")), four_s);
        EXPECT_EQ((m.call<int()>("4u")), four_u);
        EXPECT_EQ((m.call<std::int64_t()>("5")), five);
        EXPECT_EQ((m.call<double()>("6")), 8.0);
        EXPECT_EQ((m.call<int()>("7")), 9);
        EXPECT_EQ((m.call<int()>("8")), eight);
    };
    check(3, 3, -123, 0x85, -7, 10);
    m.call<void()>("set");
    check(-32767, 0x8001, 0x34, 0x34, 5, -1);
}

TEST(Gc, ValuesOfTheHostPassThroughBothHierarchies) {
    Machine m(R"((module
      (func (export "same") (param externref) (result externref)
        (extern.convert_any (any.convert_extern (local.get 0))))
      (func (export "kind") (param externref) (result i32)
        (local $any anyref)
        (local.set $any (any.convert_extern (local.get 0)))
        (i32.add (ref.test (ref any) (local.get $any))
          (i32.add (i32.shl (ref.test (ref eq) (local.get $any)) (i32.const 1))
                   (i32.shl (ref.test (ref struct) (local.get $any)) (i32.const 2)))))
    ))");
    const Ref host = Ref::host(123'456'789);
    EXPECT_EQ((m.call<Ref(Ref)>("same", host)), host);
    EXPECT_EQ((m.call<int(Ref)>("kind", host)), 1);
    EXPECT_EQ((m.call<int(Ref)>("kind", Ref())), 0);
}

}  // namespace
}  // namespace waxwing::test
