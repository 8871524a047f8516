#include "random_program.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

namespace waxwing::test {

using u32 = std::uint32_t;
using u64 = std::uint64_t;
using Kind = Node::Kind;

u64 Random::bits() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ * 0x2545F4914F6CDD1D;
}

u64 random_value(Random& random, Ty type) {
    constexpr u64 integers[] = {0,
                                1,
                                2,
                                7,
                                31,
                                32,
                                63,
                                64,
                                255,
                                0x7F,
                                0x80,
                                0x7FFF,
                                0x8000,
                                0xFFFF,
                                0x7FFFFFFF,
                                0x80000000,
                                0xFFFFFFFF,
                                0x100000000,
                                0x7FFFFFFFFFFFFFFF,
                                0x8000000000000000,
                                0xFFFFFFFFFFFFFFFF};
    constexpr double inf = std::numeric_limits<double>::infinity();
    constexpr double floats[] = {0.0,
                                 -0.0,
                                 1.0,
                                 -1.0,
                                 0.5,
                                 1.5,
                                 2.5,
                                 -0.5,
                                 3.25,
                                 -7.75,
                                 100.0,
                                 2147483647.0,
                                 2147483648.0,
                                 -2147483648.0,
                                 4294967295.0,
                                 4294967296.0,
                                 9223372036854775808.0,
                                 -9223372036854775808.0,
                                 18446744073709551616.0,
                                 1e-40,
                                 1e-310,
                                 1e30,
                                 -1e300,
                                 inf,
                                 -inf,
                                 std::numeric_limits<double>::quiet_NaN()};
    if (type == Ty::i32 || type == Ty::i64) {
        u64 value = random.chance(50) ? integers[random.below(std::size(integers))]
                                      : random.bits() >> random.below(64);
        if (random.chance(20)) value = -value;
        return type == Ty::i32 ? value & 0xFFFFFFFF : value;
    }
    const double value = random.chance(60)
                             ? floats[random.below(std::size(floats))]
                             : static_cast<double>(static_cast<std::int64_t>(random.bits())) /
                                   static_cast<double>(u64{1} << random.below(63));
    if (type == Ty::f64) return std::bit_cast<u64>(value);
    return std::bit_cast<u32>(static_cast<float>(value));
}

namespace {

// The types that a program likes. Where there are few, values meet more often.
using Palette = std::array<Ty, 4>;

// Writes a function body from left to right, knowing what is on the stack.
class Writer {
public:
    Writer(Random& random, const Palette& palette, const Program& program, Function& function)
        : random_(random), palette_(palette), program_(program), function_(function) {
        locals_ = function.params;
        locals_.insert(locals_.end(), function.locals.begin(), function.locals.end());
        visible_ = static_cast<u32>(locals_.size());
    }

    void write() {
        budget_ = 20 + random_.below(150);
        labels_.push_back({function_.results, 0, false});
        function_.body = sequence({}, function_.results);
        function_.locals.assign(
            locals_.begin() + static_cast<std::ptrdiff_t>(function_.params.size()), locals_.end());
    }

private:
    struct Label {
        std::vector<Ty> types;  // what a branch to it carries
        u32 counter;            // of a loop: the local that bounds it
        bool is_loop;
    };
    using Nodes = std::vector<Node>;

    Ty any_type() { return palette_[random_.below(4)]; }
    std::vector<Ty> any_types(u32 most) {
        std::vector<Ty> types(random_.below(most + 1));
        for (Ty& type : types)
            type = any_type();
        return types;
    }

    // Instructions, and what they do to the stack ------------------------------

