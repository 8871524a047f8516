#include "transcript.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "waxwing/store.hpp"

namespace waxwing::differential {
namespace {

constexpr std::size_t most_hashed = 16 << 20;
constexpr std::uint64_t most_entries = 64;
constexpr std::size_t most_callable = 64;  // of $exports in support.wat

std::string print(const char* format, auto... arguments) {
    char text[160];
    std::snprintf(text, sizeof text, format, arguments...);
    return text;
}

// "(ref_null_any)": one word. The types that modules define are all called 0: their
// numbers depend on what was loaded before.
std::string word(ValType type) {
    if (type.is_ref() && type.heap().kind() == HeapKind::concrete)
        return type.is_nullable() ? "(ref_null_0)" : "(ref_0)";
    std::string text = to_string(type);
    std::ranges::replace(text, ' ', '_');
    return text;
}

std::string describe_ref(ValType type, Ref ref) {
    if (ref.is_null()) return "null";
    const HeapKind heap = type.heap().kind();
    if (heap == HeapKind::concrete) return "ref";
    if (heap == HeapKind::func) return "func";
    if (ref.is_i31()) return print("i31:%d", static_cast<int>(ref.i31_unsigned() << 1) >> 1);
    return ref.is_host() ? "host" : "object";
}

std::string describe_v128(const V128& value) {
    std::string text = "v128:";
    for (const std::uint8_t byte : value.bytes)
        text += print("%02x", static_cast<unsigned>(byte));
    return text;
}

std::string describe(const Value& value) {
    switch (value.type().kind()) {
    case ValType::Kind::i32: return print("i32:%" PRId32, value.as_i32());
    case ValType::Kind::i64: return print("i64:%" PRId64, value.as_i64());
    case ValType::Kind::f32:
        if (std::isnan(value.as_f32())) return "f32:nan";
        return print("f32:%08" PRIx32, static_cast<std::uint32_t>(value.bits()));
    case ValType::Kind::f64:
        if (std::isnan(value.as_f64())) return "f64:nan";
        return print("f64:%016" PRIx64, value.bits());
    case ValType::Kind::v128: return describe_v128(value.as_v128());
    default: return describe_ref(value.type(), value.as_ref());
    }
}

std::string describe(std::span<const Value> values) {
    std::string text;
    for (const Value& value : values)
        text += ' ' + describe(value);
    return text;
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F; });
}

// Values that are at a border of something more often than random ones.
class Arguments {
public:
    std::optional<Value> next(ValType type) {
        const std::uint64_t bits = next_bits();
        switch (type.kind()) {
        case ValType::Kind::i32: return Value::i32(static_cast<std::int32_t>(bits));
        case ValType::Kind::i64: return Value::i64(static_cast<std::int64_t>(bits));
        case ValType::Kind::f32: return Value::f32(static_cast<float>(number(bits)));
        case ValType::Kind::f64: return Value::f64(number(bits));
        case ValType::Kind::v128: return Value::v128(vector(bits));
        case ValType::Kind::ref:
            if (type.is_nullable()) return Value::null(type);
            return std::nullopt;
        default: return std::nullopt;
        }
    }

private:
    std::uint64_t next_bits() {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        const std::uint64_t high = state_ >> 33;
        constexpr std::uint64_t borders[] = {0, 1, ~std::uint64_t{0}, 0x7FFFFFFF, 0x80000000, 16};
        if (high % 3 != 0) return borders[high / 3 % std::size(borders)];
        return high * 0x9E3779B97F4A7C15u;
    }
    static double number(std::uint64_t bits) {
        return static_cast<double>(static_cast<std::int64_t>(bits)) / 16;
    }
    static V128 vector(std::uint64_t bits) {
        V128 value;
        std::memcpy(value.bytes.data() + 4, &bits, sizeof bits);
        return value;
    }
    std::uint64_t state_ = 42;
};

std::uint32_t hash(std::span<const std::byte> bytes) {
    std::uint32_t result = 0x811C9DC5;
    for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
        std::uint32_t word;
        std::memcpy(&word, bytes.data() + i, sizeof word);
        result = (result ^ word) * 0x01000193;
        result ^= result >> 15;
    }
    return result;
}

class Session {
public:
    Session(const Options& options, Transcript& out)
        : options_(options), out_(out), store_(options.limits) {}

    void run(const Module& module, const Module& support);
    void run(const Module& module);

private:
    // Values of any other type are neither passed nor asked for.
    bool can_cross(ValType type) const;
    bool all_can_cross(const std::vector<ValType>& types) const;
    CallOptions call_options() const { return {.fuel = options_.fuel}; }

