#include "ring/frame_store.h"

#include <algorithm>

#include "base/clock.h"
#include "base/system_error.h"

namespace camstream {

// One frame in use, however many ids it has. Its window shows the ring until the frame becomes a copy.
struct FrameStore::Hold {
  FrameView view;
  std::shared_ptr<SlotWindow> window;
  size_t size = 0;
  uint64_t taken_ns = 0;
  uint32_t ids = 0;        // of which `loans` are lent
  uint32_t loans = 0;
  uint32_t users = 0;      // buffers handed out that may be in use
  uint32_t lent_left = 0;  // buffers lent and not dropped yet
  bool apart = false;      // the window shows a copy, or zeros if `lost`
  bool lost = false;

  bool leased() const { return view.lease >= 0; }
};

FrameStore::FrameStore(RingReader reader, SlotFile file, uint64_t lease_timeout_ns)
    : reader_(std::move(reader)),
      file_(file),
      lease_timeout_ns_(lease_timeout_ns),
      windows_(file.slot_count) {}

FrameStore::~FrameStore() { close(); }

// The reader before had no leases, so that nothing held refers to it.
void FrameStore::join(RingReader reader) {
  const std::lock_guard lock(mutex_);
  if (open_ && reader_.quota() == 0) reader_ = std::move(reader);
}

Result<std::optional<FrameStore::Taken>> FrameStore::take(bool every, uint64_t after) {
  const std::lock_guard lock(mutex_);
  if (!open_ || head_sequence(reader_.head()) <= after) return std::optional<Taken>();
  free_a_lease();
  auto view = every ? reader_.next(after) : reader_.newest(after);
  if (!view) return std::optional<Taken>();
  HoldPtr hold = same_frame(*view);
  if (hold) {
    reader_.release(*view);
  } else {
    hold = std::make_shared<Hold>();
    hold->view = *view;
    hold->window = window_of(view->slot);
    if (!hold->window) {
      const Error error = system_error("RING_SYSTEM", "Cannot map a slot of the ring into memory");
      reader_.release(*view);
      return error;
    }
    hold->size = std::min<uint64_t>(view->meta.bytes_used, file_.payload_capacity);
    hold->taken_ns = monotonic_ns();
    holds_.push_back(hold);
  }
  return std::optional<Taken>({.id = add_id(hold, false),
                               .meta = hold->view.meta,
                               .leased = hold->leased() || (hold->apart && !hold->lost)});
}

uint64_t FrameStore::lend(uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(id);
  return found == ids_.end() ? 0 : add_id(found->second.hold, true);
}

std::optional<FrameStore::Bytes> FrameStore::bytes(uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(id);
  if (found == ids_.end()) return std::nullopt;
  return Bytes{found->second.hold->window->data(), found->second.hold->size};
}

Result<std::unique_ptr<FrameStore::HandOut>> FrameStore::hand_out(uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(id);
  if (found == ids_.end()) {
    return Error{"FRAME_RELEASED",
                 "The frame has been released: its bytes are another frame's by now. Use them before "
                 "release(), or take a copy()."};
  }
  const HoldPtr hold = found->second.hold;
  if (!intact(*hold)) return overwritten();
  if (!hold->leased() && !hold->apart) return std::unique_ptr<HandOut>();
  const bool lent = found->second.lent;
  if (lent) {
    ++hold->lent_left;
  } else {
    ++hold->users;
  }
  return std::make_unique<HandOut>(shared_from_this(), hold, Bytes{hold->window->data(), hold->size}, lent);
}

Error FrameStore::overwritten() {
  return {"FRAME_OVERWRITTEN",
          "The producer has overwritten the frame: it had no lease, or was held for so long that its lease "
          "was revoked. Ask isIntact() first."};
}

bool FrameStore::intact(uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(id);
  return found != ids_.end() && intact(*found->second.hold);
}

FrameStore::Released FrameStore::release(uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(id);
  if (found == ids_.end()) return {};
  const HoldPtr hold = found->second.hold;
  Released released{.held = true, .keep = nullptr};
  if (hold->users > 0 || hold->lent_left > 0 || hold->apart) released.keep = hold->window;
  if (found->second.lent) --hold->loans;
  ids_.erase(found);
  --hold->ids;
  let_go(hold);
  return released;
}

void FrameStore::protect(uint64_t now_ns) {
  const std::lock_guard lock(mutex_);
  if (!open_ || lease_timeout_ns_ == 0) return;
  const std::vector<HoldPtr> holds = holds_;
  for (const HoldPtr& hold : holds) {
    if (!hold->leased() || now_ns < hold->taken_ns + lease_timeout_ns_ / 2) continue;
    if (make_copy(*hold)) let_go(hold);
  }
}

FrameStore::Counts FrameStore::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts{.held = static_cast<uint32_t>(ids_.size()), .lingering = 0, .copied = copied_};
  for (const HoldPtr& hold : holds_) counts.lingering += hold->ids == 0 ? 1 : 0;
  return counts;
}

