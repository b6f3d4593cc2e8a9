#include "stress/numbered_reader.h"

#include <unistd.h>

#include <random>
#include <vector>

#include "base/clock.h"
#include "base/crash_point.h"
#include "ring/ring_file.h"
#include "stress/numbered_frame.h"
#include "support/process_facts.h"

namespace camstream {
namespace {

constexpr std::chrono::milliseconds kWait(100);
constexpr useconds_t kBetweenOpensUs = 2'000;

class NumberedReader {
 public:
  NumberedReader(const ReaderHabits& habits, ReaderReport& report)
      : habits_(habits), report_(report), random_(habits.seed) {}

  bool over() const { return habits_.until_ns != 0 && monotonic_ns() >= habits_.until_ns; }

  // Until its producer is gone.
  void read(RingFile& file) {
    RingReader reader = file.make_reader();
    uint64_t last = 0;
    while (!over()) {
      if (!file.wait(last, kWait)) {
        if (file.state() == RingState::kClosed || file.peer_gone() || file.path_replaced()) return;
        continue;
      }
      auto frame = habits_.every ? reader.next(last) : reader.newest(last);
      if (!frame) continue;
      report_.holding = frame->lease >= 0;
      crash_point("frame_held");
      look_at(file, reader, *frame);
      if (last == 0) tell_served(file);
      last = frame->meta.sequence;
      report_.holding = false;
      reader.release(*frame);
    }
  }

 private:
  void look_at(const RingFile& file, const RingReader& reader, const FrameView& frame) {
    const uint8_t* bytes = file.memory().payload(frame.slot);
    const uint64_t word = frame_word(file.geometry().producer_pid, frame.meta.sequence);
    bool whole = all_words_are(bytes, frame.meta.bytes_used, word);
    if (habits_.hold_us > 0) {
      usleep(static_cast<useconds_t>(random_() % habits_.hold_us));
      whole = all_words_are(bytes, frame.meta.bytes_used, word) && whole;
    }
    const bool intact = reader.intact(frame);
    ++report_.frames;
    if (intact && !whole) ++report_.torn;
    if (!intact) ++(frame.lease < 0 ? report_.lapped : report_.revoked);
  }

  void tell_served(const RingFile& file) {
    report_.served_ns = monotonic_ns();
    report_.descriptors = open_descriptors("self");
    report_.mappings = ring_mappings("self");
    report_.producer = file.geometry().producer_pid;  // last: who sees it looks at the rest
  }

  const ReaderHabits& habits_;
  ReaderReport& report_;
  std::minstd_rand random_;
};

}  // namespace

void run_numbered_reader(const std::string& root, const ReaderHabits& habits, ReaderReport& report) {
  NumberedReader reader(habits, report);
  while (!reader.over()) {
    const auto file = RingFile::open(root, "camera", {.join = habits.join});
    // On a machine that is busy beyond reason the producer may not answer in time: ask again.
    const bool as_wanted = file && ((*file)->registered() || !habits.join);
    if (as_wanted) {
      ++report.opened;
      reader.read(**file);
    }
    usleep(kBetweenOpensUs);
  }
}

}  // namespace camstream
