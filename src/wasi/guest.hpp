// Guest memory. An address of the guest is a type of its own, and only Guest
// turns one into memory, with a bounds check; out of bounds is a trap.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>

#include "wasi/abi.hpp"
#include "wasi/expected.hpp"
#include "waxwing/wasi.hpp"

namespace waxwing::wasi {

template <class T>
struct GuestPtr {
    u32 address = 0;
};

template <class T>
struct GuestArray {
    u32 address = 0;
    u32 size = 0;
};

using GuestBytes = GuestArray<std::byte>;
using GuestString = GuestArray<char>;  // a path, without a terminator

// What the functions need of the engine that runs the guest.
class Engine {
public:
    virtual std::span<std::byte> memory() = 0;
    virtual bool should_stop() = 0;
    virtual Error interrupted() = 0;
    // The call pays for what was done on its behalf.
    virtual void consume_fuel(u64) {}

protected:
    ~Engine() = default;
};

// The buffers of one transfer, as the host takes them.
class IoVectors {
public:
    static constexpr usize max_count = 1024;
    static constexpr u32 max_bytes = 0x7FFFF000;
    // Entries of the guest's array that are looked at.
    static constexpr u32 max_scanned = 65'536;

    std::span<const iovec> parts() const { return {parts_.data(), count_}; }
    bool empty() const { return count_ == 0; }
    usize count() const { return count_; }
    u32 bytes() const { return bytes_; }

    // Requires: count() < max_count.
    void add(std::span<std::byte> buffer);

private:
    std::array<iovec, max_count> parts_;  // the first count_ are set
    usize count_ = 0;
    u32 bytes_ = 0;
};

class Guest {
public:
    // `limits` are those that make_context() has checked, and outlive this.
    Guest(Engine& engine, const WasiLimits& limits) : engine_(engine), limits_(limits) {}

    template <class T>
    Expected<void> check(GuestPtr<T> ptr) {
        TRY(at(ptr.address, sizeof(T)));
        return {};
    }
    template <class T>
    Expected<void> check(GuestArray<T> array) {
        TRY(at(array.address, u64{array.size} * sizeof(T)));
        return {};
    }

    template <class T>
    Expected<T> load(GuestPtr<T> ptr) {
        return copy_in<T>(ptr.address);
    }
    // Requires: index < array.size.
    template <class T>
    Expected<T> load(GuestArray<T> array, u32 index) {
        return copy_in<T>(array.address + u64{index} * sizeof(T));
    }

    template <class T>
    Expected<void> store(GuestPtr<T> ptr, const T& value) {
        return copy_out(ptr.address, value);
    }
    // Requires: index < array.size.
    template <class T>
    Expected<void> store(GuestArray<T> array, u32 index, const T& value) {
        return copy_out(array.address + u64{index} * sizeof(T), value);
    }

    // The memory itself. Valid until the guest runs or its memory grows.
    Expected<std::span<std::byte>> bytes(GuestBytes array) { return at(array.address, array.size); }

    // A path. Traps if it is outside; nametoolong, inval if a byte is zero.
    Expected<std::string> path(GuestString text);

    // The buffers of a transfer, all inside memory. Empty ones are left out; of
    // a very long list, or of very many bytes, only the beginning is taken.
    Expected<void> gather(GuestArray<Iovec> from, IoVectors& into);

    bool should_stop() { return engine_.should_stop(); }
    void consume_fuel(u64 units) { engine_.consume_fuel(units); }
    Failure interrupted() { return engine_.interrupted(); }

private:
    Expected<std::span<std::byte>> at(u64 address, u64 size);

    template <class T>
    Expected<T> copy_in(u64 address) {
        static_assert(std::is_trivially_copyable_v<T>);
        const auto source = TRY(at(address, sizeof(T)));
        T value;
        std::memcpy(&value, source.data(), sizeof value);
        return value;
    }
    template <class T>
    Expected<void> copy_out(u64 address, const T& value) {
        static_assert(std::has_unique_object_representations_v<T>);
        const auto target = TRY(at(address, sizeof(T)));
        std::memcpy(target.data(), &value, sizeof value);
        return {};
    }

    Engine& engine_;
    const WasiLimits& limits_;
};

}  // namespace waxwing::wasi
