// Members that come and go while the writer looks through the table.
#include "model/model.h"
#include "ring/frame_signal.h"

namespace camstream {
namespace {

// A reader that joins and leases the frame that the writer is about to overwrite.
struct Join : rl::test_suite<Join, 3> {
  static constexpr const char* kName = "join";
  static constexpr const char* kShows = "the first lease of a new member counts";
  static constexpr uint64_t kExecutions = 150'000;
  enum : unsigned { kNone, kSentBeforeAdded, kTableBeforeOdd };
  static constexpr const char* kBreaks[] = {
      "the descriptors are sent before the member is in the table",
      "the writer loads the table before the version is odd",
  };
  static inline Outcome outcomes[] = {{"gave way"}, {"held frame 1"}, {"held frame 2"}, {"writer gave way"}};

  SlotHeader header;
  RingLive live;
  PlainPayload payload;
  LeasePage page;
  Member member;
  BasicLeaseTable<1> table;
  ModelMessage joined;
  ModelPause pause;

  void before() {
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
    if (index == 0) write();
    if (index == 1) admit();
    if (index == 2) read();
  }

  void admit() {
    pause.any(10);
    member.page = &page;
    member.quota = 1;
    if (broken == kSentBeforeAdded) joined.send();
    RL_ASSERT(table.add(member));
    if (broken != kSentBeforeAdded) joined.send();
  }

  void write() {
    pause.any(30);
    BasicLeaseTable<1>::Visit visit(table);
    LeasePage* known = nullptr;
    if (broken == kTableBeforeOdd) table.each_member([&](Member& found) { known = found.page; });
    SlotLock slot(header);
    const uint32_t version = slot.enter();
    const bool held =
        broken == kTableBeforeOdd
            ? known != nullptr && leased_slot(known->words[0].load_acquire<Sync::kWriterScanWord>()) == 0
            : table.holds(0);
    if (held) {
      slot.leave_untouched(version);
      ++outcomes[3].seen;
      return;
    }
    publish(2);
  }

  void read() {
    joined.wait();
    ModelReader reader({&live, &header, 1}, &page, 1);
    auto frame = reader.newest(0);
    if (!frame) {
      ++outcomes[0].seen;
      return;
    }
    const uint64_t sequence = frame->meta.sequence;
    RL_ASSERT(payload.read_first() == sequence && payload.read_second() == sequence);
    RL_ASSERT(reader.release(*frame));
    ++outcomes[sequence].seen;
  }
};

// A reader that joins while a frame is published, and sleeps if it does not see it.
struct JoinWake : rl::test_suite<JoinWake, 3> {
  static constexpr const char* kName = "join-wake";
  static constexpr const char* kShows = "a new member is woken for a frame or sees it";
  static constexpr uint64_t kExecutions = 150'000;
  enum : unsigned { kNone, kOneVisit };
  static constexpr const char* kBreaks[] = {"members are woken in a visit that began before head was stored"};
  static inline Outcome outcomes[] = {{"saw it at once"}, {"slept"}};

  ModelRing<1, AtomicPayload> ring;
  LeasePage page;
  Member member;
  BasicLeaseTable<1> table;
  ModelMessage joined;
  ModelFutex futex;
  ModelPause pause;

  void thread(unsigned index) {
    if (index == 0) write();
    if (index == 1) admit();
    if (index == 2) read();
  }

  void admit() {
    pause.any(60);
    member.page = &page;
    member.quota = 0;
    RL_ASSERT(table.add(member));
    joined.send();
  }

  void write() {
    ModelWriter<1> writer(memory_of(ring), table, ~uint64_t{0});
    const auto slot = writer.begin();
    RL_ASSERT(slot.has_value());
    pause.any(10);
    const auto wake = [this](LeasePage& woken) {
      count_up(woken.wake);
      futex.wake();
    };
    if (broken == kOneVisit) {
      BasicLeaseTable<1>::Visit visit(table);
      writer.publish(*slot, {});
      table.each_member([&](Member& found) { wake(*static_cast<LeasePage*>(found.page)); });
    } else {
      writer.publish(*slot, {});
      writer.each_member_page(wake);
    }
  }

  void read() {
    joined.wait();
    const ModelReader reader(memory_of(ring), &page, 0);
    bool slept = false;
    for (;;) {
      const uint32_t seen = wake_seen(page.wake);
      if (reader.head() != 0) break;
      slept = true;
      futex.wait(page.wake, seen);
    }
    ++outcomes[slept ? 1 : 0].seen;
  }
};

// A reader that dies with a lease in its hand; its page is freed while the writer may be looking at it.
struct Leave : rl::test_suite<Leave, 3> {
  static constexpr const char* kName = "leave";
  static constexpr const char* kShows = "a page is freed when the writer is past it; the dead's slot is free";
  static constexpr uint64_t kExecutions = 200'000;
  enum : unsigned { kNone, kNoQuietPoint, kFreedBeforeRemoved };
  static constexpr const char* kBreaks[] = {
      "the page is freed without a quiet point",
      "the member is taken out of the table after its page was freed",
  };
  static inline Outcome outcomes[] = {{"free at once"}, {"had to wait"}, {"overwrote the dead's frame"},
                                      {"gave way"}};

  SlotHeader header;
  RingLive live;
  PlainPayload payload;
  LeasePage page;
  Member member;
  BasicLeaseTable<1> table;
  ModelMessage hung_up;
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
    if (index == 0) write();
    if (index == 1) dismiss();
    if (index == 2) read_and_die();
  }

  void write() {
    for (unsigned turn = 0; turn < 2; ++turn) {
      pause.any(20);
      BasicLeaseTable<1>::Visit visit(table);
      BasicLeaseTable<1>::SlotSet leased;
      table.collect(leased, 1);  // as begin() does; of it only that it looks at the pages matters here
      SlotLock slot(header);
      const uint32_t version = slot.enter();
      if (table.holds(0)) {
        slot.leave_untouched(version);
        ++outcomes[3].seen;
        continue;
      }
      publish(2);
      ++outcomes[2].seen;
    }
  }

  void dismiss() {
    hung_up.wait();
    if (broken == kFreedBeforeRemoved) member.page = nullptr;
    const uint64_t ticket = table.remove(member);
    bool waited = false;
    if (broken != kNoQuietPoint) {
      while (!table.reclaimable(ticket)) waited = true;
    }
    member.page = nullptr;  // the page is unmapped and the member gone
    ++outcomes[waited ? 1 : 0].seen;
  }

  void read_and_die() {
    ModelReader reader({&live, &header, 1}, &page, 1);
    const auto frame = reader.newest(0);
    if (frame) RL_ASSERT(payload.read_first() == frame->meta.sequence);
    hung_up.send();
  }
};

const RegisterModel<Join> registered_join;
const RegisterModel<JoinWake> registered_join_wake;
const RegisterModel<Leave> registered_leave;

}  // namespace
}  // namespace camstream
