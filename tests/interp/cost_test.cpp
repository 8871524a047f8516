// Fuel and deadlines see all work: what an operand, a type or a declaration makes long, too.
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "../cost_oracle.hpp"
#include "support.hpp"

namespace waxwing::test {
namespace {

using u64 = std::uint64_t;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

std::string repeat(int count, const std::string& text) {
    std::string all;
    for (int i = 0; i < count; ++i)
        all += text;
    return all;
}

// Something that a guest does for ever.
struct Work {
    const char* name;
    std::string module;
};
Work forever(const char* name, const std::string& body, const std::string& fields = "",
             const std::string& locals = "") {
    return {name, "(module " + fields + "(func (export \"f\") (local $i i32) " + locals +
                      " (loop $l " + body + " (br $l))))"};
}

std::vector<Work> plain_work() {
    return {
        forever("add",
                repeat(4, "(local.set $i (i32.add (i32.mul (local.get $i) (i32.const 3)) "
                          "(local.get $k)))"),
                "", "(local $k i32)"),
        forever("float",
                "(local.set $x (f64.add (f64.mul (local.get $x) (f64.const 0.5)) "
                "(f64.const 1)))",
                "", "(local $x f64)"),
        forever("load and store",
                "(i32.store (i32.and (local.get $i) (i32.const 0xFFFC)) (i32.load (i32.const 16)))"
                "(local.set $i (i32.add (local.get $i) (i32.const 4)))",
                "(memory 1)"),
        forever("global", "(global.set $g (i64.add (global.get $g) (i64.const 1)))",
                "(global $g (mut i64) (i64.const 0))"),
        forever("if",
                "(if (i32.and (local.get $i) (i32.const 1)) (then (local.set $k (i32.const "
                "3))) (else (local.set $k (i32.const 4))))"
                "(local.set $i (i32.add (local.get $i) (i32.const 1)))",
                "", "(local $k i32)"),
        forever("call", "(drop (call $g (local.get $i)))",
                "(func $g (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))"),
        forever("call_indirect", "(drop (call_indirect (type $t) (local.get $i) (i32.const 0)))",
                "(type $t (func (param i32) (result i32))) (table funcref (elem $g))"
                "(func $g (type $t) (i32.add (local.get 0) (i32.const 1)))"),
    };
}

// Functions, calls, branches and exceptions.
void add_control(std::vector<Work>& all) {
    for (const int locals : {16, 1000, 50'000}) {
        static const char* const names[] = {"16 locals", "1000 locals", "50000 locals"};
        all.push_back(forever(names[locals == 16     ? 0
                                    : locals == 1000 ? 1
                                                     : 2],
                              "(call $g)", "(func $g (local " + repeat(locals, "i64 ") + "))"));
    }
    const std::string many = repeat(1000, "i64 ");
    all.push_back(forever("results", "(call $k)" + repeat(1000, "drop "),
                          "(func $z (result " + many + ")" + repeat(1000, "(i64.const 1)") +
                              ") (func $k (result " + many + ") (i64.const 3) (call $z) return)"));
    const std::string fewer = repeat(999, "i64 ");
    all.push_back({"values of a branch", "(module (func $z (result " + fewer + ")" +
                                             repeat(999, "(i64.const 1)") + ") (func $s (param " +
                                             fewer + ") (result i64 " + fewer + ")" +
                                             repeat(1000, "(i64.const 1)") +
                                             ") (func (export \"f\") (call $z) "
                                             "(loop (param " +
                                             fewer + ") (call $s) (br 0))))"});
    const std::string tags = "(tag $a) (tag $b)";
    all.push_back(forever("throw", "(block $h (try_table (catch_all $h) (throw $a)))", tags));
    all.push_back(forever("throw through frames",
                          "(block $h (try_table (catch_all $h) (call $g (i32.const 1000))))",
                          tags + "(func $g (param i32) (if (local.get 0) (then (call $g (i32.sub "
                                 "(local.get 0) (i32.const 1)))) (else (throw $a))))"));
    all.push_back(forever("throw through clauses",
                          "(block $h (try_table (catch_all $h) (try_table " +
                              repeat(1000, "(catch $b $h)") + " (throw $a))))",
                          tags));
    all.push_back(forever("throw through regions",
                          "(block $h (try_table (catch_all $h) " +
                              repeat(1000, "(try_table (catch $b $h)") + " (throw $a)" +
                              repeat(1000, ")") + "))",
                          tags));
}

void add_bulk(std::vector<Work>& all) {
    const std::string memory = "(memory 256)", table = "(table 1000000 funcref)";
    const std::string half = "(i32.const 1000000)", zero = "(i32.const 0)";
    all.push_back(forever("memory.fill", "(memory.fill " + zero + zero + half + ")", memory));
    all.push_back(
        forever("memory.fill, short", "(memory.fill " + zero + zero + "(i32.const 15))", memory));
    all.push_back(forever("memory.copy", "(memory.copy " + half + zero + half + ")", memory));
    all.push_back(forever("memory.grow", "(drop (memory.grow (i32.const 1)))", "(memory 1)"));
    all.push_back(forever("table.fill",
                          "(table.fill " + zero + "(ref.null func) (i32.const 1000000))", table));
    all.push_back(forever("table.copy",
                          "(table.copy " + zero + "(i32.const 500000) (i32.const 500000))", table));
    const std::string words = "(type $a (array (mut i64)))";
    const std::string vectors = "(type $a (array (mut v128)))";
    const std::string local = "(local $r (ref null $a)) "
                              "(local.set $r (array.new_default $a (i32.const 1000000)))";
    all.push_back(
        forever("array.new_default", "(drop (array.new_default $a (i32.const 100000)))", vectors));
    all.push_back(forever(
        "array.new", "(drop (array.new $a (v128.const i64x2 1 2) (i32.const 100000)))", vectors));
    all.push_back(
        forever("array.new, short", "(drop (array.new $a (i64.const 1) (i32.const 2)))", words));
    all.push_back(
        forever("array.fill",
                "(array.fill $a (local.get $r) " + zero + "(i64.const 5) (i32.const 1000000))",
                words, local));
    all.push_back(forever("array.copy",
                          "(array.copy $a $a (local.get $r) " + zero +
                              "(local.get $r) (i32.const 500000) (i32.const 500000))",
                          vectors, local));
}

void add_objects(std::vector<Work>& all) {
    all.push_back(forever("struct.new_default", "(drop (struct.new_default $s))",
                          "(type $s (struct (field i64)))"));
    all.push_back(forever("struct.new_default, large", "(drop (struct.new_default $s))",
                          "(type $s (struct " + repeat(10'000, "(field v128)") + "))"));
    all.push_back(forever("a list",
                          "(local.set $r (struct.new $s (local.get $r)))"
                          "(local.set $i (i32.add (local.get $i) (i32.const 1)))"
                          "(if (i32.gt_u (local.get $i) (i32.const 100000))"
                          " (then (local.set $r (ref.null $s)) (local.set $i (i32.const 0))))",
                          "(type $s (struct (field (ref null $s))))", "(local $r (ref null $s))"));
    all.push_back(forever("roots", "(drop (struct.new_default $s))",
                          "(type $s (struct (field i64))) (table 2000000 anyref)"));
    std::string chain = "(type $t0 (sub (struct)))";
    for (int i = 1; i < 63; ++i)
        chain +=
            "(type $t" + std::to_string(i) + " (sub $t" + std::to_string(i - 1) + " (struct)))";
    all.push_back(forever("ref.test", repeat(4, "(drop (ref.test (ref $t31) (local.get $r)))"),
                          chain, "(local $r anyref) (local.set $r (struct.new $t62))"));
}

std::vector<Work> long_work() {
    std::vector<Work> all;
    add_control(all);
    add_bulk(all);
    add_objects(all);
    return all;
}

// Nanoseconds per unit; the least of some runs, as others may use the machine.
double rate_of(const Work& work) {
    constexpr u64 fuel = 1'000'000;
    double least = 1e300;
    Machine machine(work.module);
    (void)cost::spend(machine.func("f"), {}, 4 * fuel);  // the host gives memory its pages
    for (int i = 0; i < 4; ++i) {
        const cost::Spent spent = cost::spend(machine.func("f"), {}, fuel);
        EXPECT_GT(spent.fuel, fuel / 2) << work.name;
        EXPECT_TRUE(spent.is_bounded()) << work.name;
        least = std::min(least, spent.ns / static_cast<double>(spent.fuel));
    }
    return least;
}

TEST(Cost, NoUnitOfFuelTakesMuchLongerThanAnother) {
    std::vector<double> plain;
    for (const Work& work : plain_work())
        plain.push_back(rate_of(work));
    std::ranges::sort(plain);
    const double median = plain[plain.size() / 2];
    for (const Work& work : long_work()) {
        double rate = rate_of(work);
        for (int again = 0; again < 3 && rate > cost::most_times_the_median * median; ++again)
            rate = std::min(rate, rate_of(work));
        EXPECT_LE(rate, cost::most_times_the_median * median)
            << work.name << ", where the median is " << median;
    }
}

// The overrun of the quietest of some runs. Other programs do not count, so a call has overrun by
// the processor time that it took beyond what it was given.
nanoseconds overrun(double begin, nanoseconds given) {
    return nanoseconds(static_cast<std::int64_t>(cost::thread_ns() - begin)) - given;
}
template <class Run>
void expect_in_time(const char* name, Run run) {
    nanoseconds least = nanoseconds::max();
    for (int i = 0; i < 5 && least > cost::most_overrun; ++i)
        least = std::min(least, run());
    EXPECT_LE(least, cost::most_overrun) << name;
}

TEST(Cost, CallsEndSoonAfterTheirDeadline) {
    for (const Work& work : long_work()) {
        Machine machine(work.module);
        const Func f = machine.func("f");
        expect_in_time(work.name, [&] {
            const double begin = cost::thread_ns();
            const auto result = f.call({}, {.deadline = Clock::now() + milliseconds(10)});
            EXPECT_FALSE(result);
            EXPECT_EQ(result.error().kind(), ErrorKind::interrupted) << result.error().format();
            return overrun(begin, milliseconds(10));
        });
    }
}

TEST(Cost, CallsEndSoonAfterTheyAreCancelled) {
    for (const Work& work : long_work()) {
        Machine machine(work.module);
        const Func f = machine.func("f");
        expect_in_time(work.name, [&] {
            const CancelToken cancel;
            std::atomic<double> before = 0;  // processor time of the call when it is cancelled
            clockid_t clock;
            EXPECT_EQ(pthread_getcpuclockid(pthread_self(), &clock), 0);
            std::thread other([&] {
                std::this_thread::sleep_for(milliseconds(5));
                before = cost::now_ns(clock);
                cancel.cancel();
            });
            const auto result = f.call({}, {.cancel = cancel});
            const double end = cost::thread_ns();
            other.join();
            EXPECT_FALSE(result);
            EXPECT_EQ(result.error().kind(), ErrorKind::interrupted) << result.error().format();
            return nanoseconds(static_cast<std::int64_t>(end - before));
        });
    }
}

// One instruction that is far longer than the time.
TEST(Cost, OneInstructionIsInterrupted) {
    const Work all[] = {
        {"memory.fill", R"((module (memory 32768) (func (export "f")
            (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x7FFFFFFF)))))"},
        {"array.new", R"((module (type $a (array (mut v128))) (func (export "f")
            (drop (array.new $a (v128.const i64x2 1 2) (i32.const 60000000))))))"},
        {"array.new_default", R"((module (type $a (array (mut v128))) (func (export "f")
            (drop (array.new_default $a (i32.const 60000000))))))"},
        {"table.grow", R"((module (table 1 funcref) (func $f (export "f")
            (drop (table.grow (ref.func $f) (i32.const 9900000))))))"},
    };
    for (const Work& work : all) {
        expect_in_time(work.name, [&] {
            Machine machine(work.module, {}, {.max_total_bytes = u64{4} << 30});
            const double begin = cost::thread_ns();
            const auto result =
                machine.func("f").call({}, {.deadline = Clock::now() + milliseconds(1)});
            if (!result) {
                EXPECT_EQ(result.error().kind(), ErrorKind::interrupted);
            }
            return overrun(begin, milliseconds(1));
        });
    }
}

