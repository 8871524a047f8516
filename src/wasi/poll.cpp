#include <algorithm>
#include <limits>
#include <unordered_map>

#include "wasi/clock.hpp"
#include "wasi/fuel.hpp"
#include "wasi/functions.hpp"
#include "wasi/wait.hpp"

namespace waxwing::wasi {
namespace {

constexpr u64 never = std::numeric_limits<u64>::max();

// A subscription, made ready to be asked again and again.
struct Watch {
    u64 userdata;
    EventType type;
    Errno error = Errno::success;  // known at once: fires with it
    // clock
    ClockId clock = ClockId::monotonic;
    Timestamp deadline = 0;
    // fd_read, fd_write
    DescriptorPtr open{};
    int poll_index = -1;  // none: always ready
};

short events_of(EventType type) {
    return static_cast<short>(type == EventType::fd_read ? POLLIN | POLLRDHUP : POLLOUT);
}

// The guest's subscriptions, and what of them has happened.
class Poller {
public:
    explicit Poller(Context& wasi) : wasi_(wasi) {}

    Expected<void> add(const Subscription& subscription);
    // At least one event, in the order of the subscriptions.
    Expected<std::vector<Event>> wait(Guest& guest);

private:
    Expected<Watch> watch_clock(const Subscription& subscription);
    Expected<Watch> watch_file(const Subscription& subscription, EventType type);
    Expected<u64> until_due(const Watch& watch) const;
    Expected<std::vector<Event>> collect() const;
    // What the kernel has said of its descriptor.
    short happened(const Watch& watch) const;
    Event event_of(const Watch& watch) const;
    Expected<u64> next_timeout();

