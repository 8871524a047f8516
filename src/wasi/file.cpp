#include "wasi/file.hpp"

namespace waxwing::wasi {
namespace {

Expected<TimeChange> change(Timestamp value, bool set, bool now) {
    if (set && now) return fail(Errno::inval);
    if (now) return TimeChange{TimeChange::To::now, 0};
    if (!set) return TimeChange{};
    return TimeChange{TimeChange::To::value, value};
}

}  // namespace

Expected<FileTimes> file_times(Timestamp atim, Timestamp mtim, Fstflags which) {
    FileTimes times;
    times.access = TRY(change(atim, which.has(Fstflag::atim), which.has(Fstflag::atim_now)));
    times.modification = TRY(change(mtim, which.has(Fstflag::mtim), which.has(Fstflag::mtim_now)));
    return times;
}

Expected<Size> File::read(Guest&, Parts, bool) { return fail(Errno::badf); }
Expected<Size> File::write(Guest&, Parts, bool) { return fail(Errno::badf); }
Expected<Size> File::pread(Parts, Filesize) { return fail(Errno::spipe); }
Expected<Size> File::pwrite(Parts, Filesize) { return fail(Errno::spipe); }
Expected<Filesize> File::seek(Filedelta, Whence) { return fail(Errno::spipe); }
Expected<void> File::set_size(Filesize) { return fail(Errno::inval); }
Expected<void> File::set_times(const FileTimes&) { return fail(Errno::notsup); }
Expected<void> File::allocate(Filesize, Filesize) { return fail(Errno::spipe); }
Expected<void> File::advise(Filesize, Filesize, Advice) { return fail(Errno::spipe); }
Expected<void> File::sync(bool) { return {}; }
Expected<void> File::set_flags(Fdflags) { return {}; }
Expected<void> File::close() { return {}; }

Expected<Filestat> File::stat() {
    Filestat status;
    status.filetype = type_;
    return status;
}

Expected<std::unique_ptr<File>> File::accept(Guest&, bool) { return fail(Errno::notsock); }
Expected<File::Received> File::receive(Guest&, Parts, Riflags, bool) {
    return fail(Errno::notsock);
}
Expected<Size> File::send(Guest&, Parts, bool) { return fail(Errno::notsock); }
Expected<void> File::shut_down(Sdflags) { return fail(Errno::notsock); }

}  // namespace waxwing::wasi