TEST(Cost, TranslatingIsInterruptedAndGoesOn) {
    const std::string module =
        "(module (func (export \"f\") (param i32) (result i32) local.get 0 " +
        repeat(1'000'000, "i32.const 1 i32.add ") + "))";
    const Module loaded = load(module);
    Store store;
    const Instance instance = must(store.instantiate(loaded));
    const Func f = must(instance.func("f"));
    Invocation call = must(f.start(values(Value::i32(5)), {.deadline = Clock::now()}));
    EXPECT_EQ(call.state(), Invocation::State::interrupted);
    EXPECT_EQ(loaded.code_stats().functions, 0u);
    int slices = 0;
    while (call.state() == Invocation::State::interrupted && ++slices < 10'000) {
        const auto deadline = Clock::now() + milliseconds(1);
        must(call.resume({.deadline = deadline}));
    }
    EXPECT_EQ(loaded.code_stats().functions, 1u);
    EXPECT_EQ(must(call.results())[0], Value::i32(1'000'005));
}

// Exactness: pieces change nothing -----------------------------------------------------

// Runs `f` whole and in slices of fuel; `check` afterwards must say the same.
void expect_same_in_slices(const std::string& module, u64 slice) {
    Machine whole(module), sliced(module);
    u64 used = 0, sum = 0, last = 0;
    must(whole.func("f").call({}, {.fuel = 100'000'000, .fuel_used = &used}));
    Invocation call = must(sliced.func("f").start({}, {.fuel = slice, .fuel_used = &last}));
    sum += last;
    for (int i = 0; i < 1'000'000 && call.state() == Invocation::State::out_of_fuel; ++i) {
        sliced.store.collect_garbage();
        must(call.resume({.fuel = slice, .fuel_used = &last}));
        sum += last;
    }
    ASSERT_EQ(call.state(), Invocation::State::done);
    EXPECT_EQ(sum, used);
    Machine plain(module);
    must(plain.func("f").call());
    const auto expected = must(plain.func("check").call());
    EXPECT_EQ(must(whole.func("check").call()), expected);
    EXPECT_EQ(must(sliced.func("check").call()), expected);
}

