#include "core/opcode.hpp"

namespace waxwing {

// Not constexpr: reaching one of these while the table is made stops compilation.
void unknown_operand_type();
void encoding_used_twice();

namespace {

consteval OperandType parse_operand(std::string_view word) {
    if (word == "i32") return OperandType::i32;
    if (word == "i64") return OperandType::i64;
    if (word == "f32") return OperandType::f32;
    if (word == "f64") return OperandType::f64;
    if (word == "v128") return OperandType::v128;
    if (word == "addr") return OperandType::addr;
    unknown_operand_type();
    return OperandType::none;
}

// "i32 i32 -> i32"
consteval FixedType parse_type(std::string_view text) {
    FixedType type;
    bool results = false;
    while (!text.empty()) {
        const usize space = text.find(' ');
        const std::string_view word = text.substr(0, space);
        text = space == text.npos ? "" : text.substr(space + 1);
        if (word == "->")
            results = true;
        else if (results)
            type.outputs[type.output_count++] = parse_operand(word);
        else if (!word.empty())
            type.inputs[type.input_count++] = parse_operand(word);
    }
    return type;
}

template <usize size>
using CodeMap = std::array<u16, size>;
constexpr u16 no_opcode = 0xFFFF;

template <u32 prefix, usize size>
consteval CodeMap<size> make_map() {
    CodeMap<size> map;
    map.fill(no_opcode);
    constexpr u32 encodings[] = {
#define OP(ident, name, encoding, ...) encoding,
#define RULE(ident, name, encoding, ...) encoding,
#define LEGACY(ident, name, encoding, ...) encoding,
#include "core/opcodes.def"
    };
    for (usize i = 0; i < opcode_count; ++i) {
        if (encodings[i] >> 16 != prefix) continue;
        u16& entry = map[encodings[i] & 0xFFFF];
        if (entry != no_opcode) encoding_used_twice();
        entry = static_cast<u16>(i);
    }
    return map;
}

constexpr auto one_byte = make_map<0, 256>();
constexpr auto prefix_fb = make_map<0xFB, 32>();
constexpr auto prefix_fc = make_map<0xFC, 32>();
constexpr auto prefix_fd = make_map<0xFD, 288>();
constexpr auto prefix_fe = make_map<0xFE, 96>();

template <usize size>
std::optional<Opcode> look_up(const CodeMap<size>& map, u32 code) {
    if (code >= size || map[code] == no_opcode) return std::nullopt;
    return static_cast<Opcode>(map[code]);
}

}  // namespace

// clang-format off
constexpr std::array<OpcodeInfo, opcode_count> opcode_table = {{
#define OP(ident, name, encoding, imm, type, feature, family) \
    {name, encoding, Immediates::imm, Feature::feature, true, parse_type(type)},
#define RULE(ident, name, encoding, imm, feature) \
    {name, encoding, Immediates::imm, Feature::feature, false, {}},
#define LEGACY(ident, name, encoding, imm, feature) RULE(ident, name, encoding, imm, feature)
#include "core/opcodes.def"
}};
// clang-format on

std::optional<Opcode> opcode_of_byte(u8 byte) { return look_up(one_byte, byte); }

std::optional<Opcode> opcode_of_prefixed(u8 prefix, u32 code) {
    switch (prefix) {
    case 0xFB: return look_up(prefix_fb, code);
    case 0xFC: return look_up(prefix_fc, code);
    case 0xFD: return look_up(prefix_fd, code);
    case 0xFE: return look_up(prefix_fe, code);
    default: return std::nullopt;
    }
}

}  // namespace waxwing