    void add_stub(const ImportInfo& import);
    void add_log(const char* name, ValType type);
    void add_externs(const Module& module);
    // What an error is called; notes when fuel ran out.
    std::string outcome(const Error& error);
    std::optional<Instance> instantiate(const Module& module);
    void use_exports(const Module& module, const Instance& instance);
    void call(const std::string& name, Func func);
    void show(const std::string& name, const Extern& object);

    const Options& options_;
    Transcript& out_;
    Store store_;
    Imports imports_;
    Arguments arguments_;
};

// Host functions know the type of what they are given by what they are.
struct Log {
    Transcript* out;
    ValType type;
};

Result<void> log_value(void* environment, Caller&, std::uint64_t* slots) {
    const Log& log = *static_cast<const Log*>(environment);
    std::uint64_t bits = slots[0];
    if (log.type == i32 || log.type == f32) bits = static_cast<std::uint32_t>(bits);
    log.out->text += "log " + describe(Value::number(log.type, bits)) + '\n';
    return {};
}

// A host function that logs what it is given, and returns zeros.
struct Stub {
    Transcript* out;
    FuncType type;
    std::string name;
};

Result<void> call_stub(void* environment, Caller&, std::uint64_t* slots) {
    const Stub& stub = *static_cast<const Stub*>(environment);
    std::string line = "host " + stub.name;
    for (const std::uint64_t* slot = slots; const ValType type : stub.type.params) {
        const bool half = type == i32 || type == f32;
        Value value = Value::number(type, half ? static_cast<std::uint32_t>(*slot) : *slot);
        if (type.is_vector())
            value = Value::v128(std::bit_cast<V128>(std::array{slot[0], slot[1]}));
        slot += type.is_vector() ? 2 : 1;
        line += ' ' + describe(value);
    }
    stub.out->text += line + '\n';
    for (const ValType type : stub.type.results) {
        if (type.is_ref() && !type.is_nullable())
            return std::unexpected(Error(Code::call, ErrorKind::host, "no such value"));
        *slots++ = 0;
        if (type.is_vector()) *slots++ = 0;
    }
    return {};
}

Value zero(ValType type) { return type.is_vector() ? Value::v128({}) : Value::number(type, 0); }

void Session::add_stub(const ImportInfo& import) {
    const auto define = [&](const auto& object) {
        if (object) imports_.define(import.module, import.name, *object);
    };
    if (const auto* func = std::get_if<FuncType>(&import.type)) {
        auto stub = std::make_shared<Stub>(&out_, *func, import.name);
        imports_.func(import.module, import.name, HostFunction{*func, call_stub, std::move(stub)});
    } else if (const auto* table = std::get_if<TableType>(&import.type)) {
        define(store_.table(*table, zero(table->element)));
    } else if (const auto* memory = std::get_if<MemoryType>(&import.type)) {
        define(store_.memory(*memory));
    } else if (const auto* global = std::get_if<GlobalType>(&import.type)) {
        define(store_.global(*global, zero(global->type)));
    } else {
        define(store_.tag(std::get<TagType>(import.type).type));
    }
}

void Session::add_log(const char* name, ValType type) {
    imports_.func("fuzzing-support", name,
                  HostFunction{{{type}, {}}, log_value, std::make_shared<Log>(&out_, type)});
}

// Random modules want globals with values of the host.
void Session::add_externs(const Module& module) {
    std::uint64_t payload = 0;
    for (const ImportInfo& import : module.imports()) {
        if (import.module != "__fuzz_import" || import.kind != ExternKind::global) continue;
        const GlobalType& type = std::get<GlobalType>(import.type);
        if (!type.type.is_ref() || type.type.heap().kind() != HeapKind::extern_) continue;
        if (auto global = store_.global(type, Value::ref(type.type, Ref::host(payload++))))
            imports_.define(import.module, import.name, *global);
    }
}

bool Session::can_cross(ValType type) const {
    if (type.is_vector()) return options_.vectors;
    if (!type.is_ref()) return true;
    const HeapKind heap = type.heap().kind();
    return heap != HeapKind::exn && heap != HeapKind::noexn;
}

bool Session::all_can_cross(const std::vector<ValType>& types) const {
    return std::ranges::all_of(types, [this](ValType type) { return can_cross(type); });
}