// A sum over what is in memory, a table, an array; positions count.
constexpr const char* check_memory = R"((func (export "check") (result i64) (local i32 i64)
    (loop (local.set 1 (i64.add (i64.mul (local.get 1) (i64.const 31)) (i64.load (local.get 0))))
      (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 8))) (i32.const 0x80000))))
    (local.get 1)))";

TEST(Cost, BulkInstructionsInPiecesDoTheSame) {
    const std::string begin = "(module (memory 8) (data $d \"" + repeat(150'000, "ab") + "\")" +
                              check_memory + "(func (export \"f\") (local $r (ref null $a))";
    const std::string numbers =
        "(local $i i32) (loop (i32.store (local.get $i) (local.get $i)) (br_if 0 (i32.lt_u "
        "(local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 0x80000))))";
    const std::string types = "(type $a (array (mut i32)))";
    const auto memory = [&](const std::string& body) {
        return "(module " + types + begin.substr(8) + numbers + body + "))";
    };
    for (const u64 slice : {4'097u, 30'000u}) {
        expect_same_in_slices(
            memory("(memory.fill (i32.const 5) (i32.const 77) (i32.const 400001))"), slice);
        expect_same_in_slices(
            memory("(memory.copy (i32.const 3) (i32.const 1000) (i32.const 400001))"), slice);
        expect_same_in_slices(
            memory("(memory.copy (i32.const 1000) (i32.const 3) (i32.const 400001))"), slice);
        expect_same_in_slices(
            memory("(memory.init $d (i32.const 7) (i32.const 3) (i32.const 299990))"), slice);
        // Arrays, by way of memory.
        const std::string out =
            "(local.set $i (i32.const 0)) (loop (i32.store (i32.shl (local.get $i) (i32.const 2)) "
            "(array.get $a (local.get $r) (local.get $i))) (br_if 0 (i32.lt_u (local.tee $i "
            "(i32.add (local.get $i) (i32.const 1))) (i32.const 70000))))";
        const std::string in =
            "(local.set $i (i32.const 0)) (loop (array.set $a (local.get $r) (local.get $i) "
            "(local.get $i)) (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const "
            "1))) (i32.const 70000))))";
        const std::string made = "(local.set $r (array.new_default $a (i32.const 70000)))";
        const auto array = [&](const std::string& body) { return memory(body + out); };
        expect_same_in_slices(array(made), slice);
        expect_same_in_slices(
            array("(local.set $r (array.new $a (i32.const 9) (i32.const 70000)))"), slice);
        expect_same_in_slices(
            array("(local.set $r (array.new_data $a $d (i32.const 5) (i32.const 70000)))"), slice);
        expect_same_in_slices(array(made + "(array.fill $a (local.get $r) (i32.const 3) "
                                           "(i32.const 8) (i32.const 60000))"),
                              slice);
        expect_same_in_slices(array(made + in +
                                    "(array.copy $a $a (local.get $r) (i32.const 3) (local.get $r) "
                                    "(i32.const 9000) (i32.const 60000))"),
                              slice);
        expect_same_in_slices(array(made + in +
                                    "(array.copy $a $a (local.get $r) (i32.const 9000) (local.get "
                                    "$r) (i32.const 3) (i32.const 60000))"),
                              slice);
        expect_same_in_slices(array(made + "(array.init_data $a $d (local.get $r) (i32.const 3) "
                                           "(i32.const 9) (i32.const 60000))"),
                              slice);
    }
}

TEST(Cost, TablesInPiecesAreTheSame) {
    const std::string check = R"((func (export "check") (result i32 i32) (local i32 i32)
        (loop (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31))
            (ref.is_null (table.get $t (local.get 0)))))
          (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (table.size $t))))
        (local.get 1) (table.size $t)))";
    const auto table = [&](const std::string& body) {
        return "(module (table $t 50000 funcref) (func $g) (elem declare func $g)" + check +
               "(func (export \"f\") (local i32) (loop (table.set $t (local.get 0) (ref.func $g)) "
               "(br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 3))) (i32.const "
               "50000))))" +
               body + "))";
    };
    for (const u64 slice : {4'097u, 20'000u}) {
        expect_same_in_slices(
            table("(table.fill $t (i32.const 7) (ref.null func) (i32.const 40000))"), slice);
        expect_same_in_slices(
            table("(table.copy $t $t (i32.const 7) (i32.const 10) (i32.const 40000))"), slice);
        expect_same_in_slices(
            table("(table.copy $t $t (i32.const 11) (i32.const 7) (i32.const 40000))"), slice);
        expect_same_in_slices(table("(drop (table.grow $t (ref.func $g) (i32.const 40001)))"),
                              slice);
    }
}

