#include "wasi/guest.hpp"

#include <algorithm>

#include "wasi/fuel.hpp"

namespace waxwing::wasi {

void IoVectors::add(std::span<std::byte> buffer) {
    const usize length = std::min<usize>(buffer.size(), max_bytes - bytes_);
    parts_[count_++] = {buffer.data(), length};
    bytes_ += static_cast<u32>(length);
}

Expected<std::span<std::byte>> Guest::at(u64 address, u64 size) {
    const auto memory = engine_.memory();
    if (address > memory.size() || size > memory.size() - address)
        return std::unexpected<Failure>(Error::trapped(Trap::memory_out_of_bounds));
    return memory.subspan(address, size);
}

Expected<std::string> Guest::path(GuestString text) {
    const auto source = TRY(at(text.address, text.size));
    if (source.size() > limits_.path_bytes) return fail(Errno::nametoolong);
    std::string path(reinterpret_cast<const char*>(source.data()), source.size());
    if (path.find('\0') != std::string::npos) return fail(Errno::inval);
    return path;
}

Expected<void> Guest::gather(GuestArray<Iovec> from, IoVectors& into) {
    TRY(check(from));
    const u32 count = std::min(from.size, IoVectors::max_scanned);
    consume_fuel(count / fuel::iovecs_per_unit);
    for (u32 i = 0; i < count; ++i) {
        if (into.count() == limits_.iovecs || into.bytes() == IoVectors::max_bytes) break;
        const Iovec part = TRY(load(from, i));
        if (part.len == 0) continue;
        into.add(TRY(at(part.buf, part.len)));
    }
    return {};
}

}  // namespace waxwing::wasi