    void put(Node node) { nodes_->push_back(std::move(node)); }
    void push(Node node, Ty type) {
        put(std::move(node));
        stack_.push_back(type);
    }
    void pop(std::size_t count = 1) { stack_.resize(stack_.size() - count); }
    void constant(Ty type, u64 bits) {
        push({.kind = Kind::constant, .type = type, .bits = bits}, type);
    }
    void get(u32 local) { push({.kind = Kind::local_get, .index = local}, locals_[local]); }
    void tee(u32 local) { put({.kind = Kind::local_tee, .index = local}); }
    void numeric(const char* name) {
        const auto ops = numeric_ops();
        numeric(
            *std::find_if(ops.begin(), ops.end(), [&](const auto& op) { return op.name == name; }));
    }
    void numeric(const NumericOp& op) {
        pop(static_cast<std::size_t>(op.operands));
        push({.kind = Kind::numeric, .op = &op}, op.result);
    }
    bool top_is(std::initializer_list<Ty> types) const { return top_is(std::vector<Ty>(types)); }
    bool top_is(const std::vector<Ty>& types) const {
        return types.size() <= stack_.size() &&
               std::equal(types.rbegin(), types.rend(), stack_.rbegin());
    }
    u32 new_local(Ty type) {
        locals_.push_back(type);
        return static_cast<u32>(locals_.size() - 1);
    }
    // A local of the type that the program may change; one is made if there is none.
    u32 local_of(Ty type) {
        std::vector<u32> fit;
        for (u32 i = 0; i < visible_; ++i)
            if (locals_[i] == type) fit.push_back(i);
        return fit.empty() ? new_local(type) : fit[random_.below(static_cast<u32>(fit.size()))];
    }

    // Something of the type, from nothing.
    void value(Ty type) {
        switch (random_.below(4)) {
        case 0: return constant(type, random_value(random_, type));
        case 1:
            for (u32 i = 0; i < program_.globals.size(); ++i) {
                if (program_.globals[i] == type && random_.chance(60))
                    return push({.kind = Kind::global_get, .index = i}, type);
            }
            [[fallthrough]];
        default: return get(local_of(type));
        }
    }
    void values(const std::vector<Ty>& types) {
        // Some of them may be there already.
        std::size_t have = 0;
        for (std::size_t n = std::min(types.size(), stack_.size()); n > 0 && have == 0; --n)
            if (std::equal(types.begin(), types.begin() + static_cast<std::ptrdiff_t>(n),
                           stack_.end() - static_cast<std::ptrdiff_t>(n)))
                have = n;
        for (std::size_t i = have; i < types.size(); ++i)
            value(types[i]);
    }

    // A NaN on top becomes 1.5: which NaN it is, the specification leaves open.
    void settle_nan(Ty type) {
        const u32 local = local_of(type);
        const bool wide = type == Ty::f64;
        tee(local);
        constant(type, wide ? std::bit_cast<u64>(1.5) : std::bit_cast<u32>(1.5f));
        get(local);
        get(local);
        numeric(wide ? "f64.eq" : "f32.eq");
        put({.kind = Kind::select});
        pop(2);
    }
    static bool is_float(Ty type) { return type == Ty::f32 || type == Ty::f64; }

    void operation() {
        const auto ops = numeric_ops();
        for (int attempt = 0; attempt < 40; ++attempt) {
            const NumericOp& op = ops[random_.below(static_cast<u32>(ops.size()))];
            const bool may_trap = op.name.find("div") != std::string::npos ||
                                  op.name.find("rem") != std::string::npos ||
                                  op.name.find("trunc_f") != std::string::npos;
            if (may_trap && !random_.chance(25)) continue;
            if (stack_.empty() || stack_.back() != op.operand) continue;
            const bool both = top_is({op.operand, op.operand});
            if (op.operands == 2 && (!both || random_.chance(30))) value(op.operand);
            if (op.shows_nan) settle_nan(op.operand);
            return numeric(op);
        }
    }