    Context& wasi_;
    std::vector<Watch> watches_;
    // One for each descriptor of the host: the kernel takes no more than the
    // process may have open, whatever the guest repeats.
    std::vector<pollfd> polls_;
    std::unordered_map<int, int> poll_of_;  // descriptor -> index in polls_
    std::optional<Timestamp> skipped_to_;   // by a clock that does not move by itself
};

Expected<void> Poller::add(const Subscription& subscription) {
    if (subscription.tag > static_cast<u8>(EventType::fd_write)) return fail(Errno::inval);
    const auto type = static_cast<EventType>(subscription.tag);
    watches_.push_back(type == EventType::clock ? TRY(watch_clock(subscription))
                                                : TRY(watch_file(subscription, type)));
    return {};
}

Expected<Watch> Poller::watch_clock(const Subscription& subscription) {
    constexpr auto abstime = static_cast<u16>(Subclockflag::abstime);
    if (subscription.clock_flags & ~abstime) return fail(Errno::inval);
    Watch watch{subscription.userdata, EventType::clock};
    watch.clock = static_cast<ClockId>(subscription.subject);
    if (watch.clock != ClockId::realtime && watch.clock != ClockId::monotonic) {
        // Nobody can wait for the time that the waiting process uses.
        watch.error =
            subscription.subject < enumerator_count<ClockId> ? Errno::notsup : Errno::inval;
        return watch;
    }
    watch.deadline = subscription.timeout;
    if (!(subscription.clock_flags & abstime)) {
        // Setting the real time must not change how long that takes.
        watch.clock = ClockId::monotonic;
        const u64 start = TRY(wasi_.clocks.now(watch.clock));
        watch.deadline =
            subscription.timeout > never - start ? never : start + subscription.timeout;
    }
    return watch;
}

Expected<Watch> Poller::watch_file(const Subscription& subscription, EventType type) {
    const bool reads = type == EventType::fd_read;
    Watch watch{subscription.userdata, type};
    watch.open = TRY(wasi_.fds.file(Fd{subscription.subject}, Right::poll_fd_readwrite));
    const Rights any = reads ? Right::fd_read | Right::sock_accept : Rights(Right::fd_write);
    if (!watch.open->base.has_any(any)) return fail(Errno::badf);
    if (const int fd = watch.open->file->poll_fd(); fd >= 0) {
        const auto [found, is_new] = poll_of_.try_emplace(fd, static_cast<int>(polls_.size()));
        if (is_new) polls_.push_back({fd, 0, 0});
        watch.poll_index = found->second;
        polls_[static_cast<usize>(watch.poll_index)].events |= events_of(type);
    }
    return watch;
}

short Poller::happened(const Watch& watch) const {
    constexpr short always = POLLERR | POLLHUP | POLLNVAL;
    const short all = polls_[static_cast<usize>(watch.poll_index)].revents;
    return static_cast<short>(all & (events_of(watch.type) | always));
}

Expected<std::vector<Event>> Poller::wait(Guest& guest) {
    for (u64 timeout = 0;;) {
        TRY(poll_once(polls_, timeout));
        std::vector<Event> events = TRY(collect());
        if (!events.empty()) return events;
        if (guest.should_stop()) return std::unexpected(guest.interrupted());
        timeout = TRY(next_timeout());
    }
}

Expected<std::vector<Event>> Poller::collect() const {
    std::vector<Event> events;
    for (const Watch& watch : watches_) {
        const bool ready = watch.error != Errno::success ? true
                           : watch.type == EventType::clock
                               ? TRY(until_due(watch)) == 0
                               : watch.poll_index < 0 || happened(watch) != 0;
        if (ready) events.push_back(event_of(watch));
    }
    return events;
}

Event Poller::event_of(const Watch& watch) const {
    Event event;
    event.userdata = watch.userdata;
    event.type = watch.type;
    event.error = watch.error;
    if (watch.type == EventType::fd_read) event.nbytes = watch.open->file->readable();
    if (watch.poll_index >= 0) {
        const short what = happened(watch);
        if (what & (POLLHUP | POLLRDHUP | POLLERR)) event.flags = Eventrwflag::hangup;
        if (what & POLLNVAL) event.error = Errno::badf;
    }
    return event;
}

// Nanoseconds; 0 if it is due.
Expected<u64> Poller::until_due(const Watch& watch) const {
    const u64 time = skipped_to_ ? *skipped_to_ : TRY(wasi_.clocks.now(watch.clock));
    return time >= watch.deadline ? 0 : watch.deadline - time;
}

// How long to wait for the descriptors before the clocks are looked at again.
Expected<u64> Poller::next_timeout() {
    u64 least = never;
    Timestamp first = never;
    for (const Watch& watch : watches_) {
        if (watch.type != EventType::clock || watch.error != Errno::success) continue;
        least = std::min(least, TRY(until_due(watch)));
        first = std::min(first, watch.deadline);
    }
    if (least == never || wasi_.clocks.kind() == Clock::Kind::callback) return slice_ns;
    if (wasi_.clocks.kind() == Clock::Kind::system) return std::min(slice_ns, least);
    skipped_to_ = first;
    wasi_.clocks.pass(first);
    return 0;
}

}  // namespace

// poll_oneoff(in, out, count) -> events
//   inval: no subscription, too many, or one without meaning.  badf: one of a
//   descriptor that is not open for that.
// Waits for the first event and answers with all that are there by then. Where time
// does not pass by itself, the first clock is due as soon as no descriptor is ready.
Expected<Size> poll_oneoff(Context& wasi, Guest& guest, GuestPtr<Subscription> in,
                           GuestPtr<Event> out, Size count) {
    if (count == 0 || count > wasi.limits.subscriptions) return fail(Errno::inval);
    const GuestArray<Subscription> subscriptions{in.address, count};
    const GuestArray<Event> results{out.address, count};
    TRY(guest.check(subscriptions));
    TRY(guest.check(results));

    guest.consume_fuel(count * fuel::per_subscription);
    Poller poller(wasi);
    for (u32 i = 0; i < count; ++i)
        TRY(poller.add(TRY(guest.load(subscriptions, i))));
    const std::vector<Event> events = TRY(poller.wait(guest));
    for (u32 i = 0; i < events.size(); ++i)
        TRY(guest.store(results, i, events[i]));
    return static_cast<Size>(events.size());
}

}  // namespace waxwing::wasi
