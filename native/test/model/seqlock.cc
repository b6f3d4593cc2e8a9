// A reader without a lease on one slot that is overwritten, probed and cancelled under it.
#include "model/model.h"

namespace camstream {
namespace {

struct Seqlock : rl::test_suite<Seqlock, 3> {
  static constexpr const char* kName = "seqlock";
  static constexpr bool kSearched = true;
  static constexpr const char* kShows = "what passes the check is whole: bytes and fields of one frame";
  static constexpr uint64_t kExecutions = 200'000;
  enum : unsigned { kNone, kMetaAfterCheck, kSameVersionAfterWrite, kWriteBeforeOdd, kNoSecondLook };
  static constexpr const char* kBreaks[] = {
      "fields are copied after the check",
      "the same version comes back after bytes were written",
      "bytes are written before the version is odd",
      "the reader does not look again",
  };
  static inline Outcome outcomes[] = {{"no frame"},  {"writer inside"}, {"changed meanwhile"},
                                      {"frame 1"}, {"frame 2"}};

  SlotHeader header;
  AtomicPayload payload;
  ModelPause pause;

  void thread(unsigned index) {
    if (index == 0) {
      write();
    } else {
      read();
    }
  }

  void write() {
    SlotLock slot(header);
    publish(slot, 1);
    pause.any(30);
    if (rl::rand(2)) slot.leave_untouched(slot.enter());  // a probe
    if (rl::rand(2)) cancel_after_write(slot);
    pause.any(30);
    publish(slot, 2);
  }

  void publish(SlotLock& slot, uint64_t sequence) {
    if (broken == kWriteBeforeOdd) payload.write(sequence);
    slot.enter();
    if (broken != kWriteBeforeOdd) payload.write(sequence);
    FrameMeta meta;
    meta.sequence = sequence;
    meta.captured_ns = 10 * sequence;
    slot.leave_with_frame(meta);
  }

  void cancel_after_write(SlotLock& slot) {
    const uint32_t version = slot.enter();
    payload.write(99);
    if (broken == kSameVersionAfterWrite) {
      slot.leave_untouched(version);
    } else {
      slot.leave_without_frame();
    }
  }

  void read() {
    pause.any(40);
    const SlotLock slot(header);
    const uint32_t version = slot.begin();
    if (version & 1) {
      ++outcomes[1].seen;
      return;
    }
    FrameMeta meta = slot.meta();
    const uint64_t first = payload.read_first();
    const uint64_t second = payload.read_second();
    if (!slot.unchanged(version) && broken != kNoSecondLook) {
      ++outcomes[2].seen;
      return;
    }
    if (broken == kMetaAfterCheck) meta = slot.meta();
    if (meta.sequence == 0) {
      ++outcomes[0].seen;
      return;
    }
    RL_ASSERT(meta.sequence <= 2);
    RL_ASSERT(first == meta.sequence && second == meta.sequence);
    RL_ASSERT(meta.captured_ns == 10 * meta.sequence);
    ++outcomes[2 + meta.sequence].seen;
  }
};

const RegisterModel<Seqlock> registered;

}  // namespace
}  // namespace camstream