TEST(Cost, ATableIsGrownByOthersMeanwhile) {
    Machine machine(R"((module (table $t (export "t") 1 100000 externref)
        (func (export "grow") (param externref i32) (result i32)
          (table.grow $t (local.get 0) (local.get 1)))
        (func (export "size") (result i32) (table.size $t))))");
    const Func grow = machine.func("grow");
    const auto args = [](unsigned host, int count) {
        return values(Value::ref(externref, Ref::host(host)), Value::i32(count));
    };
    Invocation a = must(grow.start(args(1, 40'000), {.fuel = 10'000}));
    ASSERT_EQ(a.state(), Invocation::State::out_of_fuel);
    Invocation b = must(grow.start(args(2, 30'000), {.fuel = 10'000}));
    ASSERT_EQ(b.state(), Invocation::State::out_of_fuel);
    EXPECT_EQ(machine.call<int()>("size"), 1);
    EXPECT_EQ(must(grow.call(args(3, 10)))[0], Value::i32(1));
    must(b.resume());
    must(a.resume());
    EXPECT_EQ(must(b.results())[0], Value::i32(11));
    EXPECT_EQ(must(a.results())[0], Value::i32(30'011));
    const Table table = must(machine.instance.table("t"));
    EXPECT_EQ(table.size(), 70'011u);
    for (const auto& [index, host] :
         {std::pair(1, 3), {10, 3}, {11, 2}, {30'010, 2}, {30'011, 1}, {70'010, 1}})
        EXPECT_EQ(must(table.get(static_cast<u64>(index))).as_ref().host_payload(),
                  static_cast<u64>(host))
            << index;
}

TEST(Cost, ASearchForAHandlerIsInterruptedAndGoesOn) {
    const CancelToken cancel;
    Imports imports;
    imports.func("h", "cancel", [&] { cancel.cancel(); });
    Machine machine(R"((module (import "h" "cancel" (func $cancel)) (tag $t (param i32))
        (func $down (param i32)
          (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))
            (else (call $cancel) (throw $t (i32.const 42)))))
        (func (export "f") (result i32)
          (block $h (result i32)
            (try_table (catch $t $h) (call $down (i32.const 20000)))
            (i32.const 0)))))",
                    imports);
    Invocation call = must(machine.func("f").start({}, {.cancel = cancel}));
    ASSERT_EQ(call.state(), Invocation::State::interrupted);
    machine.store.collect_garbage();
    must(call.resume());
    ASSERT_EQ(call.state(), Invocation::State::done) << must(call.results()).size();
    EXPECT_EQ(must(call.results())[0], Value::i32(42));
}

// Instantiating ---------------------------------------------------------------------------

TEST(Cost, InstantiatingIsPaidForWhereItIsLargerThanTheModule) {
    const Module arrays = load(R"((module (type $a (array (mut v128)))
        (global (ref $a) (array.new_default $a (i32.const 30000000)))))");
    Store store;
    const auto poor = store.instantiate(arrays, {}, {.fuel = 1'000'000});
    ASSERT_FALSE(poor);
    EXPECT_EQ(poor.error().code(), Code::fuel_exhausted);
    expect_in_time("global", [&] {
        const double begin = cost::thread_ns();
        EXPECT_FALSE(store.instantiate(arrays, {}, {.deadline = Clock::now() + milliseconds(1)}));
        return overrun(begin, milliseconds(1));
    });
    const Module table = load("(module (table 1600 funcref) (func $s nop i32.const 1 drop) "
                              "(start $s))");
    u64 used = 0;
    must(store.instantiate(table, {}, {.fuel = 1000, .fuel_used = &used}));
    EXPECT_EQ(used, 800u + 2u);
    const auto less = store.instantiate(table, {}, {.fuel = 801, .fuel_used = &used});
    ASSERT_FALSE(less);
    EXPECT_EQ(less.error().code(), Code::fuel_exhausted);
    EXPECT_EQ(used, 801u);
}

