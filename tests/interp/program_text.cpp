// Programs in the text format.
#include <bit>
#include <cstdio>

#include "reference.hpp"

namespace waxwing::test {

using u32 = std::uint32_t;
using u64 = std::uint64_t;
using Kind = Node::Kind;

namespace {

std::string list(const char* word, const std::vector<Ty>& types) {
    if (types.empty()) return {};
    std::string text = std::string(" (") + word;
    for (const Ty type : types)
        text += std::string(" ") + name_of(type);
    return text + ")";
}

std::string float_text(Ty type, u64 bits) {
    const bool narrow = type == Ty::f32;
    const u64 fraction = narrow ? bits & 0x7FFFFF : bits & 0xFFFFFFFFFFFFF;
    const u64 exponent = narrow ? bits >> 23 & 0xFF : bits >> 52 & 0x7FF;
    const std::string sign = (narrow ? bits >> 31 : bits >> 63) ? "-" : "";
    if (exponent == (narrow ? 0xFFu : 0x7FFu)) return sign + (fraction ? "nan" : "inf");
    char digits[64];
    const double value =
        narrow ? std::bit_cast<float>(static_cast<u32>(bits)) : std::bit_cast<double>(bits);
    std::snprintf(digits, sizeof digits, "%a", value);
    return digits;
}

void write(std::string& out, const std::vector<Node>& nodes, int depth) {
    constexpr const char* words[] = {"",
                                     "",
                                     "local.get",
                                     "local.set",
                                     "local.tee",
                                     "global.get",
                                     "global.set",
                                     "",
                                     "",
                                     "drop",
                                     "select",
                                     "nop",
                                     "unreachable",
                                     "return",
                                     "block",
                                     "loop",
                                     "if",
                                     "br",
                                     "br_if",
                                     "br_table",
                                     "call",
                                     "call_indirect",
                                     "return_call",
                                     ""};
    constexpr const char* dead[] = {"i32.add drop", "br_if 0 drop unreachable", "f64.const 1 drop",
                                    "i32.load drop", "block unreachable i64.mul drop end"};
    for (const Node& node : nodes) {
        out.append(static_cast<std::size_t>(depth) * 2, ' ');
        out += words[static_cast<int>(node.kind)];
        switch (node.kind) {
        case Kind::constant:
            out += std::string(name_of(node.type)) + ".const ";
            out += node.type == Ty::f32 || node.type == Ty::f64 ? float_text(node.type, node.bits)
                                                                : std::to_string(node.bits);
            break;
        case Kind::numeric: out += node.op->name; break;
        case Kind::load:
        case Kind::store:
            out += std::string(node.access->name) + " offset=" + std::to_string(node.bits);
            break;
        case Kind::local_get:
        case Kind::local_set:
        case Kind::local_tee:
        case Kind::global_get:
        case Kind::global_set:
        case Kind::br:
        case Kind::br_if:
        case Kind::call:
        case Kind::return_call: out += " " + std::to_string(node.index); break;
        case Kind::br_table:
            for (const u32 label : node.labels)
                out += " " + std::to_string(label);
            out += " " + std::to_string(node.index);
            break;
        case Kind::call_indirect:
            out += list("param", node.params) + list("result", node.results);
            break;
        case Kind::block:
        case Kind::loop:
        case Kind::if_:
            out += list("param", node.params) + list("result", node.results) + "\n";
            write(out, node.body, depth + 1);
            if (!node.otherwise.empty()) {
                out += "else\n";
                write(out, node.otherwise, depth + 1);
            }
            out += "end";
            break;
        case Kind::dead: out += dead[node.index]; break;
        default: break;
        }
        out += '\n';
    }
}

}  // namespace

std::string Program::text() const {
    std::string out = "(module (memory (export \"memory\") 1 1)\n";
    for (std::size_t i = 0; i < globals.size(); ++i) {
        const std::string type = name_of(globals[i]);
        out += "(global (export \"g" + std::to_string(i) + "\") (mut " + type + ") (" + type +
               ".const 0))\n";
    }
    out += "(table " + std::to_string(functions.size() + 1) + " funcref)\n(elem (i32.const 0) func";
    for (std::size_t i = 0; i < functions.size(); ++i)
        out += " " + std::to_string(i);
    out += ")\n";
    for (const Function& function : functions) {
        const bool last = &function == &functions.back();
        out += std::string("(func") + (last ? " (export \"f\")" : "") +
               list("param", function.params) + list("result", function.results) +
               list("local", function.locals) + "\n";
        write(out, function.body, 1);
        out += ")\n";
    }
    return out + ")\n";
}

}  // namespace waxwing::test