    // An address: mostly a valid one.
    void address() {
        if (!top_is({Ty::i32})) value(Ty::i32);
        if (random_.chance(97)) {
            constant(Ty::i32, random_.chance(50) ? 0xFF8 : 0xFFF8);
            numeric("i32.and");
        }
    }
    u64 any_offset() { return random_.chance(97) ? random_.below(16) : random_.bits() >> 32; }
    void load() {
        if (random_.chance(15))
            constant(Ty::i32, random_.below(65528));
        else
            address();
        const Access& access = loads[random_.below(loads.size())];
        pop();
        push({.kind = Kind::load, .bits = any_offset(), .access = &access}, access.type);
        if (is_float(access.type)) settle_nan(access.type);  // it may hold any bits
    }
    void store() {
        const Access& access = stores[random_.below(stores.size())];
        if (random_.chance(15))
            constant(Ty::i32, random_.below(65528));
        else
            address();
        if (access.type == Ty::i32 && random_.chance(20)) {  // the address is the value
            const u32 local = local_of(Ty::i32);
            tee(local);
            get(local);
        } else {
            value(access.type);
            if (random_.chance(50)) {
                value(access.type);
                numeric((name_of(access.type) + std::string(random_.chance(50) ? ".add" : ".sub"))
                            .c_str());
            }
        }
        if (is_float(access.type)) settle_nan(access.type);
        put({.kind = Kind::store, .bits = any_offset(), .access = &access});
        pop(2);
    }
    // Blocks ---------------------------------------------------------------------

    // A body with `params` on its own stack at first, leaving `results`.
    Nodes sequence(const std::vector<Ty>& params, const std::vector<Ty>& results) {
        Nodes nodes;
        Nodes* const outer = std::exchange(nodes_, &nodes);
        std::vector<Ty> below = std::exchange(stack_, params);
        bool open = true;
        for (u32 n = 1 + random_.below(14); n > 0 && open && budget_ > 0; --n) {
            --budget_;
            open = instruction();
        }
        if (open) finish(results);
        stack_ = std::move(below);
        nodes_ = outer;
        return nodes;
    }

    // Leaves exactly `results`.
    void finish(const std::vector<Ty>& results) {
        if (stack_ == results) return;
        if (top_is(results) && random_.chance(70) && !labels_.back().is_loop) {
            put({.kind = Kind::br, .index = 0});  // drops what is below
            return;
        }
        while (stack_.size() > results.size() ||
               !std::equal(stack_.begin(), stack_.end(), results.begin())) {
            put({.kind = Kind::drop});
            pop();
        }
        while (stack_.size() < results.size())
            value(results[stack_.size()]);
    }

    void block(Kind kind) {
        if (labels_.size() > 6) return;
        if (kind == Kind::if_) condition();
        Node node{.kind = kind};
        const u32 taken = kind == Kind::if_ ? 1 : 0;
        const auto most = static_cast<u32>(std::min<std::size_t>(stack_.size() - taken, 3));
        const u32 count = random_.below(most + 1);
        const auto end = stack_.end() - taken;
        node.params.assign(end - count, end);
        node.results = any_types(random_.chance(20) ? 3 : 1);
        const bool no_else = kind == Kind::if_ && random_.chance(40);
        if (no_else) node.results = node.params;
        pop(count + taken);
        u32 counter = 0;
        if (kind == Kind::loop) {
            counter = new_local(Ty::i32);
            // Set before the parameters would be cleaner; they stay where they are.
            put({.kind = Kind::constant, .type = Ty::i32, .bits = 1 + random_.below(4)});
            put({.kind = Kind::local_set, .index = counter});
        }
        labels_.push_back(
            {kind == Kind::loop ? node.params : node.results, counter, kind == Kind::loop});
        node.body = sequence(node.params, node.results);
        if (kind == Kind::if_ && !no_else) node.otherwise = sequence(node.params, node.results);
        labels_.pop_back();
        std::vector<Ty> results = node.results;
        put(std::move(node));
        stack_.insert(stack_.end(), results.begin(), results.end());
    }

