#include "interp/data_image.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <vector>

#include "interp/module_impl.hpp"
#include "interp/objects.hpp"

namespace waxwing::interp {
namespace {

// Less is copied faster than mapped.
constexpr u64 least_bytes = 128 << 10;
// Of the image, for each byte of data: the rest is zeros between segments.
constexpr u64 most_spread = 2;

u64 page_size() { return static_cast<u64>(sysconf(_SC_PAGESIZE)); }

// Where a segment goes, if that is written down as a number.
std::optional<u64> constant_offset(const Module::Impl& module, const core::DataSegment& segment) {
    const ConstExpr* code = module.const_expr(segment.memory_offset);
    if (!code || code->count != 1) return std::nullopt;
    const ConstOp& op = module.const_ops[code->first];
    if (op.op != Opcode::i32_const && op.op != Opcode::i64_const) return std::nullopt;
    return op.bits;
}

struct Placed {
    u64 offset;
    std::span<const u8> bytes;
};

// All active segments, if they go to memory 0 at known places within it.
std::vector<Placed> placed_segments(const ModuleInst& inst) {
    const core::Module& decoded = inst.compiled->module;
    std::vector<Placed> placed;
    for (const core::DataSegment& segment : decoded.datas) {
        if (segment.mode != core::SegmentMode::active) continue;
        const std::optional<u64> offset = constant_offset(*inst.module, segment);
        const u64 size = inst.memory0->block.size();
        if (segment.memory != 0 || !offset || *offset > size || segment.bytes.size > size - *offset)
            return {};
        placed.push_back({*offset, decoded.view(segment.bytes)});
    }
    return placed;
}

bool write_all(int file, std::span<const u8> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(file, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes = bytes.subspan(static_cast<usize>(count));
    }
    return true;
}

// Written, not mapped: a host without room then says so instead of crashing us.
int file_of(std::span<const u8> bytes) {
    const int file = memfd_create("waxwing-data", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0) return -1;
    constexpr int fixed = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
    if (write_all(file, bytes) && fcntl(file, F_ADD_SEALS, fixed) == 0) return file;
    ::close(file);
    return -1;
}

std::unique_ptr<const DataImage> make_image(const ModuleInst& inst) {
    u64 begin = std::numeric_limits<u64>::max(), end = 0, total = 0;
    const std::vector<Placed> segments = placed_segments(inst);
    for (const Placed& segment : segments) {
        if (segment.bytes.empty()) continue;
        begin = std::min(begin, segment.offset);
        end = std::max(end, segment.offset + segment.bytes.size());
        total += segment.bytes.size();
    }
    if (total < least_bytes || (end - begin) / most_spread > total) return nullptr;
    const u64 page = page_size();
    begin = begin / page * page;
    end = (end + page - 1) / page * page;
    std::vector<u8> bytes(end - begin);
    for (const Placed& segment : segments)
        std::ranges::copy(segment.bytes, bytes.begin() + static_cast<s64>(segment.offset - begin));
    const int file = file_of(bytes);
    if (file < 0) return nullptr;
    return std::make_unique<const DataImage>(begin, end - begin, file);
}

}  // namespace

DataImage::~DataImage() { ::close(file_); }

const DataImage* LazyDataImage::of(const ModuleInst& inst) {
    const core::Module& decoded = inst.compiled->module;
    if (decoded.datas.empty() || decoded.memories.empty() || decoded.imported_memories > 0)
        return nullptr;
    if (!asked_.load(std::memory_order_relaxed) && !asked_.exchange(true)) return nullptr;
    try {
        std::call_once(made_, [&] { image_ = make_image(inst); });
    } catch (const std::bad_alloc&) {
        return nullptr;  // the next instance tries again
    }
    return image_.get();
}

}  // namespace waxwing::interp
