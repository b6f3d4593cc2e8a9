#include "ring/ring_host.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include "base/clock.h"
#include "base/crash_point.h"
#include "base/system_error.h"
#include "ring/frame_signal.h"
#include "ring/join_socket.h"
#include "ring/local_reader.h"
#include "ring/retire_ring.h"
#include "ring/ring_claim.h"
#include "ring/ring_core.h"
#include "ring/ring_plan.h"
#include "ring/ring_service.h"
#include "shm/segment.h"

namespace camstream {

class RingHost::Impl {
 public:
  Impl(const RingHostOptions& options, std::shared_ptr<RingClaim> claim)
      : options_(options), claim_(std::move(claim)) {}
  ~Impl() { close(); }

  Status open();
  void close();

  void wake_members();
  void tick();

  HostRingWriter& writer() { return *writer_; }
  RingService& service() { return *service_; }
  const std::shared_ptr<RingCore>& core() { return core_; }
  const RingHostOptions& options() const { return options_; }
  const RingGeometry& geometry() const { return geometry_; }

 private:
  Status build_segment();
  Status open_to_readers();
  void remove_files();

  RingHostOptions options_;
  std::shared_ptr<RingClaim> claim_;
  RingGeometry geometry_{};
  std::shared_ptr<RingCore> core_ = std::make_shared<RingCore>();
  UniqueFd file_;
  std::unique_ptr<HostRingWriter> writer_;
  std::unique_ptr<RingService> service_;
  uint64_t last_tick_ns_ = 0;
};

Status RingHost::Impl::open() {
  const auto planned = plan_ring(options_);
  if (!planned) return planned.error();
  geometry_ = *planned;
  retire_ring(claim_->folder());
  auto built = build_segment();
  if (built) built = open_to_readers();
  if (!built) {
    for (const char* name : {"ring.new", "socket.new", "socket"}) unlinkat(claim_->folder(), name, 0);
  }
  return built;
}

// The whole ring is there before it has its name, so nobody ever sees half of one.
Status RingHost::Impl::build_segment() {
  SegmentRequest request;
  request.folder = claim_->folder();
  request.folder_path = claim_->path();
  request.name = "ring.new";
  request.removed_path = claim_->path() + "/ring";
  request.size = geometry_.file_size;
  request.mode = claim_->modes().file;
  request.group = claim_->group();
  auto segment = create_segment(request);
  if (!segment) return segment.error();
  file_ = std::move(segment->fd);
  core_->mapping = std::move(segment->mapping);
  if (getrandom(geometry_.ring_id, sizeof(geometry_.ring_id), 0) != sizeof(geometry_.ring_id)) {
    return system_error("RING_SYSTEM", "cannot get random bytes for the ring's id");
  }
  geometry_.producer_pid = static_cast<uint32_t>(getpid());
  geometry_.monotonic_ns = monotonic_ns();
  geometry_.realtime_ns = realtime_ns();
  std::memcpy(core_->mapping.data(), &geometry_, sizeof(geometry_));
  core_->memory = ring_memory(core_->mapping.data(), geometry_);
  core_->local_leases_left = options_.local_leases;
  core_->visitors_changed = options_.visitors_changed;
  const uint64_t timeout_ns = uint64_t{options_.lease_timeout_ms} * 1'000'000;
  writer_ = std::make_unique<HostRingWriter>(core_->memory, core_->table, timeout_ns);
  return ok();
}

Status RingHost::Impl::open_to_readers() {
  auto listener = listen_in(*claim_);
  if (!listener) return listener.error();
  MembershipOptions membership;
  membership.lease_pool = options_.readers * options_.hold;
  membership.quota = options_.hold;
  std::copy(std::begin(geometry_.ring_id), std::end(geometry_.ring_id), membership.ring_id.begin());
  auto members = std::make_unique<Membership>(std::move(*listener), file_.get(), *core_, membership);
  crash_point("listening");
  if (renameat(claim_->folder(), "ring.new", claim_->folder(), "ring") < 0) {
    return system_error("RING_SYSTEM", "cannot give the ring its name in " + claim_->path());
  }
  crash_point("renamed");
  service_ = std::make_unique<RingService>(*core_, std::move(members),
                                           PathWatch(claim_->path(), {"ring", "socket", "lock"}));
  return service_->start();
}

void RingHost::Impl::close() {
  if (!core_->memory.live) return;
  core_->memory.live->state.store_relaxed(static_cast<uint32_t>(RingState::kClosed));
  core_->closed.store_relaxed(1);
  remove_files();
  wake_members();
  count_up(core_->memory.live->wake);
  futex_wake(core_->memory.live->wake, INT_MAX);
  service_.reset();
}

// Only what is ours: if the path was lost, another producer may live there by now.
void RingHost::Impl::remove_files() {
  struct stat ours {};
  struct stat found {};
  if (fstat(file_.get(), &ours) < 0) return;
  if (fstatat(claim_->folder(), "ring", &found, AT_SYMLINK_NOFOLLOW) < 0) return;
  if (ours.st_dev != found.st_dev || ours.st_ino != found.st_ino) return;
  unlinkat(claim_->folder(), "socket", 0);
  unlinkat(claim_->folder(), "ring", 0);
}

void RingHost::Impl::wake_members() { writer_->each_member_page(wake_member); }

void RingHost::Impl::tick() {
  const uint64_t now_ns = monotonic_ns();
  writer_->age_leases(last_tick_ns_ == 0 ? 0 : now_ns - last_tick_ns_);
  last_tick_ns_ = now_ns;
  HostLeaseTable::SlotSet leased;
  {
    const HostLeaseTable::Visit visit(core_->table);
    core_->table.collect(leased, geometry_.slot_count);
  }
  core_->leased.store_relaxed(static_cast<uint32_t>(leased.count()));
  core_->revoked.store_relaxed(writer_->stats().revoked);
}

Result<std::unique_ptr<RingHost>> RingHost::open(const RingHostOptions& options) {
  auto claim = RingClaim::take(options);
  if (!claim) return claim.error();
  return open(options, std::move(*claim));
}

Result<std::unique_ptr<RingHost>> RingHost::open(const RingHostOptions& options,
                                                 std::shared_ptr<RingClaim> claim) {
  auto impl = std::make_unique<Impl>(options, std::move(claim));
  if (auto opened = impl->open(); !opened) return opened.error();
  return std::unique_ptr<RingHost>(new RingHost(std::move(impl)));
}

RingHost::RingHost(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RingHost::~RingHost() = default;

std::optional<uint32_t> RingHost::begin() {
  const auto slot = impl_->writer().begin();
  crash_point("slot_entered");
  return slot;
}

uint8_t* RingHost::payload(uint32_t slot) const { return impl_->core()->memory.payload(slot); }

uint64_t RingHost::publish(uint32_t slot, FrameMeta meta) {
  meta.published_ns = monotonic_ns();
  const uint64_t sequence = impl_->writer().publish(slot, meta);
  crash_point("published");
  count_up(impl_->core()->memory.live->wake);
  impl_->wake_members();
  impl_->service().frame_published();
  impl_->core()->published.store_relaxed(sequence);
  return sequence;
}

void RingHost::cancel_untouched(uint32_t slot) { impl_->writer().cancel_untouched(slot); }
void RingHost::cancel_dirty(uint32_t slot) { impl_->writer().cancel_dirty(slot); }
void RingHost::tick() { impl_->tick(); }

void RingHost::set_state(RingState state) {
  Atomic<uint32_t>& word = impl_->core()->memory.live->state;
  if (word.load_relaxed() == static_cast<uint32_t>(state)) return;
  word.store_relaxed(static_cast<uint32_t>(state));
  impl_->service().state_changed();
}

bool RingHost::path_lost() const { return impl_->service().path_lost(); }

RingHostStatus RingHost::status() const {
  const RingCore& core = *impl_->core();
  RingHostStatus status;
  status.published = core.published.load_relaxed();
  status.revoked = core.revoked.load_relaxed();
  status.members = core.members.load_relaxed();
  status.visitors = core.visitors.load_relaxed();
  status.leased = core.leased.load_relaxed();
  status.slot_count = core.memory.slot_count;
  status.file_size = geometry().file_size;
  status.path_lost = path_lost();
  return status;
}

const RingHostOptions& RingHost::options() const { return impl_->options(); }
const RingMemory& RingHost::memory() const { return impl_->core()->memory; }
const RingGeometry& RingHost::geometry() const { return impl_->geometry(); }

std::unique_ptr<RingHost::LocalReader> RingHost::add_local_reader() {
  return make_local_reader(impl_->core());
}

}  // namespace camstream