std::shared_ptr<SlotWindow> FrameStore::window_of(uint32_t slot) {
  auto& window = windows_[slot];
  if (!window) {
    const uint64_t offset = file_.data_offset + file_.slot_stride * slot;
    window = SlotWindow::map(file_.fd, offset, file_.slot_stride, spare_);
  }
  return window;
}

// A frame that is held already needs no lease of its own.
FrameStore::HoldPtr FrameStore::same_frame(const FrameView& frame) const {
  for (const HoldPtr& hold : holds_) {
    const bool same = hold->view.slot == frame.slot && hold->view.version == frame.version;
    if (same && (hold->leased() || hold->apart) && intact(*hold)) return hold;
  }
  return nullptr;
}

uint64_t FrameStore::add_id(const HoldPtr& hold, bool lent) {
  ids_.emplace(++last_id_, Id{hold, lent});
  ++hold->ids;
  if (lent) ++hold->loans;
  return last_id_;
}

// All leases are out, and some only because native code may still be at work: the oldest of those
// becomes a copy. If it cannot, the next frame comes without a lease and says so.
void FrameStore::free_a_lease() {
  if (reader_.quota() == 0 || reader_.leases_held() < reader_.quota()) return;
  for (size_t index = 0; index < holds_.size(); ++index) {
    const HoldPtr hold = holds_[index];
    if (!hold->leased() || hold->ids > hold->loans) continue;
    if (!make_copy(*hold)) return;
    let_go(hold);
    return;
  }
}

bool FrameStore::intact(const Hold& hold) const {
  if (hold.apart) return !hold.lost;
  return open_ && hold.window->shows_ring() && reader_.intact(hold.view);
}

// The lease goes after the window has changed: nobody sees the slot's next frame through it.
bool FrameStore::make_copy(Hold& hold) {
  if (!hold.window->shows_ring()) {  // another frame was in this slot when its window was set apart
    hold.apart = hold.lost = true;
  } else {
    Mapping copy = hold.window->copy(hold.size);
    if (!copy) return false;
    const bool whole = reader_.intact(hold.view);
    if (!(whole ? hold.window->lay(std::move(copy)) : hold.window->lay_zeros())) return false;
    hold.apart = true;
    hold.lost = !whole;
    if (whole) ++copied_;
  }
  auto& window = windows_[hold.view.slot];
  if (window == hold.window) window = nullptr;
  reader_.release(hold.view);
  return true;
}

void FrameStore::make_zeros(Hold& hold) {
  hold.window->lay_zeros();
  hold.apart = hold.lost = true;
  auto& window = windows_[hold.view.slot];
  if (window == hold.window) window = nullptr;
}

void FrameStore::let_go(const HoldPtr& hold) {
  if (hold->ids > 0 || (hold->users > 0 && !hold->apart)) return;
  if (!hold->apart) {
    // Whoever lent it has said that nobody uses it any more; should that be wrong, zeros are seen.
    if (hold->lent_left > 0) make_zeros(*hold);
    reader_.release(hold->view);
  }
  std::erase(holds_, hold);
}

void FrameStore::take_back(const HoldPtr& hold, bool lent) {
  const std::lock_guard lock(mutex_);
  if (lent) {
    --hold->lent_left;
  } else {
    --hold->users;
  }
  if (std::find(holds_.begin(), holds_.end(), hold) != holds_.end()) let_go(hold);
}

// What JavaScript has views of stays mapped for as long as this store, which those views keep alive.
void FrameStore::leave(bool keep_held) {
  const std::lock_guard lock(mutex_);
  if (open_) {
    const std::vector<HoldPtr> holds = holds_;
    for (const HoldPtr& hold : holds) {
      if (!hold->apart) set_apart(*hold, keep_held);
      let_go(hold);
    }
    for (const auto& window : windows_) {
      if (window) window->lay_zeros();
    }
    parked_ = std::move(windows_);
    spare_->close();
    open_ = false;
  }
  if (keep_held) return;
  for (const HoldPtr& hold : holds_) parked_.push_back(hold->window);
  ids_.clear();
  holds_.clear();
}

void FrameStore::set_apart(Hold& hold, bool keep_held) {
  const bool wanted = hold.users > 0 || hold.loans > 0 || keep_held;
  if (wanted && make_copy(hold)) return;
  make_zeros(hold);
  reader_.release(hold.view);
}

FrameStore::HandOut::HandOut(std::shared_ptr<FrameStore> store, HoldPtr hold, Bytes bytes, bool lent)
    : store_(std::move(store)), hold_(std::move(hold)), window_(hold_->window), bytes_(bytes), lent_(lent) {}

FrameStore::HandOut::~HandOut() { store_->take_back(hold_, lent_); }

}  // namespace camstream
