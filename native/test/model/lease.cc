// Leases that nobody takes away: a leased frame's bytes are plain data, which no writer may touch.
#include "model/model.h"

namespace camstream {
namespace {

// One slot and one word, small enough to meet every order of steps.
struct LeaseSlot : rl::test_suite<LeaseSlot, 2> {
  static constexpr const char* kName = "lease-slot";
  static constexpr bool kSearched = true;
  static constexpr const char* kShows = "either the writer sees the lease or the reader sees the writer";
  static constexpr uint64_t kExecutions = 200'000;
  enum : unsigned { kNone, kScanBeforeOdd, kNoSecondLook };
  static constexpr const char* kBreaks[] = {
      "the writer scans before the version is odd",
      "the reader does not look again after storing the word",
  };
  static inline Outcome outcomes[] = {{"writer gave way"}, {"writer overwrote"}, {"reader gave way"},
                                      {"frame 1 held"},    {"frame 2 held"}};

  SlotHeader header;
  PlainPayload payload;
  LeasePage page;
  Member member;
  BasicLeaseTable<1> table;
  ModelPause pause;

  void before() {
    member.page = &page;
    member.quota = 1;
    table.add(member);
    payload.write(1);
    FrameMeta meta;
    meta.sequence = 1;
    SlotLock(header).enter();
    SlotLock(header).leave_with_frame(meta);
  }

  void thread(unsigned index) {
    if (index == 0) {
      write();
    } else {
      read();
    }
  }

  void write() {
    pause.any(10);
    BasicLeaseTable<1>::Visit visit(table);
    SlotLock slot(header);
    bool held = broken == kScanBeforeOdd && table.holds(0);
    const uint32_t version = slot.enter();
    if (broken != kScanBeforeOdd) held = table.holds(0);
    if (held) {
      slot.leave_untouched(version);
      ++outcomes[0].seen;
      return;
    }
    payload.write(2);
    FrameMeta meta;
    meta.sequence = 2;
    slot.leave_with_frame(meta);
    ++outcomes[1].seen;
  }

  void read() {
    ring.live.head.store_relaxed(head_of(1, 0));
    pause.any(10);
    if (broken == kNoSecondLook) {
      if (SlotLock(header).begin() & 1) return;
      page.words[0].store_release<Sync::kLeaseStore>(lease_word(1, 0));
      fence_seq_cst<Sync::kLeaseFence>();
      (void)payload.read_first();
      return;
    }
    ModelReader reader({&ring.live, &header, 1}, &page, 1);
    auto frame = reader.newest(0);
    if (!frame) {
      ++outcomes[2].seen;
      return;
    }
    RL_ASSERT(frame->lease == 0);
    const uint64_t value = payload.read_first();
    RL_ASSERT(value == frame->meta.sequence && payload.read_second() == value);
    // intact() has a fence, which would order the reads for the writer by the way: not before release().
    RL_ASSERT(reader.release(*frame));
    ++outcomes[2 + value].seen;
  }

  ModelRing<1, AtomicPayload> ring;  // of it, head only: the slot's number is all that a reader takes from it
};

// The whole writer and two readers: four slots, one word each, used again and again.
struct LeaseRing : rl::test_suite<LeaseRing, 3> {
  static constexpr const char* kName = "lease-ring";
  static constexpr const char* kShows = "the writer never touches a leased slot and always finds another";
  static constexpr uint64_t kExecutions = 60'000;
  static constexpr std::initializer_list<const char*> kBreaks = {};
  static inline Outcome outcomes[] = {{"no frame"}, {"held one"}, {"held two"}, {"probed a leased slot"}};

  ModelRing<4, PlainPayload> ring;
  LeasePage pages[2];
  Member members[2];
  BasicLeaseTable<2> table;
  ModelPause pause;

  void before() {
    for (unsigned index = 0; index < 2; ++index) {
      members[index].page = &pages[index];
      members[index].quota = 1;
      table.add(members[index]);
    }
  }

  void thread(unsigned index) {
    if (index == 0) {
      write();
    } else {
      read(pages[index - 1]);
    }
  }