    void condition() {
        if (!top_is({Ty::i32}) || random_.chance(30)) value(Ty::i32);
        if (random_.chance(40)) {
            value(Ty::i32);
            constexpr const char* names[] = {"i32.lt_s", "i32.ge_u", "i32.eq", "i32.gt_s",
                                             "i32.and"};
            numeric(names[random_.below(5)]);
        }
        if (random_.chance(25)) numeric("i32.eqz");
    }

    // On the way back to a loop its counter goes down; at zero, on is the way.
    void loop_condition(u32 counter) {
        get(counter);
        constant(Ty::i32, 1);
        numeric("i32.sub");
        tee(counter);
        if (random_.chance(50)) {
            constant(Ty::i32, 0);
            numeric("i32.gt_s");
        } else if (random_.chance(50)) {
            constant(Ty::i32, 0);
            numeric("i32.le_s");
            numeric("i32.eqz");
        } else {
            constant(Ty::i32, 31);
            numeric("i32.shr_s");
            numeric("i32.eqz");
            get(counter);
            numeric("i32.and");
        }
    }

    void branch_if() {
        const u32 depth = random_.below(static_cast<u32>(labels_.size()));
        const Label label = labels_[labels_.size() - 1 - depth];
        values(label.types);
        if (label.is_loop)
            loop_condition(label.counter);
        else
            condition_on_top();
        put({.kind = Kind::br_if, .index = depth});
        pop();
    }
    void condition_on_top() {
        value(Ty::i32);
        if (random_.chance(50)) {
            value(Ty::i32);
            constexpr const char* names[] = {"i32.lt_u", "i32.le_s", "i32.ne", "i32.gt_u",
                                             "i32.xor"};
            numeric(names[random_.below(5)]);
        } else if (random_.chance(30)) {
            const Ty type = any_type();
            value(type);
            value(type);
            numeric((std::string(name_of(type)) + (is_float(type) ? ".lt" : ".lt_s")).c_str());
            numeric(random_.chance(50) ? "i32.and" : "i32.ne");
        }
        if (random_.chance(25)) numeric("i32.eqz");
    }

    // An end of the sequence before its end.
    void leave() {
        const u32 depth = random_.below(static_cast<u32>(labels_.size()));
        const Label label = labels_[labels_.size() - 1 - depth];
        switch (random_.below(5)) {
        case 0: put({.kind = Kind::unreachable}); break;
        case 1:
            values(function_.results);
            put({.kind = Kind::return_});
            break;
        case 2:
        case 3:
            if (!label.is_loop) {
                values(label.types);
                put({.kind = Kind::br, .index = depth});
                break;
            }
            [[fallthrough]];
        default: {
            std::vector<u32> same;
            u32 fallback = static_cast<u32>(labels_.size() - 1);
            for (u32 d = 0; d < labels_.size(); ++d) {
                const Label& other = labels_[labels_.size() - 1 - d];
                if (other.types == function_.results && !other.is_loop) same.push_back(d);
            }
            values(function_.results);
            value(Ty::i32);
            if (random_.chance(60)) {
                constant(Ty::i32, 3);
                numeric("i32.and");
            }
            Node node{.kind = Kind::br_table, .index = fallback};
            for (u32 n = random_.below(5); n > 0; --n)
                node.labels.push_back(same[random_.below(static_cast<u32>(same.size()))]);
            put(std::move(node));
            break;
        }
        }
        while (random_.chance(40))
            put({.kind = Kind::dead, .index = random_.below(5)});
    }

