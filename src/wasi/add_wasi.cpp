#include "waxwing/wasi.hpp"

#include "wasi/preview1.hpp"

namespace waxwing {
namespace wasi {
namespace {

class CallerEngine final : public Engine {
public:
    explicit CallerEngine(Caller& caller) : caller_(caller) {}
    std::span<std::byte> memory() override { return caller_.memory(); }
    bool should_stop() override { return caller_.should_stop(); }
    Error interrupted() override { return Caller::interrupted(); }

private:
    Caller& caller_;
};

// What a linked function keeps.
struct Linked {
    std::shared_ptr<Context> context;
    const Function* function;
};

Result<void> enter(void* environment, Caller& caller, std::uint64_t* slots) {
    const Linked& linked = *static_cast<const Linked*>(environment);
    CallerEngine engine(caller);
    Guest guest(engine, linked.context->limits);
    return linked.function->call(*linked.context, guest, slots);
}

}  // namespace
}  // namespace wasi

Result<void> add_wasi(Imports& imports, const WasiConfig& config) {
    const auto context = TRY(wasi::make_context(config));
    for (const wasi::Function& function : wasi::preview1()) {
        auto linked = std::make_shared<wasi::Linked>(wasi::Linked{context, &function});
        imports.func("wasi_snapshot_preview1", function.name,
                     HostFunction{function.type(), &wasi::enter, std::move(linked)});
    }
    return {};
}

}  // namespace waxwing
