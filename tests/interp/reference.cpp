#include "reference.hpp"

#include <cstring>

namespace waxwing::test {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

struct Evaluator {
    const Program& program;
    u64 max_steps;
    Outcome out;
    std::vector<u64> stack;

    // How a sequence ended: by itself, by a branch that has yet to pass `depth`
    // labels, or for good (a return, a trap, too many steps).
    struct Flow {
        enum { next, branch, return_, stop } how = next;
        u32 depth = 0;
    };

    u64 pop() {
        const u64 value = stack.back();
        stack.pop_back();
        return value;
    }
    Flow trap(Trap why) {
        out.trap = why;
        return {Flow::stop};
    }
    // The top `count` values replace everything above `height`.
    void unwind(std::size_t height, std::size_t count) {
        stack.erase(stack.begin() + static_cast<std::ptrdiff_t>(height),
                    stack.end() - static_cast<std::ptrdiff_t>(count));
    }

    Flow sequence(const std::vector<Node>& nodes, std::vector<u64>& locals) {
        for (const Node& node : nodes) {
            const Flow flow = step(node, locals);
            if (flow.how != Flow::next) return flow;
        }
        return {};
    }

    Flow labelled(const Node& node, const std::vector<Node>& body, std::vector<u64>& locals) {
        const std::size_t height = stack.size() - node.params.size();
        while (true) {
            const Flow flow = sequence(body, locals);
            if (flow.how != Flow::branch) return flow;
            if (flow.depth > 0) return {Flow::branch, flow.depth - 1};
            const bool again = node.kind == Node::Kind::loop;
            unwind(height, again ? node.params.size() : node.results.size());
            if (!again) return {};
        }
    }

    Flow invoke(u32 index) {
        const Function& function = program.functions[index];
        const std::size_t height = stack.size() - function.params.size();
        std::vector<u64> locals(stack.begin() + static_cast<std::ptrdiff_t>(height), stack.end());
        locals.resize(function.params.size() + function.locals.size());
        out.steps += function.locals.size() / 8;  // what clearing them costs
        const Flow flow = sequence(function.body, locals);
        if (flow.how == Flow::stop) return flow;
        unwind(height, function.results.size());
        return {};
    }

    Flow step(const Node& node, std::vector<u64>& locals) {
        using enum Node::Kind;
        const bool free = node.kind == block || node.kind == loop || node.kind == nop;
        out.steps += !free;
        if (out.steps > max_steps) {
            out.finished = false;
            return {Flow::stop};
        }
        switch (node.kind) {
        case constant: stack.push_back(node.bits); return {};
        case numeric: {
            Trap why = Trap::none;
            const u64 b = node.op->operands == 2 ? pop() : 0;
            const u64 a = pop();
            const u64 result = node.op->eval(a, b, why);
            if (why != Trap::none) return trap(why);
            stack.push_back(result);
            return {};
        }
        case local_get: stack.push_back(locals[node.index]); return {};
        case local_set: locals[node.index] = pop(); return {};
        case local_tee: locals[node.index] = stack.back(); return {};
        case global_get: stack.push_back(out.globals[node.index]); return {};
        case global_set: out.globals[node.index] = pop(); return {};
        case load: {
            const u64 at = pop() + node.bits;
            if (at + node.access->width > out.memory.size())
                return trap(Trap::memory_out_of_bounds);
            u64 value = 0;
            for (u32 i = 0; i < node.access->width; ++i)
                value |= u64{out.memory[at + i]} << 8 * i;
            const u32 bits = node.access->width * 8u;
            if (node.access->sign && value >> (bits - 1)) value |= ~u64{0} << (bits - 1);
            stack.push_back(node.access->type == Ty::i32 ? value & 0xFFFFFFFF : value);
            return {};
        }
        case store: {
            const u64 value = pop();
            const u64 at = pop() + node.bits;
            if (at + node.access->width > out.memory.size())
                return trap(Trap::memory_out_of_bounds);
            for (u32 i = 0; i < node.access->width; ++i)
                out.memory[at + i] = static_cast<std::uint8_t>(value >> 8 * i);
            return {};
        }
        case drop: pop(); return {};
        case select: {
            const u64 condition = pop(), b = pop(), a = pop();
            stack.push_back(condition ? a : b);
            return {};
        }
        case nop: return {};
        case unreachable: return trap(Trap::unreachable);
        case return_: return {Flow::return_};
        case block:
        case loop: return labelled(node, node.body, locals);
        case if_: return labelled(node, pop() ? node.body : node.otherwise, locals);
        case br: return {Flow::branch, node.index};
        case br_if: return pop() ? Flow{Flow::branch, node.index} : Flow{};
        case br_table: {
            const u64 i = pop();
            return {Flow::branch, i < node.labels.size() ? node.labels[i] : node.index};
        }
        case call: return invoke(node.index);
        case return_call: {
            const Flow flow = invoke(node.index);
            return flow.how == Flow::stop ? flow : Flow{Flow::return_};
        }
        case call_indirect: {
            const u64 i = pop();
            if (i > program.functions.size()) return trap(Trap::undefined_element);
            if (i == program.functions.size()) return trap(Trap::uninitialized_element);
            const Function& function = program.functions[i];
            if (function.params != node.params || function.results != node.results)
                return trap(Trap::indirect_call_type_mismatch);
            return invoke(static_cast<u32>(i));
        }
        case dead: break;
        }
        return trap(Trap::none);  // code after a branch was reached: the test is wrong
    }
};

}  // namespace

Outcome evaluate(const Program& program, const std::vector<u64>& args, u64 max_steps) {
    Evaluator evaluator{program, max_steps, {}, args};
    Outcome& out = evaluator.out;
    out.finished = true;
    out.globals.resize(program.globals.size());
    out.memory.resize(65536);
    evaluator.invoke(static_cast<u32>(program.functions.size() - 1));
    out.results = evaluator.stack;
    return out;
}

}  // namespace waxwing::test
