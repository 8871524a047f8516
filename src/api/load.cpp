// Puts a Module together: decode, validate, and the means to translate its
// functions when they are called.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "api/validate.hpp"
#include "api/walk.hpp"
#include "core/fault.hpp"
#include "core/guard.hpp"
#include "core/limits.hpp"
#include "core/try.hpp"
#include "decoder/module_decoder.hpp"
#include "decoder/names.hpp"
#include "interp/compiler.hpp"
#include "interp/module_impl.hpp"
#include "wasi/literal_path.hpp"
#include "waxwing/policy.hpp"

namespace waxwing {
namespace {

using interp::CompiledModule;
using interp::FuncCompiler;
using interp::Mode;

// Between looks at whether the call for which something is translated is to stop.
constexpr u32 instructions_at_once = 4096;

// The translation of one function after the other: what CompiledModule::translation is. It can
// stop in the middle of a function, and go on.
struct Translation {
    FuncCompiler compiler;
    std::optional<InstrReader> reader;
    u32 func = 0;
    Mode mode = Mode::plain;
    bool is_unfinished = false;

    void begin(const core::Module& module, u32 next_func, Mode next_mode) {
        func = next_func;
        mode = next_mode;
        reader.emplace(module, module.code[func - module.imported_functions].instructions);
        compiler.begin(func, mode);
    }
    // False: the caller is to stop.
    Result<bool> run(const interp::Activation& caller) {
        Instr in{};
        for (u32 count = 1; !reader->done(); ++count) {
            TRY(reader->next(in));
            TRY(compiler.emit(in));
            if (count % instructions_at_once == 0 && caller.should_stop()) return false;
        }
        return true;
    }
};

Result<bool> translate(CompiledModule& compiled, u32 func, Mode mode,
                       const interp::Activation& caller) {
    if (!compiled.translation)
        compiled.translation = std::make_shared<Translation>(FuncCompiler(compiled));
    auto& translation = *static_cast<Translation*>(compiled.translation.get());
    const bool goes_on = std::exchange(translation.is_unfinished, false) &&
                         translation.func == func && translation.mode == mode;
    if (!goes_on) translation.begin(compiled.module, func, mode);
    translation.is_unfinished = !TRY(translation.run(caller));
    if (translation.is_unfinished) return false;
    TRY(translation.compiler.publish());
    return true;
}

void locate(CompiledModule& compiled, u32 func, Mode mode,
            std::span<CompiledModule::Located> ascending, const interp::Activation& caller) {
    Translation translation{FuncCompiler(compiled)};
    std::vector<FuncCompiler::Origin> origins;
    translation.compiler.record_origins(&origins);
    translation.begin(compiled.module, func, mode);
    const Result<bool> done = translation.run(caller);
    if (!done || !*done) return;
    auto origin = origins.begin();
    for (CompiledModule::Located& located : ascending) {
        for (; origin != origins.end() && origin->cell <= located.cell; ++origin) {
        }
        if (origin != origins.begin()) located.offset = origin[-1].offset;
    }
}

struct ConstCollector {
    std::vector<interp::ConstOp>& ops;

    void emit(const Instr& in) {
        if (in.op == Opcode::end) return;
        if (in.op == Opcode::v128_const) {
            for (const u64 half : std::bit_cast<std::array<u64, 2>>(in.vec.bytes))
                ops.push_back({in.op, 0, half});
            return;
        }
        const bool has_bits = in.op == Opcode::i32_const || in.op == Opcode::i64_const ||
                              in.op == Opcode::f32_const || in.op == Opcode::f64_const;
        ops.push_back({in.op, in.index, has_bits ? in.bits : in.index2});
    }
};

Result<void> collect_const_exprs(Module::Impl& impl, const ModuleValidator& validator) {
    ConstCollector collector{impl.const_ops};
    // Most are a single constant; there may be a hundred thousand.
    impl.const_ops.reserve(validator.const_exprs().size());
    impl.const_exprs.reserve(validator.const_exprs().size());
    for (const ConstExpr& expr : validator.const_exprs()) {
        const auto first = static_cast<u32>(impl.const_ops.size());
        TRY(walk_body(impl.module, expr.body, nullptr, collector, InstrReader::Body::constant));
        const auto count = static_cast<u32>(impl.const_ops.size()) - first;
        impl.const_exprs.push_back({expr.body.offset, first, count});
    }
    std::sort(impl.const_exprs.begin(), impl.const_exprs.end(),
              [](const auto& a, const auto& b) { return a.offset < b.offset; });
    return {};
}

// Names are parsed when first asked for: after a trap.
struct LazyNames {
    const core::Module& module;
    std::once_flag once;
    NameSection names;

    std::string func(u32 index) {
        std::call_once(once, [&] { names = parse_names(module); });
        return std::string(names.func(index));
    }
};

// Translates what is being validated.
struct Translator {
    FuncCompiler compiler;
    Result<void> result{};

