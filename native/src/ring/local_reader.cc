#include "ring/local_reader.h"

#include <algorithm>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "ring/frame_signal.h"

namespace camstream {
namespace {

class PageReader final : public RingHost::LocalReader {
 public:
  explicit PageReader(std::shared_ptr<RingCore> core)
      : core_(std::move(core)), page_(std::make_unique<LeasePage>()) {}

  ~PageReader() override {
    if (!joined_) return;
    uint64_t ticket = 0;
    {
      const std::lock_guard guard(core_->table_mutex);
      ticket = core_->table.remove(member_);
      core_->local_leases_left += member_.quota;
      --core_->local_readers;
    }
    // A visit of the writer lasts microseconds; the page may go when it is over.
    while (!core_->table.reclaimable(ticket)) std::this_thread::yield();
  }

  bool join() {
    const std::lock_guard guard(core_->table_mutex);
    if (core_->local_readers >= kMaxLocalReaders) return false;
    member_.page = page_.get();
    member_.quota = std::min(core_->local_leases_left, 1u);
    joined_ = core_->table.add(member_);
    if (!joined_) return false;
    core_->local_leases_left -= member_.quota;
    ++core_->local_readers;
    reader_.emplace(core_->memory, page_.get(), member_.quota);
    return true;
  }

  RingReader& reader() override { return *reader_; }
  bool closed() const override { return core_->closed.load_relaxed() != 0; }

  bool wait(uint64_t after, uint32_t timeout_ms) override {
    const uint64_t deadline_ns = monotonic_ns() + uint64_t{timeout_ms} * 1'000'000;
    while (true) {
      const uint32_t seen = wake_seen(page_->wake);
      if (closed()) return false;
      if (head_sequence(reader_->head()) > after) return true;
      const uint64_t now_ns = monotonic_ns();
      if (now_ns >= deadline_ns) return false;
      futex_wait(page_->wake, seen, deadline_ns - now_ns);
    }
  }

 private:
  std::shared_ptr<RingCore> core_;
  std::unique_ptr<LeasePage> page_;
  std::optional<RingReader> reader_;
  Member member_;
  bool joined_ = false;
};

}  // namespace

std::unique_ptr<RingHost::LocalReader> make_local_reader(std::shared_ptr<RingCore> core) {
  auto reader = std::make_unique<PageReader>(std::move(core));
  if (!reader->join()) return nullptr;
  return reader;
}

}  // namespace camstream
