// Head and slots: what a reader finds is as new as the head that it saw, and in order. No leases.
#include "model/model.h"

namespace camstream {
namespace {

constexpr uint64_t kFrames = 3;

struct Head : rl::test_suite<Head, 2> {
  static constexpr const char* kName = "head";
  static constexpr const char* kShows = "newest() finds a whole frame no older than the head seen before";
  static constexpr uint64_t kExecutions = 200'000;
  enum : unsigned { kNone, kHeadBeforeVersion, kSequenceFromHead };
  static constexpr const char* kBreaks[] = {
      "head is stored before the slot's version",
      "the frame's sequence is taken from head",
  };
  static inline Outcome outcomes[] = {{"nothing"}, {"frame 1"}, {"frame 2"}, {"frame 3"}, {"torn, and told"}};

  ModelRing<2, AtomicPayload> ring;
  BasicLeaseTable<1> table;
  ModelPause pause;

  void thread(unsigned index) {
    if (index == 0) {
      write();
    } else {
      read();
    }
  }

  void write() {
    ModelWriter<1> writer(memory_of(ring), table, 1);
    for (uint64_t sequence = 1; sequence <= kFrames; ++sequence) {
      const auto slot = writer.begin();
      RL_ASSERT(slot.has_value());
      ring.payload[*slot].write(sequence);
      FrameMeta meta;
      meta.captured_ns = 10 * sequence;
      if (broken == kHeadBeforeVersion) {
        ring.live.head.store_release<Sync::kNone>(head_of(sequence, *slot));
        pause.any(5);
      }
      RL_ASSERT(writer.publish(*slot, meta) == sequence);
      pause.any(30);
    }
  }

  void read() {
    pause.any(60);
    ModelReader reader(memory_of(ring), nullptr, 0);
    const uint64_t head = reader.head();
    if (head_sequence(head) == kFrames) {  // nobody goes into that slot any more: no attempt may be in vain
      const SlotLock slot(ring.headers[head_slot(head)]);
      RL_ASSERT((slot.begin() & 1) == 0 && slot.meta().sequence == kFrames);
    }
    auto frame = reader.newest(0);
    if (!frame) {
      RL_ASSERT(head == 0);  // else there is a frame, and nobody goes into the slot that head names
      ++outcomes[0].seen;
      return;
    }
    if (broken == kSequenceFromHead) frame->meta.sequence = head_sequence(reader.head());
    RL_ASSERT(frame->meta.sequence >= head_sequence(head));
    const uint64_t first = ring.payload[frame->slot].read_first();
    const uint64_t second = ring.payload[frame->slot].read_second();
    if (!reader.intact(*frame)) {
      ++outcomes[4].seen;
      return;
    }
    RL_ASSERT(frame->meta.captured_ns == 10 * frame->meta.sequence);
    RL_ASSERT(first == frame->meta.sequence && second == frame->meta.sequence);
    ++outcomes[frame->meta.sequence].seen;
  }
};

struct Next : rl::test_suite<Next, 2> {
  static constexpr const char* kName = "next";
  static constexpr const char* kShows = "next() walks through all frames that are still there, in order";
  static constexpr uint64_t kExecutions = 100'000;
  enum : unsigned { kNone, kHeadNotLookedAt };
  static constexpr const char* kBreaks[] = {"the oldest frame is taken without having looked at head first"};
  static inline Outcome outcomes[] = {{"no frame"}, {"one"}, {"two"}, {"all"}};

  ModelRing<kFrames + 1, AtomicPayload> ring;
  BasicLeaseTable<1> table;
  ModelPause pause;

  void thread(unsigned index) {
    if (index == 0) {
      write();
    } else {
      read();
    }
  }

  void write() {
    ModelWriter<1> writer(memory_of(ring), table, 1);
    for (uint64_t sequence = 1; sequence <= kFrames; ++sequence) {
      const auto slot = writer.begin();
      RL_ASSERT(slot.has_value());
      ring.payload[*slot].write(sequence);
      writer.publish(*slot, {});
      pause.any(20);
    }
  }

  // The walk without the bound that next() has.
  uint64_t oldest_without_head(uint64_t after) const {
    uint64_t oldest = 0;
    for (const SlotHeader& header : ring.headers) {
      const uint64_t sequence = header.sequence.load_relaxed();
      if (sequence > after && (oldest == 0 || sequence < oldest)) oldest = sequence;
    }
    return oldest;
  }

  void read() {
    ModelReader reader(memory_of(ring), nullptr, 0);
    uint64_t last = 0;
    for (uint64_t look = 0; look < kFrames; ++look) {
      pause.any(30);
      if (broken == kHeadNotLookedAt) {
        const uint64_t sequence = oldest_without_head(last);
        if (sequence == 0) continue;
        RL_ASSERT(sequence == last + 1);
        last = sequence;
        continue;
      }
      const auto frame = reader.next(last);
      if (!frame) continue;
      RL_ASSERT(frame->meta.sequence == last + 1);  // no slot is used again in this model
      RL_ASSERT(ring.payload[frame->slot].read_first() == frame->meta.sequence);
      last = frame->meta.sequence;
    }
    ++outcomes[last].seen;
  }
};

const RegisterModel<Head> registered_head;
const RegisterModel<Next> registered_next;

}  // namespace
}  // namespace camstream
