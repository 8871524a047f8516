// What a module's active data segments put into its memory, as pages that every
// instance maps and the host copies when they are written to. An instance then
// costs the same however much data there is.
//
// Made when the module is instantiated for the second time, so that a program
// that runs once does not pay for it. It takes memory for a copy of the data,
// and a file descriptor.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "core/int.hpp"

namespace waxwing::interp {

struct ModuleInst;

// Invariant: never changes; offset and size are multiples of the host's page size.
class DataImage {
public:
    DataImage(u64 offset, u64 size, int file) : offset_(offset), size_(size), file_(file) {}
    ~DataImage();
    DataImage(const DataImage&) = delete;
    DataImage& operator=(const DataImage&) = delete;

    u64 offset() const { return offset_; }  // in the memory
    u64 size() const { return size_; }
    int file() const { return file_; }

private:
    u64 offset_;
    u64 size_;
    int file_;
};

// A module's image, made when it pays. Thread-safe.
class LazyDataImage {
public:
    // To be asked once per instance. Null if there is none or it does not pay:
    // then segments are to be copied. Requires: `inst` has its memories.
    const DataImage* of(const ModuleInst& inst);

private:
    std::atomic<bool> asked_ = false;
    std::once_flag made_;
    std::unique_ptr<const DataImage> image_;
};

}  // namespace waxwing::interp
