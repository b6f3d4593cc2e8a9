#include "ring/ring_service.h"

#include <sys/eventfd.h>

#include "base/block_signals.h"
#include "base/clock.h"
#include "base/retry_eintr.h"
#include "base/system_error.h"
#include "ring/frame_signal.h"

namespace camstream {
namespace {

constexpr uint64_t kHeartbeatNs = 200'000'000;
constexpr int kReclaimMs = 5;  // a writer's visit to the table is over long before
constexpr int kDeafMs = 20;    // as long as Membership pauses in a flood
// Sleepers on the shared word cannot announce themselves. Without any the thread looks this often; the
// first frame that one waits for may be that late, the next ones are not.
constexpr int kSleeperLookMs = 50;
constexpr uint64_t kSleepersStayNs = 1'000'000'000;

}  // namespace

RingService::RingService(RingCore& core, std::unique_ptr<Membership> membership, PathWatch watch)
    : core_(core),
      membership_(std::move(membership)),
      watch_(std::move(watch)),
      event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

RingService::~RingService() {
  stop_.store_relaxed(1);
  nudge();
  if (thread_.joinable()) thread_.join();
}

Status RingService::start() {
  if (!event_) return system_error("RING_SYSTEM", "cannot make an eventfd");
  beat(monotonic_ns());
  const BlockSignals inherited;  // the host's signal handlers are not for this thread
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    return Error{"RING_SYSTEM", std::string("cannot start the ring's service thread: ") + error.what()};
  }
  return ok();
}

void RingService::state_changed() {
  state_changed_.store_relaxed(1);
  nudge();
}

// A full counter is as good as one more: the thread will wake.
void RingService::nudge() {
  const uint64_t one = 1;
  (void)!retry_eintr([&] { return write(event_.get(), &one, sizeof(one)); });
}

void RingService::run() {
  pthread_setname_np(pthread_self(), "ring-service");
  std::vector<pollfd> polled;
  uint64_t next_beat_ns = monotonic_ns() + kHeartbeatNs;
  woken_for_ = wake_seen(core_.memory.live->wake);
  while (stop_.load_relaxed() == 0) {
    const uint64_t before_ns = monotonic_ns();
    if (before_ns >= next_beat_ns) {
      beat(before_ns);
      next_beat_ns = before_ns + kHeartbeatNs;
    }
    polled.assign(1, {event_.get(), POLLIN, 0});
    membership_->add_to(polled, before_ns);
    int timeout_ms = static_cast<int>((next_beat_ns - before_ns) / 1'000'000) + 1;
    if (sleepers_.load_relaxed() == 0) timeout_ms = std::min(timeout_ms, kSleeperLookMs);
    if (polled[1].fd < 0) timeout_ms = std::min(timeout_ms, kDeafMs);
    if (membership_->reclaim()) timeout_ms = std::min(timeout_ms, kReclaimMs);
    poll(polled.data(), polled.size(), timeout_ms);

    uint64_t events = 0;
    if ((polled[0].revents & POLLIN) != 0) (void)!read(event_.get(), &events, sizeof(events));
    if (state_changed_.load_relaxed() != 0) {
      state_changed_.store_relaxed(0);
      count_up(core_.memory.live->wake);
      membership_->wake_all();
    }
    wake_sleepers(before_ns);
    membership_->react(&polled[1], before_ns);
  }
}

void RingService::wake_sleepers(uint64_t now_ns) {
  Atomic<uint32_t>& word = core_.memory.live->wake;
  const uint32_t now = wake_seen(word);
  if (now == woken_for_) return;
  woken_for_ = now;
  if (futex_wake(word, INT_MAX) > 0) {
    sleepers_seen_ns_ = now_ns;
    sleepers_.store_relaxed(1);
  } else if (now_ns - sleepers_seen_ns_ > kSleepersStayNs) {
    sleepers_.store_relaxed(0);
  }
}

void RingService::beat(uint64_t now_ns) {
  RingLive& live = *core_.memory.live;
  live.members.store_relaxed(core_.members.load_relaxed());
  live.leased.store_relaxed(core_.leased.load_relaxed());
  live.revoked.store_relaxed(core_.revoked.load_relaxed());
  live.heartbeat_ns.store_relaxed(now_ns);
  if (watch_.lost()) path_lost_.store_relaxed(1);
}

}  // namespace camstream
