// The bytes of a module, and whoever owns them. Copies refer to the same bytes,
// which do not change.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/int.hpp"

namespace waxwing::core {

class ModuleBytes {
public:
    ModuleBytes() = default;
    // Takes them over.
    ModuleBytes(std::vector<u8> bytes) { own(std::move(bytes)); }
    ModuleBytes(std::vector<std::byte>&& bytes) { own(std::move(bytes)); }
    ModuleBytes(std::shared_ptr<const u8[]> bytes, usize size)
        : view_(bytes.get(), size), owner_(std::move(bytes)) {}
    // Of somebody else, who keeps them for longer than any copy of this lives.
    static ModuleBytes borrowed(std::span<const std::byte> bytes) {
        ModuleBytes made;
        made.view_ = {reinterpret_cast<const u8*>(bytes.data()), bytes.size()};
        return made;
    }

    // Gives the memory of whole pages in the range back to the host; all of its
    // bytes are undefined from now on. Nothing happens if they belong to somebody else.
    void discard(usize offset, usize size) const;

    const u8* data() const { return view_.data(); }
    usize size() const { return view_.size(); }
    operator std::span<const u8>() const { return view_; }

private:
    template <class Byte>
    void own(std::vector<Byte>&& bytes) {
        auto kept = std::make_shared<const std::vector<Byte>>(std::move(bytes));
        view_ = {reinterpret_cast<const u8*>(kept->data()), kept->size()};
        owner_ = std::move(kept);
    }

    std::span<const u8> view_;
    std::shared_ptr<const void> owner_;
};

}  // namespace waxwing::core