// Host functions ---------------------------------------------------------------------------

TEST(Cost, HostFunctionsChargeForTheirWork) {
    Imports imports;
    imports.func("h", "work",
                 [](Caller& caller, std::uint64_t units) { caller.consume_fuel(units); });
    Machine machine(R"((module (import "h" "work" (func $work (param i64)))
        (func (export "f") (param i64) (call $work (local.get 0)) (drop (i32.const 1)))
        (func (export "loop") (loop (call $work (i64.const 10)) (br 0)))))",
                    imports);
    u64 used = 0;
    const Func f = machine.func("f");
    must(f.call(values(Value::i64(100)), {.fuel = 1000, .fuel_used = &used}));
    EXPECT_EQ(used, 104u);
    must(f.call(values(Value::i64(100))));  // nobody counts
    const auto out = machine.func("loop").call({}, {.fuel = 1000, .fuel_used = &used});
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code(), Code::fuel_exhausted);
    EXPECT_EQ(used, 1000u);
    // What is owed is due later.
    Invocation call = must(machine.func("loop").start({}, {.fuel = 5, .fuel_used = &used}));
    ASSERT_EQ(call.state(), Invocation::State::out_of_fuel);
    must(call.resume({.fuel = 5, .fuel_used = &used}));
    ASSERT_EQ(call.state(), Invocation::State::out_of_fuel);
    EXPECT_EQ(used, 5u);
}

