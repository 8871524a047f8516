// The types of preview1 as they lie in guest memory.
//
// 1. A structure here is copied byte for byte, so it has the guest's size and
//    offsets, and no byte without a name: padding is a member, and zero.
// 2. The host is little endian, as the guest is.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <type_traits>

#include "wasi/errno.hpp"
#include "wasi/flags.hpp"
#include "wasi/int.hpp"

namespace waxwing::wasi {

static_assert(std::endian::native == std::endian::little);

using Size = u32;
using Filesize = u64;
using Filedelta = s64;
using Timestamp = u64;  // nanoseconds
using Dircookie = u64;  // 0: the first entry

enum class Fd : u32 {};

enum class Filetype : u8 {
    unknown,
    block_device,
    character_device,
    directory,
    regular_file,
    socket_dgram,
    socket_stream,
    symbolic_link,
};
enum class Whence : u8 { set, cur, end };
enum class Advice : u8 { normal, sequential, random, willneed, dontneed, noreuse };
enum class ClockId : u32 { realtime, monotonic, process_cputime, thread_cputime };
enum class EventType : u8 { clock, fd_read, fd_write };

// How many enumerators a parameter type has; they count from zero.
template <class E>
inline constexpr u32 enumerator_count = 0;
template <>
inline constexpr u32 enumerator_count<Whence> = 3;
template <>
inline constexpr u32 enumerator_count<Advice> = 6;
template <>
inline constexpr u32 enumerator_count<ClockId> = 4;

enum class Signal : u8 {};  // "none" to "sys"
template <>
inline constexpr u32 enumerator_count<Signal> = 31;

enum class Fdflag : u16 { append = 1, dsync = 2, nonblock = 4, rsync = 8, sync = 16 };
enum class Oflag : u16 { creat = 1, directory = 2, excl = 4, trunc = 8 };
enum class Lookupflag : u32 { symlink_follow = 1 };
enum class Fstflag : u16 { atim = 1, atim_now = 2, mtim = 4, mtim_now = 8 };
enum class Riflag : u16 { peek = 1, waitall = 2 };
enum class Roflag : u16 { data_truncated = 1 };
enum class Siflag : u16 {};
enum class Sdflag : u8 { read = 1, write = 2 };
enum class Subclockflag : u16 { abstime = 1 };
enum class Eventrwflag : u16 { hangup = 1 };

// What may be done with a descriptor.
enum class Right : u64 {
    fd_datasync = 1ull << 0,
    fd_read = 1ull << 1,
    fd_seek = 1ull << 2,
    fd_fdstat_set_flags = 1ull << 3,
    fd_sync = 1ull << 4,
    fd_tell = 1ull << 5,
    fd_write = 1ull << 6,
    fd_advise = 1ull << 7,
    fd_allocate = 1ull << 8,
    path_create_directory = 1ull << 9,
    path_create_file = 1ull << 10,
    path_link_source = 1ull << 11,
    path_link_target = 1ull << 12,
    path_open = 1ull << 13,
    fd_readdir = 1ull << 14,
    path_readlink = 1ull << 15,
    path_rename_source = 1ull << 16,
    path_rename_target = 1ull << 17,
    path_filestat_get = 1ull << 18,
    path_filestat_set_size = 1ull << 19,
    path_filestat_set_times = 1ull << 20,
    fd_filestat_get = 1ull << 21,
    fd_filestat_set_size = 1ull << 22,
    fd_filestat_set_times = 1ull << 23,
    path_symlink = 1ull << 24,
    path_remove_directory = 1ull << 25,
    path_unlink_file = 1ull << 26,
    poll_fd_readwrite = 1ull << 27,
    sock_shutdown = 1ull << 28,
    sock_accept = 1ull << 29,
};

template <auto bits>
struct Bits {
    static constexpr auto value = bits;
};
template <>
struct DefinedBits<Fdflag> : Bits<u16{31}> {};
template <>
struct DefinedBits<Oflag> : Bits<u16{15}> {};
template <>
struct DefinedBits<Lookupflag> : Bits<u32{1}> {};
template <>
struct DefinedBits<Fstflag> : Bits<u16{15}> {};
template <>
struct DefinedBits<Riflag> : Bits<u16{3}> {};
template <>
struct DefinedBits<Roflag> : Bits<u16{1}> {};
template <>
struct DefinedBits<Siflag> : Bits<u16{0}> {};
template <>
struct DefinedBits<Sdflag> : Bits<u8{3}> {};
template <>
struct DefinedBits<Subclockflag> : Bits<u16{1}> {};
template <>
struct DefinedBits<Eventrwflag> : Bits<u16{1}> {};
template <>
struct DefinedBits<Right> : Bits<(u64{1} << 30) - 1> {};

using Fdflags = Flags<Fdflag>;
using Oflags = Flags<Oflag>;
using Lookupflags = Flags<Lookupflag>;
using Fstflags = Flags<Fstflag>;
using Riflags = Flags<Riflag>;
using Roflags = Flags<Roflag>;
using Siflags = Flags<Siflag>;
using Sdflags = Flags<Sdflag>;
using Rights = Flags<Right>;

struct Iovec {
    u32 buf = 0;
    u32 len = 0;
};

struct Prestat {
    u8 tag = 0;  // a directory; there is no other
    std::array<u8, 3> padding{};
    u32 name_len = 0;
};

struct Fdstat {
    Filetype filetype{};
    u8 padding1 = 0;
    Fdflags flags;
    u32 padding2 = 0;
    Rights rights_base;
    Rights rights_inheriting;
};

struct Filestat {
    u64 dev = 0;
    u64 ino = 0;
    Filetype filetype{};
    std::array<u8, 7> padding{};
    u64 nlink = 0;
    Filesize size = 0;
    Timestamp atim = 0;
    Timestamp mtim = 0;
    Timestamp ctim = 0;
};

struct Dirent {  // the name follows
    Dircookie next = 0;
    u64 ino = 0;
    u32 name_len = 0;
    Filetype type{};
    std::array<u8, 3> padding{};
};

struct Subscription {
    u64 userdata = 0;
    u8 tag = 0;  // an EventType
    std::array<u8, 7> padding1{};
    u32 subject = 0;  // the clock, or the descriptor; the rest is the clock's
    u32 padding2 = 0;
    Timestamp timeout = 0;
    Timestamp precision = 0;
    u16 clock_flags = 0;
    std::array<u8, 6> padding3{};
};

struct Event {
    u64 userdata = 0;
    Errno error{};
    EventType type{};
    std::array<u8, 5> padding1{};
    Filesize nbytes = 0;
    Flags<Eventrwflag> flags;
    std::array<u8, 6> padding2{};
};

template <class T, usize size>
inline constexpr bool is_exact =
    sizeof(T) == size && std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T> &&
    std::has_unique_object_representations_v<T>;

static_assert(is_exact<Iovec, 8> && is_exact<Prestat, 8> && is_exact<Fdstat, 24>);
static_assert(is_exact<Filestat, 64> && is_exact<Dirent, 24>);
static_assert(is_exact<Subscription, 48> && is_exact<Event, 32>);
static_assert(offsetof(Prestat, name_len) == 4);
static_assert(offsetof(Fdstat, flags) == 2 && offsetof(Fdstat, rights_base) == 8);
static_assert(offsetof(Filestat, filetype) == 16 && offsetof(Filestat, nlink) == 24);
static_assert(offsetof(Filestat, ctim) == 56);
static_assert(offsetof(Dirent, name_len) == 16 && offsetof(Dirent, type) == 20);
static_assert(offsetof(Subscription, subject) == 16 && offsetof(Subscription, timeout) == 24);
static_assert(offsetof(Subscription, clock_flags) == 40);
static_assert(offsetof(Event, error) == 8 && offsetof(Event, type) == 10);
static_assert(offsetof(Event, nbytes) == 16 && offsetof(Event, flags) == 24);

}  // namespace waxwing::wasi
