// Sleeping readers: whoever looks at head and goes to sleep is woken by the next frame.
#include "model/model.h"
#include "ring/frame_signal.h"

namespace camstream {
namespace {

struct Wake : rl::test_suite<Wake, 2> {
  static constexpr const char* kName = "wake";
  static constexpr const char* kShows = "no wake-up is lost between the look at head and FUTEX_WAIT";
  static constexpr uint64_t kExecutions = 100'000;
  enum : unsigned { kNone, kWordBeforeHead, kHeadBeforeWord };
  static constexpr const char* kBreaks[] = {
      "the writer counts the word up before it stores head",
      "the reader looks at head before it loads the word",
  };
  static inline Outcome outcomes[] = {{"saw it at once"}, {"had to wait"}};

  Atomic<uint64_t> head;
  Atomic<uint32_t> word;
  ModelFutex futex;
  ModelPause pause;

  void thread(unsigned index) {
    if (index == 0) {
      pause.any(10);
      if (broken == kWordBeforeHead) count_up(word);
      head.store_release<Sync::kWriterPublishHead>(head_of(1, 0));
      if (broken != kWordBeforeHead) count_up(word);
      futex.wake();
      return;
    }
    bool waited = false;
    for (;;) {
      uint64_t seen_head = broken == kHeadBeforeWord ? head.load_acquire<Sync::kReaderHead>() : 0;
      const uint32_t seen = wake_seen(word);
      if (broken != kHeadBeforeWord) seen_head = head.load_acquire<Sync::kReaderHead>();
      if (seen_head != 0) break;
      waited = true;
      futex.wait(word, seen);
    }
    ++outcomes[waited ? 1 : 0].seen;
  }
};

const RegisterModel<Wake> registered;

}  // namespace
}  // namespace camstream
