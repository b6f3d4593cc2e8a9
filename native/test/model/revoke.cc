// Leases that are taken away: the holder can find out before it believes a byte of another frame.
#include "model/model.h"

namespace camstream {
namespace {

// What every model here has: one slot with frame 1, one member that takes it and looks at it.
template <typename Derived, typename Payload>
struct RevokeBase : rl::test_suite<Derived, 2> {
  SlotHeader header;
  RingLive live;
  Payload payload;
  LeasePage page;
  Member member;
  BasicLeaseTable<1> table;
  ModelPause pause;

  void before() {
    member.page = &page;
    member.quota = 1;
    table.add(member);
    SlotLock(header).enter();
    publish(1);
    live.head.store_relaxed(head_of(1, 0));
  }

  void publish(uint64_t sequence) {
    payload.write(sequence);
    FrameMeta meta;
    meta.sequence = sequence;
    SlotLock(header).leave_with_frame(meta);
  }

  void thread(unsigned index) {
    if (index == 0) {
      static_cast<Derived*>(this)->write();
    } else {
      static_cast<Derived*>(this)->read();
    }
  }

  ModelMemory memory() { return {&live, &header, 1}; }
};

// A lease that has stood too long (age_leases), and then the ordinary way into the slot.
struct RevokeHung : RevokeBase<RevokeHung, AtomicPayload> {
  static constexpr const char* kName = "revoke-hung";
  static constexpr const char* kShows = "intact() speaks of the frame's own bytes; a newer lease stays";
  static constexpr uint64_t kExecutions = 200'000;
  enum : unsigned { kNone, kPlainStore, kWordNotLookedAt, kBlindRelease };
  static constexpr const char* kBreaks[] = {
      "the revocation is a plain store",
      "intact() does not look at the lease word",
      "a late release is a plain store",
  };
  static inline Outcome outcomes[] = {{"intact at the end"}, {"revoked, and told"}, {"revoked on release"},
                                      {"writer gave way"},   {"second lease kept"}};

  ModelMessage leased;
  ModelMessage aged;

  // Once before the holder goes on, so that its next lease is sure to be a newer one.
  void write() {
    const uint64_t step = 100'000'000;
    leased.wait();
    {
      BasicLeaseTable<1>::Visit visit(table);
      (void)table.age(step, step);
    }
    aged.send();
    pause.any(10);
    {
      BasicLeaseTable<1>::Visit visit(table);
      if (broken == kPlainStore) {
        if (page.words[0].load_acquire<Sync::kNone>() == member.seen[0] && member.seen[0] != kLeaseFree) {
          page.words[0].store_relaxed(kLeaseRevoked);
        }
      } else {
        (void)table.age(step, step);
      }
    }
    BasicLeaseTable<1>::Visit visit(table);
    SlotLock slot(header);
    const uint32_t version = slot.enter();
    if (table.holds(0)) {
      slot.leave_untouched(version);
      ++outcomes[3].seen;
      return;
    }
    publish(2);
  }

  void read() {
    ModelReader reader(memory(), &page, 1);
    auto frame = reader.newest(0);
    RL_ASSERT(frame && frame->lease == 0);
    leased.send();
    aged.wait();
    pause.any(20);
    look_at(reader, *frame);
    FrameView stale = *frame;
    if (!reader.release(*frame)) ++outcomes[2].seen;
    // The next lease, of the same word: it has not stood long enough to be taken.
    auto second = reader.newest(0);
    if (!second) return;
    pause.any(10);
    RL_ASSERT(page.words[0].load_relaxed() == second->word);
    if (broken == kBlindRelease) {
      page.words[0].store_release<Sync::kLeaseClear>(kLeaseFree);
    } else {
      RL_ASSERT(!reader.release(stale));  // a finalizer that comes late
    }
    RL_ASSERT(page.words[0].load_relaxed() == second->word);
    RL_ASSERT(reader.release(*second));
    ++outcomes[4].seen;
  }

  void look_at(const ModelReader& reader, const FrameView& frame) {
    const uint64_t first = payload.read_first();
    const uint64_t second = payload.read_second();
    const bool intact = broken == kWordNotLookedAt ? SlotLock(header).unchanged_or_probed(frame.version)
                                                   : reader.intact(frame);
    if (!intact) {
      ++outcomes[1].seen;
      return;
    }
    RL_ASSERT(first == frame.meta.sequence && second == frame.meta.sequence);
    ++outcomes[0].seen;
  }
};

// The last resort of begin(): inside the slot, whatever lease stands on it is taken away.
struct RevokeInside : RevokeBase<RevokeInside, AtomicPayload> {
  static constexpr const char* kName = "revoke-inside";
  static constexpr bool kSearched = true;
  static constexpr const char* kShows = "a byte written after a revocation inside the slot is never believed";
  static constexpr uint64_t kExecutions = 200'000;
  static constexpr std::initializer_list<const char*> kBreaks = {};
  static inline Outcome outcomes[] = {{"no frame"}, {"frame 1 intact"}, {"frame 2 intact"},
                                      {"revoked, and told"}};

  void write() {
    pause.any(20);
    BasicLeaseTable<1>::Visit visit(table);
    SlotLock(header).enter();
    (void)table.take_back(0);
    publish(2);
  }

  void read() {
    ModelReader reader(memory(), &page, 1);
    auto frame = reader.newest(0);
    if (!frame) {
      ++outcomes[0].seen;
      return;
    }
    pause.any(20);
    const uint64_t first = payload.read_first();
    const uint64_t second = payload.read_second();
    if (!reader.intact(*frame)) {
      ++outcomes[3].seen;
      return;
    }
    RL_ASSERT(first == frame->meta.sequence && second == frame->meta.sequence);
    ++outcomes[frame->meta.sequence].seen;
  }
};

// The same against a holder that gives its lease back just then: its reads must be over.
struct RevokeReleased : RevokeBase<RevokeReleased, PlainPayload> {
  static constexpr const char* kName = "revoke-released";
  static constexpr bool kSearched = true;
  static constexpr const char* kShows = "a lease given back while it is taken away was read before the write";
  static constexpr uint64_t kExecutions = 200'000;
  static constexpr std::initializer_list<const char*> kBreaks = {};
  static inline Outcome outcomes[] = {{"no frame"}, {"released in time"}, {"revoked"}};

  void write() {
    BasicLeaseTable<1>::Visit visit(table);
    SlotLock slot(header);
    const uint32_t version = slot.enter();
    // With a lease gone the bytes are nobody's, and reading them is a race that the holder is told of.
    if (table.take_back(0) > 0) {
      slot.leave_untouched(version);
    } else {
      publish(2);
    }
  }

  void read() {
    ModelReader reader(memory(), &page, 1);
    auto frame = reader.newest(0);
    if (!frame) {
      ++outcomes[0].seen;
      return;
    }
    RL_ASSERT(payload.read_first() == frame->meta.sequence);
    ++outcomes[reader.release(*frame) ? 1 : 2].seen;
  }
};

const RegisterModel<RevokeHung> registered_hung;
const RegisterModel<RevokeInside> registered_inside;
const RegisterModel<RevokeReleased> registered_released;

}  // namespace
}  // namespace camstream