    void call() {
        const auto own = static_cast<u32>(&function_ - program_.functions.data());
        if (own == 0) return;
        const u32 callee = random_.below(own);
        const Function& function = program_.functions[callee];
        values(function.params);
        const bool indirect = random_.chance(40);
        if (indirect) {
            u32 element = callee;
            if (random_.chance(3))
                element = static_cast<u32>(program_.functions.size()) + random_.below(3);
            if (random_.chance(3)) element = random_.below(own);
            constant(Ty::i32, element);
            if (random_.chance(50)) {
                value(Ty::i32);
                constant(Ty::i32, 0);
                numeric("i32.and");
                numeric("i32.or");
            }
            put({.kind = Kind::call_indirect,
                 .params = function.params,
                 .results = function.results});
            pop();
        } else {
            put({.kind = Kind::call, .index = callee});
        }
        pop(function.params.size());
        stack_.insert(stack_.end(), function.results.begin(), function.results.end());
    }
    bool tail_call() {
        const auto own = static_cast<u32>(&function_ - program_.functions.data());
        for (u32 callee = 0; callee < own; ++callee) {
            const Function& function = program_.functions[callee];
            if (function.results != function_.results) continue;
            values(function.params);
            put({.kind = Kind::return_call, .index = callee});
            return true;
        }
        return false;
    }

    // False if what follows it cannot be reached.
    bool instruction() {
        switch (random_.below(30)) {
        case 0:
        case 1:
        case 2:
        case 3: value(any_type()); return true;
        case 4: {
            const Ty type = stack_.empty() ? any_type() : stack_.back();
            value(type);  // likely operands
            value(type);
            return true;
        }
        case 5:
        case 6:
        case 7:
            if (stack_.empty()) return true;
            put({.kind = Kind::local_set, .index = local_of(stack_.back())});
            pop();
            return true;
        case 8:
        case 9:
            if (!stack_.empty()) tee(local_of(stack_.back()));
            return true;
        case 10:
            for (u32 i = 0; i < program_.globals.size(); ++i) {
                if (stack_.empty() || program_.globals[i] != stack_.back()) continue;
                if (is_float(stack_.back())) settle_nan(stack_.back());
                put({.kind = Kind::global_set, .index = i});
                pop();
            }
            return true;
        case 11: load(); return true;
        case 12: store(); return true;
        case 13:
            if (!stack_.empty() && random_.chance(50))
                put({.kind = Kind::drop}), pop();
            else
                put({.kind = Kind::nop});
            return true;
        case 14: {
            const Ty type = stack_.empty() ? any_type() : stack_.back();
            values({type, type});
            condition_on_top();
            put({.kind = Kind::select});
            pop(2);
            return true;
        }
        case 15: block(Kind::block); return true;
        case 16: block(Kind::loop); return true;
        case 17:
        case 18: block(Kind::if_); return true;
        case 19:
        case 20: branch_if(); return true;
        case 21: call(); return true;
        case 22:
            if (random_.chance(50)) return true;
            if (random_.chance(30)) return !tail_call();
            leave();
            return false;
        default: operation(); return true;
        }
    }

    Random& random_;
    const Palette& palette_;
    const Program& program_;
    Function& function_;
    std::vector<Ty> locals_;
    u32 visible_;  // the locals after these are counters, or made for one place
    std::vector<Ty> stack_;
    std::vector<Label> labels_;
    Nodes* nodes_ = nullptr;
    u32 budget_ = 0;
};

}  // namespace

Program random_program(u64 seed) {
    Random random(seed);
    Palette palette = {Ty::i32, Ty::i64, Ty::f32, Ty::f64};
    if (random.chance(60)) palette = {Ty::i32, Ty::i32, Ty::i32, palette[random.below(4)]};
    const auto types = [&](u32 most) {
        std::vector<Ty> made(random.below(most + 1));
        for (Ty& type : made)
            type = palette[random.below(4)];
        return made;
    };
    Program program;
    program.globals = {Ty::i32, Ty::i64, Ty::f32, Ty::f64};
    program.functions.resize(1 + random.below(4));
    for (Function& function : program.functions)
        function = {types(4), types(random.chance(30) ? 4 : 1), types(5), {}};
    for (Function& function : program.functions)
        Writer(random, palette, program, function).write();
    return program;
}

}  // namespace waxwing::test