// Backtraces -------------------------------------------------------------------------------

TEST(Cost, ABacktraceTranslatesEachFunctionOnce) {
    const std::string module =
        "(module (func $down (export \"f\") (param i32) (if (i32.eqz (local.get 0)) (then "
        "unreachable)) " +
        repeat(300'000, "(local.set 0 (i32.add (local.get 0) (i32.const 0)))") +
        " (call $down (i32.sub (local.get 0) (i32.const 1)))))";
    Machine machine(module);
    const Func f = machine.func("f");
    (void)f.call(values(Value::i32(0)));  // translated
    const double begin = cost::thread_ns();
    const auto one = f.call(values(Value::i32(0)));
    const double once = cost::thread_ns() - begin;
    const auto many = f.call(values(Value::i32(200)));
    const double all = cost::thread_ns() - begin - once;
    expect_trap(one, Trap::unreachable);
    expect_trap(many, Trap::unreachable);
    const std::vector<Frame>& frames = many.error().backtrace();
    ASSERT_EQ(frames.size(), 80u);
    EXPECT_EQ(frames[0].left_out, 0u);
    EXPECT_EQ(frames[40].left_out, 201u - 80u);
    EXPECT_NE(many.error().format().find("\n  ... 121 more frames\n"), std::string::npos);
    EXPECT_EQ(frames[0].offset, one.error().backtrace()[0].offset);
    EXPECT_GT(frames[1].offset, frames[0].offset);
    EXPECT_EQ(frames[79].offset, frames[1].offset);
    EXPECT_LT(all, 30 * once);  // 200 calls, and one translation instead of 80
}

TEST(Cost, ABacktraceInsideOfACallIsPaidFor) {
    Imports imports;
    std::optional<Func> thrower;
    imports.func("h", "nest", [&]() -> Result<void> {
        auto done = thrower->call();
        if (!done) return std::unexpected(done.error());
        return {};
    });
    Machine machine(
        "(module (import \"h\" \"nest\" (func $nest)) (tag $t) "
        "(func (export \"throw\") " +
            repeat(1000, "(drop (i32.add (i32.const 1) (i32.const 2)))") +
            "(throw $t)) (func (export \"f\") (loop (block $h (try_table (catch_all $h) "
            "(call $nest))) (br 0))))",
        imports);
    thrower = machine.func("throw");
    const cost::Spent spent = cost::spend(machine.func("f"), {}, 1'000'000);
    EXPECT_EQ(spent.fuel, 1'000'000u);
    EXPECT_TRUE(spent.is_bounded()) << spent.ns;
    const cost::Overrun overrun(milliseconds(20));
    EXPECT_FALSE(machine.func("f").call({}, {.deadline = Clock::now() + milliseconds(20)}));
    EXPECT_TRUE(overrun.is_bounded()) << overrun.ns();
}

}  // namespace
}  // namespace waxwing::test