std::string Session::outcome(const Error& error) {
    switch (error.kind()) {
    case ErrorKind::trap: return std::string("trap ") + to_string(error.trap());
    case ErrorKind::exception: return "exception";
    case ErrorKind::fuel: out_.complete = false; return "fuel";
    case ErrorKind::malformed:
    case ErrorKind::invalid:
    case ErrorKind::unsupported: return "invalid " + std::string(error.message());
    case ErrorKind::unlinkable: return "unlinkable";
    default: return "error " + std::string(error.message());
    }
}

void Session::call(const std::string& name, Func func) {
    const FuncType& type = func.type();
    std::vector<Value> values;
    for (const ValType param : type.params) {
        const auto value = can_cross(param) ? arguments_.next(param) : std::nullopt;
        if (!value) return;
        values.push_back(*value);
    }
    if (!all_can_cross(type.results)) return;
    out_.text += "call " + name + describe(values) + " :";
    for (const ValType result : type.results)
        out_.text += ' ' + word(result);
    out_.text += '\n';
    const auto results = func.call(values, call_options());
    out_.text += (results ? "ok" + describe(*results) : outcome(results.error())) + '\n';
}

void Session::show(const std::string& name, const Extern& object) {
    if (const auto* global = std::get_if<Global>(&object)) {
        if (!can_cross(global->type().type)) return;
        out_.text += "global " + name + ' ' + word(global->type().type) + ' ' +
                     describe(global->get()) + '\n';
    } else if (const auto* memory = std::get_if<Memory>(&object)) {
        const auto bytes = memory->data();
        out_.text += "memory " + name +
                     print(" %" PRIu64 " %08" PRIx32 "\n", memory->size(),
                           hash(bytes.first(std::min(bytes.size(), most_hashed))));
    } else if (const auto* table = std::get_if<Table>(&object)) {
        if (!can_cross(table->type().element)) return;
        out_.text += "table " + name + print(" %" PRIu64 " ", table->size());
        for (std::uint64_t i = 0; i < std::min(table->size(), most_entries); ++i)
            out_.text += table->get(i)->as_ref().is_null() ? '0' : '1';
        out_.text += '\n';
    }
}

void Session::run(const Module& module, const Module& support) {
    imports_.func("host", "log-halves", [this](std::int64_t low, std::int64_t high) {
        out_.text += print("log v128:%016" PRIx64 "%016" PRIx64 "\n", high, low);
    });
    const auto helper = store_.instantiate(support, imports_);
    if (!helper) {
        out_.text += "support: " + std::string(helper.error().message()) + '\n';
        return;
    }
    imports_.instance("fuzzing-support", *helper);
    add_log("log-i32", i32);
    add_log("log-i64", i64);
    add_log("log-f32", f32);
    add_log("log-f64", f64);
    add_log("log-anyref", anyref);
    add_log("log-funcref", funcref);
    add_log("log-externref", externref);
    add_externs(module);

    const auto instance = instantiate(module);
    if (!instance) return;
    const Table callable = *helper->table("exports");
    const auto& exports = module.exports();
    std::size_t count = 0;
    for (std::size_t i = 0; i < exports.size() && count < most_callable; ++i)
        if (exports[i].kind == ExternKind::func) {
            const Func func = std::get<Func>(instance->export_at(i));
            (void)callable.set(count++, Value::ref(funcref, func.ref()));
        }
    use_exports(module, *instance);
}

void Session::run(const Module& module) {
    for (const ImportInfo& import : module.imports())
        add_stub(import);
    if (const auto instance = instantiate(module)) use_exports(module, *instance);
}

std::optional<Instance> Session::instantiate(const Module& module) {
    auto instance = store_.instantiate(module, imports_, call_options());
    out_.text += "instantiate " + (instance ? "ok" : outcome(instance.error())) + '\n';
    if (!instance) return std::nullopt;
    return *instance;
}

void Session::use_exports(const Module& module, const Instance& instance) {
    const auto& exports = module.exports();
    for (std::size_t i = 0; i < exports.size(); ++i)
        if (exports[i].kind == ExternKind::func && is_plain_name(exports[i].name))
            call(exports[i].name, std::get<Func>(instance.export_at(i)));
    for (std::size_t i = 0; i < exports.size(); ++i)
        if (is_plain_name(exports[i].name)) show(exports[i].name, instance.export_at(i));
}

}  // namespace

Transcript run(const Module& module, const Module& support, const Options& options) {
    Transcript transcript;
    Session(options, transcript).run(module, support);
    return transcript;
}

Transcript run(const Module& module, const Options& options) {
    Transcript transcript;
    Session(options, transcript).run(module);
    return transcript;
}

}  // namespace waxwing::differential
