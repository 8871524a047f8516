#include "waxwing/wasi.hpp"

#include <new>
#include <stdexcept>

#include "core/guard.hpp"
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
    void consume_fuel(u64 units) override { caller_.consume_fuel(units); }

private:
    Caller& caller_;
};

// What a linked function keeps.
struct Linked {
    std::shared_ptr<Context> context;
    const Function* function;
};

// Without memory for what is needed on the way, every function fails with nomem. (The only one
// that cannot fail, proc_exit, needs none.) What callbacks of the embedder throw goes on to whoever
// called this.
Result<void> enter(void* environment, Caller& caller, std::uint64_t* slots) {
    const Linked& linked = *static_cast<const Linked*>(environment);
    CallerEngine engine(caller);
    Guest guest(engine, linked.context->limits);
    guest.consume_fuel(linked.function->fuel);
    try {
        return linked.function->call(*linked.context, guest, slots);
    } catch (const std::bad_alloc&) {
    } catch (const std::length_error&) {
    }
    slots[0] = static_cast<u16>(Errno::nomem);
    return {};
}

}  // namespace
}  // namespace wasi

Result<void> add_wasi(Imports& imports, const WasiConfig& config) {
    return guard(Code::wasi, [&]() -> Result<void> {
        const auto context = TRY(wasi::make_context(config));
        Imports all = imports;  // which are replaced once everything is there
        for (const wasi::Function& function : wasi::preview1()) {
            auto linked = std::make_shared<wasi::Linked>(wasi::Linked{context, &function});
            all.func("wasi_snapshot_preview1", function.name,
                     HostFunction{function.type(), &wasi::enter, std::move(linked)});
        }
        imports = std::move(all);
        return {};
    });
}

}  // namespace waxwing
