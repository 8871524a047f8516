// Random programs, run by the interpreter and by the reference evaluator.
#include <bit>
#include <cstdio>
#include <cstring>

#include "random_program.hpp"
#include "support.hpp"

namespace waxwing::test {
namespace {

using u64 = std::uint64_t;

constexpr u64 max_steps = 20'000;

struct Run {
    Result<std::vector<Value>> results;
    u64 fuel = 0;
    std::vector<u64> globals;
    std::vector<std::uint8_t> memory;
};

enum class How { plain, metered, sliced };

Run run(const Module& module, std::span<const Value> args, How how, Random& random) {
    Store store({.reserve_address_space = random.chance(50)});
    const Instance instance = must(store.instantiate(module));
    const Func f = must(instance.func("f"));
    Run run;
    switch (how) {
    case How::plain: run.results = f.call(args); break;
    case How::metered:
        run.results = f.call(args, {.fuel = max_steps * 2, .fuel_used = &run.fuel});
        break;
    case How::sliced: {
        const std::uint32_t most = random.chance(50) ? 5 : 100;
        u64 used = 0;
        Invocation invocation = must(f.start(args, {.fuel = 0, .fuel_used = &used}));
        run.fuel = used;
        for (u64 slices = 0; invocation.state() == Invocation::State::out_of_fuel; ++slices) {
            if (slices > max_steps * 2) break;
            must(invocation.resume({.fuel = 1 + random.below(most), .fuel_used = &used}));
            run.fuel += used;
        }
        run.results = invocation.results();
        break;
    }
    }
    for (int i = 0; i < 4; ++i)
        run.globals.push_back(must(instance.global("g" + std::to_string(i))).get().bits());
    const auto bytes = must(instance.memory()).data();
    run.memory.resize(bytes.size());
    std::memcpy(run.memory.data(), bytes.data(), bytes.size());
    return run;
}

// What differs between them; empty if nothing.
std::string difference(const Program& program, const Outcome& expected, const Run& given, How how) {
    if (expected.trap != Trap::none) {
        if (given.results) return std::string("no trap, expected ") + to_string(expected.trap);
        if (given.results.error().trap() != expected.trap)
            return given.results.error().format() + ", expected " + to_string(expected.trap);
    } else {
        if (!given.results) return given.results.error().format();
        const std::vector<Ty>& types = program.functions.back().results;
        if (given.results->size() != types.size()) return "number of results";
        for (std::size_t i = 0; i < types.size(); ++i) {
            const Value& value = (*given.results)[i];
            if (value.type() != val_type(types[i])) return "type of result " + std::to_string(i);
            if (!same(types[i], value.bits(), expected.results[i]))
                return "result " + std::to_string(i) + ": " + to_string(value) + ", expected " +
                       to_string(Value::number(val_type(types[i]), expected.results[i]));
        }
        if (how != How::plain && given.fuel != expected.steps)
            return "fuel: " + std::to_string(given.fuel) + ", expected " +
                   std::to_string(expected.steps);
    }
    if (given.globals != expected.globals) return "globals";
    if (given.memory != expected.memory) return "memory";
    return {};
}

// Four runs of one program: by seed, so that a failure can be looked at alone.
void check_program(u64 seed, int& finished, int& trapped) {
    const Program program = random_program(seed);
    const std::string text = program.text();
    auto bytes = parse_wat(text);
    ASSERT_TRUE(bytes) << "seed " << seed << ": " << bytes.error().message() << "\n" << text;
    auto module = Module::load(*bytes);
    ASSERT_TRUE(module) << "seed " << seed << ": " << module.error().format() << "\n" << text;
    Random random(seed + 1);
    for (int call = 0; call < 2; ++call) {
        std::vector<Value> args;
        std::vector<u64> bits;
        for (const Ty type : program.functions.back().params) {
            bits.push_back(random_value(random, type));
            args.push_back(Value::number(val_type(type), bits.back()));
        }
        const Outcome expected = evaluate(program, bits, max_steps);
        if (!expected.finished) continue;
        ++finished;
        trapped += expected.trap != Trap::none;
        for (const How how : {How::plain, How::metered, How::sliced}) {
            const Run given = run(*module, args, how, random);
            const std::string what = difference(program, expected, given, how);
            std::string shown;
            for (const Value& arg : args)
                shown += " " + to_string(arg);
            ASSERT_EQ(what, "") << "seed " << seed << ", run " << static_cast<int>(how)
                                << ", arguments" << shown << "\n"
                                << text;
        }
    }
}

TEST(RandomProgram, ResultsTrapsFuelAndEffectsAreThoseOfTheReference) {
    const char* const only = std::getenv("WAXWING_SEED");
    const char* const count = std::getenv("WAXWING_PROGRAMS");
    const u64 first = only ? std::strtoull(only, nullptr, 10) : 1;
    const u64 last = only ? first : count ? std::strtoull(count, nullptr, 10) : 10'000;
    int finished = 0, trapped = 0;
    for (u64 seed = first; seed <= last && !HasFatalFailure(); ++seed)
        check_program(seed, finished, trapped);
    RecordProperty("finished", finished);
    RecordProperty("trapped", trapped);
    if (only || HasFatalFailure()) return;
    // The generator is worth something only if most programs run to an end, and some trap.
    EXPECT_GT(finished, static_cast<int>(last) * 3 / 2);
    EXPECT_GT(trapped, static_cast<int>(last) / 50);
    EXPECT_LT(trapped, static_cast<int>(last));
}

// Every numeric instruction with its operands in every place.

TEST(NumericOps, EveryInstructionGivesTheSameFromLocalsConstantsAndResults) {
    Random random(7);
    for (const NumericOp& op : numeric_ops()) {
        const std::string t = name_of(op.operand);
        // x + 0 keeps what it is as an integer; a float goes through select.
        const auto computed = [&](int local) {
            const std::string get = "local.get " + std::to_string(local);
            return get + " " + get + " i32.const 1 select ";
        };
        for (int round = 0; round < 12; ++round) {
            const u64 a = random_value(random, op.operand);
            const u64 b = random_value(random, op.operand);
            if (op.shows_nan && (is_nan(op.operand, a) || is_nan(op.operand, b))) continue;
            const auto const_text = [&](u64 bits) {
                if (op.operand == Ty::i32 || op.operand == Ty::i64)
                    return t + ".const " + std::to_string(bits) + " ";
                char digits[64];
                const double v =
                    op.operand == Ty::f32
                        ? double{std::bit_cast<float>(static_cast<std::uint32_t>(bits))}
                        : std::bit_cast<double>(bits);
                std::snprintf(digits, sizeof digits, "%a", v);
                return t + ".const " + (is_nan(op.operand, bits) ? "nan" : digits) + " ";
            };
            std::vector<std::string> first = {"local.get 0 ", const_text(a), computed(0)};
            std::vector<std::string> second = {"local.get 1 ", const_text(b), computed(1)};
            if (op.operands == 1) second = {""};
            std::string text = "(module";
            int count = 0;
            for (const std::string& lhs : first) {
                for (const std::string& rhs : second) {
                    const std::string param = " (param " + t + " " + t + ")";
                    const std::string result = name_of(op.result);
                    // The result returned, put into a local, and used by a branch.
                    text += "(func (export \"" + std::to_string(count++) + "\")" + param +
                            "(result " + result + ") " + lhs + rhs + op.name + ")";
                    text += "(func (export \"" + std::to_string(count++) + "\")" + param +
                            "(result " + result + ") (local " + result + ") " + lhs + rhs +
                            op.name + " local.set 2 local.get 2)";
                    if (op.result != Ty::i32) continue;
                    text += "(func (export \"" + std::to_string(count++) + "\")" + param +
                            "(result i32) " + lhs + rhs + op.name +
                            " if (result i32) i32.const 1 else i32.const 0 end)";
                    text += "(func (export \"" + std::to_string(count++) + "\")" + param +
                            "(result i32) block i32.const 1 " + lhs + rhs + op.name +
                            " i32.eqz br_if 0 return end i32.const 0)";
                }
            }
            text += ")";
            Machine machine(text);
            Trap trap = Trap::none;
            const u64 expected = op.eval(a, b, trap);
            for (int i = 0; i < count; ++i) {
                const bool as_condition = op.result == Ty::i32 && i % 4 >= 2;
                const auto given = machine.func(std::to_string(i))
                                       .call(values(Value::number(val_type(op.operand), a),
                                                    Value::number(val_type(op.operand), b)));
                if (trap != Trap::none) {
                    expect_trap(given, trap);
                    continue;
                }
                ASSERT_TRUE(given) << given.error().format();
                const u64 wanted = as_condition ? expected != 0 : expected;
                ASSERT_TRUE(same(op.result, (*given)[0].bits(), wanted))
                    << op.name << " variant " << i << " of " << std::hex << a << " and " << b
                    << ": " << (*given)[0].bits() << ", expected " << wanted;
            }
        }
    }
}

}  // namespace
}  // namespace waxwing::test