  void write() {
    ModelWriter<2> writer(memory_of(ring), table, ~uint64_t{0});
    for (uint64_t sequence = 1; sequence <= 5; ++sequence) {
      const auto slot = writer.begin();
      RL_ASSERT(slot.has_value());
      ring.payload[*slot].write(sequence);
      writer.publish(*slot, {});
      pause.any(10);
    }
    RL_ASSERT(writer.stats().revoked == 0);
    if (writer.stats().probes_leased > 0) ++outcomes[3].seen;
  }

  void read(LeasePage& page) {
    ModelReader reader(memory_of(ring), &page, 1);
    uint64_t last = 0;
    unsigned held = 0;
    for (unsigned look = 0; look < 2; ++look) {
      pause.any(100);
      // Both kinds of looking: the newest is never the writer's candidate, the oldest is always.
      auto frame = rl::rand(2) ? reader.next(last) : reader.newest(last);
      if (!frame) continue;
      RL_ASSERT(frame->lease == 0 && frame->meta.sequence > last);
      last = frame->meta.sequence;
      RL_ASSERT(ring.payload[frame->slot].read_first() == last);
      pause.any(20);
      RL_ASSERT(ring.payload[frame->slot].read_second() == last);
      RL_ASSERT(reader.release(*frame));
      ++held;
    }
    ++outcomes[held].seen;
  }
};

// A driver with several slots queued (USERPTR): they come back in another order, or unused.
struct LeaseQueue : rl::test_suite<LeaseQueue, 2> {
  static constexpr const char* kName = "lease-queue";
  static constexpr const char* kShows = "two slots out, one of them cancelled: a lease still holds";
  static constexpr uint64_t kExecutions = 100'000;
  enum : unsigned { kNone, kUntouchedAfterWrite };
  static constexpr const char* kBreaks[] = {"a slot that was written to is cancelled as untouched"};
  static inline Outcome outcomes[] = {{"no frame"}, {"frame 1"}, {"frame 2"}};

  ModelRing<4, PlainPayload> ring;
  LeasePage page;
  Member member;
  BasicLeaseTable<1> table;
  ModelPause pause;

  void before() {
    member.page = &page;
    member.quota = 1;
    table.add(member);
  }

  void thread(unsigned index) {
    if (index == 0) {
      write();
    } else {
      read();
    }
  }

  void write() {
    ModelWriter<1> writer(memory_of(ring), table, ~uint64_t{0});
    publish(writer, writer.begin(), 1);
    publish(writer, writer.begin(), 2);
    publish(writer, writer.begin(), 3);
    pause.any(30);
    const auto one = writer.begin();  // the slot that is still empty
    const auto two = writer.begin();  // frame 1, or frame 2 if that is leased
    RL_ASSERT(one && two && *one != *two);
    if (rl::rand(2)) {
      ring.payload[*two].write(99);  // STREAMOFF while the driver was in it
      if (broken == kUntouchedAfterWrite) {
        writer.cancel_untouched(*two);
      } else {
        writer.cancel_dirty(*two);
      }
    } else {
      writer.cancel_untouched(*two);
    }
    publish(writer, one, 4);
  }

  void publish(ModelWriter<1>& writer, std::optional<uint32_t> slot, uint64_t sequence) {
    RL_ASSERT(slot.has_value());
    ring.payload[*slot].write(sequence);
    RL_ASSERT(writer.publish(*slot, {}) == sequence);
  }

  void read() {
    pause.any(200);
    ModelReader reader(memory_of(ring), &page, 1);
    auto frame = reader.next(0);
    if (!frame) {
      ++outcomes[0].seen;
      return;
    }
    const uint64_t sequence = frame->meta.sequence;
    RL_ASSERT(ring.payload[frame->slot].read_first() == sequence);
    RL_ASSERT(ring.payload[frame->slot].read_second() == sequence);
    RL_ASSERT(reader.release(*frame));
    ++outcomes[sequence].seen;
  }
};

const RegisterModel<LeaseSlot> registered_slot;
const RegisterModel<LeaseRing> registered_ring;
const RegisterModel<LeaseQueue> registered_queue;

}  // namespace
}  // namespace camstream