    void emit(const Instr& in) {
        if (result) [[likely]]
            result = compiler.emit(in);
    }
};

// Validates the bodies of all functions, and translates them if asked to. That
// one cannot be translated is told only if all are valid.
Result<void> check_bodies(CompiledModule& compiled, FuncValidator& validator, bool translate) {
    const core::Module& module = compiled.module;
    NoListener none;
    Translator translator{FuncCompiler(compiled)};
    Result<void> translated;
    for (u32 i = 0; i < module.code.size(); ++i) {
        const u32 func = module.imported_functions + i;
        TRY(validator.begin_function(func));
        const core::Range body = module.code[i].instructions;
        if (!translate || !translated) {
            TRY(walk_body(module, body, &validator, none));
            continue;
        }
        translator.compiler.begin(func, Mode::plain);
        TRY(walk_body(module, body, &validator, translator));
        translated = std::move(translator.result);
        translator.result = {};
        if (translated) translated = translator.compiler.publish();
    }
    return translated;
}

Result<Module> load_bytes(core::ModuleBytes bytes, const LoadOptions& options) {
    auto impl = std::make_shared<Module::Impl>();
    impl->module = TRY(decode_module(std::move(bytes), options.features));
    const core::Module& module = impl->module;
    ModuleValidator module_validator(module);
    TRY(module_validator.check());
    impl->types = module_validator.types();
    FuncValidator validator(module_validator);
    TRY(validate_const_exprs(module_validator, validator));
    TRY(collect_const_exprs(*impl, module_validator));
    impl->compiled.emplace(module, impl->types, translate, locate);
    TRY(check_bodies(*impl->compiled, validator, options.eager));
    impl->export_names.build(module.exports);
    impl->name = parse_module_name(module);
    auto names = std::make_shared<LazyNames>(module);
    impl->function_name = [names](u32 func) { return names->func(func); };
    impl->single_instance = options.single_instance;
    return Module(std::move(impl));
}

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }

private:
    int fd_;
};

int open_to_read(const CheckedFile& file) {
    // A path that was judged may lead to a FIFO by now: opening that does not wait.
    if (!file.follow_links)
        return wasi::open_without_links(file.path.native(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
    return ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
}

// Its size is only a hint: a pipe has none, and a file may change. For the same
// reason the file is not mapped: who shortens it would crash us.
Result<core::ModuleBytes> read_file(const CheckedFile& checked) {
    const auto failed = [&] {
        return std::unexpected(
            Error(Code::io, ErrorKind::usage,
                  "cannot read " + checked.path.string() + ": " + std::strerror(errno)));
    };
    const Descriptor file(open_to_read(checked));
    if (file.get() < 0) return failed();
    struct stat status;
    const bool sized = ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
    usize room = sized
                     ? std::min<usize>(static_cast<usize>(status.st_size), limits::module_size) + 1
                     : usize{1} << 16;
    usize filled = 0;
    std::shared_ptr<u8[]> bytes(new (std::nothrow) u8[room]);
    while (bytes) {
        const ssize_t count = ::read(file.get(), bytes.get() + filled, room - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed();
        filled += static_cast<usize>(count);
        if (count == 0 || filled > limits::module_size)
            return core::ModuleBytes(std::move(bytes), filled);
        if (filled < room) continue;
        std::shared_ptr<u8[]> more(new (std::nothrow) u8[room *= 2]);
        if (more) std::memcpy(more.get(), bytes.get(), filled);
        bytes = std::move(more);
    }
    errno = ENOMEM;
    return failed();
}

std::vector<u8> copy_of(Bytes bytes) {
    const auto* data = reinterpret_cast<const u8*>(bytes.data());
    return {data, data + bytes.size()};
}

}  // namespace

Result<Module> Module::load(Bytes bytes, const LoadOptions& options) {
    return guard(Code::compile, [&] { return load_bytes(copy_of(bytes), options); });
}
Result<Module> Module::load(std::vector<std::byte>&& bytes, const LoadOptions& options) {
    return guard(Code::compile, [&] { return load_bytes(std::move(bytes), options); });
}
Result<Module> Module::load_file(const std::filesystem::path& path, const LoadOptions& options) {
    return guard(Code::compile, [&] { return CheckedFile{path}.load(options); });
}
Result<Module> CheckedFile::load(const LoadOptions& options) const {
    return guard(Code::compile,
                 [&]() -> Result<Module> { return load_bytes(TRY(read_file(*this)), options); });
}
Result<void> Module::validate(Bytes bytes, const Features& features) {
    return guard(Code::compile, [&]() -> Result<void> {
        TRY(decode_and_validate(core::ModuleBytes::borrowed(bytes), features));
        return {};
    });
}

}  // namespace waxwing
