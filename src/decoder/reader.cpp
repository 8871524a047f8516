#include "decoder/reader.hpp"

#include <cstring>

#include "core/try.hpp"
#include "decoder/leb128.hpp"
#include "decoder/utf8.hpp"

namespace waxwing {

template <class T, unsigned bits>
Result<T> Reader::leb() {
    T value;
    Fault fault;
    const u8* next = decode_leb<T, bits>(pos_, end_, value, fault);
    if (!next) {
        fault = leb_fault<T, bits>(pos_, end_, module_.data() + module_.size());
        return fail(fault, {}, fault == Fault::unexpected_end ? end_offset() : offset());
    }
    pos_ = next;
    return value;
}

Result<u32> Reader::slow_u32() { return leb<u32, 32>(); }
Result<u64> Reader::slow_u64() { return leb<u64, 64>(); }
Result<s32> Reader::s32_leb() { return leb<s32, 32>(); }
Result<s64> Reader::s33_leb() { return leb<s64, 33>(); }
Result<s64> Reader::s64_leb() { return leb<s64, 64>(); }

template <class T>
Result<T> Reader::fixed() {
    if (remaining() < sizeof(T)) return fail(Fault::unexpected_end, {}, end_offset());
    T value;
    std::memcpy(&value, pos_, sizeof value);
    pos_ += sizeof value;
    return value;
}

Result<u32> Reader::f32_bits() { return fixed<u32>(); }
Result<u64> Reader::f64_bits() { return fixed<u64>(); }
Result<V128> Reader::v128() { return fixed<V128>(); }

// The official tests tell two mistakes apart: "length out of bounds" is a
// length that exceeds even what is left of the module, the length field
// included; a smaller one ends at the section's end. At the very end of a
// section they judge the bytes of the next section by the same rule.
Result<u32> Reader::length() {
    const u32 at = offset();
    const u64 left = module_.size() - at;
    if (at_end() && left > 0) {
        const Result<u32> beyond = Reader(module_, {at, static_cast<u32>(left)}).u32_leb();
        const bool absurd = beyond && *beyond > left;
        return fail(absurd ? Fault::length_out_of_bounds : Fault::unexpected_end, {}, at);
    }
    const u32 length = TRY(u32_leb());
    if (length <= remaining()) return length;
    if (length > left) return fail(Fault::length_out_of_bounds, std::to_string(length), at);
    return fail(Fault::unexpected_end, {}, end_offset());
}

Result<std::string_view> Reader::name() {
    const u32 size = TRY(length());
    const u32 at = offset();
    const std::span<const u8> text(pos_, size);
    if (!is_utf8(text)) return fail(Fault::malformed_utf8, {}, at);
    pos_ += size;
    return std::string_view(reinterpret_cast<const char*>(text.data()), size);
}

Result<core::Range> Reader::take(u32 size) {
    if (size > remaining()) return fail(Fault::unexpected_end, {}, end_offset());
    const core::Range range{offset(), size};
    pos_ += size;
    return range;
}

Result<Reader> Reader::sub(u32 size) {
    const core::Range range = TRY(take(size));
    return Reader(module_, range);
}

}  // namespace waxwing
