// Writer, readers and members as threads of one process, so that ThreadSanitizer sees all of them
// (sanitizers.mk; with CAMSTREAM_MUTANT it has to report a race). What is leased is plain bytes; what a
// reader without a lease looks at is read and written atomically, as the seqlock demands.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "ring/frame_signal.h"
#include "ring/ring_reader.h"
#include "ring/ring_writer.h"
#include "support/heap_ring.h"

namespace camstream {
namespace {

constexpr uint32_t kSlots = 8;
// Whole words: ThreadSanitizer remembers four accesses to each of them, not to each byte.
constexpr uint32_t kWords = 32;
constexpr uint64_t kTimeoutNs = 60'000'000'000;

class RingThreads : public testing::Test {
 protected:
  // Fills slots until `readers` have had enough.
  void write_until_done() {
    RingWriter writer(ring_.memory(), table_, kTimeoutNs);
    while (busy_.load(std::memory_order_relaxed) > 0) {
      const auto slot = writer.begin();
      if (!slot) {
        ADD_FAILURE() << "no slot";
        break;
      }
      const uint64_t sequence = writer.sequence() + 1;
      for (uint32_t index = 0; index < kWords; ++index) payload(*slot)[index] = sequence;
      words_[*slot][0].store(sequence, std::memory_order_relaxed);
      words_[*slot][1].store(sequence, std::memory_order_relaxed);
      writer.publish(*slot, {});
      writer.each_member_page([](LeasePage& page) { wake_member(page); });
      writer.age_leases(1000);
    }
  }

  uint64_t* payload(uint32_t slot) { return reinterpret_cast<uint64_t*>(ring_.memory().payload(slot)); }

  // Takes frames with a lease and looks at every byte. Returns how many.
  uint64_t read_leased(RingReader& reader, LeasePage& page, uint64_t frames) {
    uint64_t last = 0;
    uint64_t count = 0;
    while (count < frames) {
      const uint32_t seen = wake_seen(page.wake);
      auto frame = count % 2 ? reader.next(last) : reader.newest(last);
      if (!frame) {
        if (head_sequence(reader.head()) <= last) futex_wait(page.wake, seen, 100'000'000);
        continue;
      }
      EXPECT_GE(frame->lease, 0);
      EXPECT_GT(frame->meta.sequence, last);
      last = frame->meta.sequence;
      uint32_t wrong = 0;
      for (uint32_t index = 0; index < kWords; ++index) wrong += payload(frame->slot)[index] != last;
      EXPECT_EQ(wrong, 0u);
      EXPECT_TRUE(reader.release(*frame));
      // Time for the writer to go into that very slot before anything else of ours orders our reads.
      if (count % 4 == 0) wait_for_frames(kSlots);
      ++count;
    }
    return count;
  }

  void wait_for_frames(uint64_t count) const {
    const RingReader reader(ring_.memory(), nullptr, 0);
    const uint64_t first = head_sequence(reader.head());
    while (head_sequence(ring_.memory().live->head.load_relaxed()) < first + count) std::this_thread::yield();
  }

  void start(std::vector<std::thread>& threads, auto body) {
    busy_.fetch_add(1);
    threads.emplace_back([this, body] {
      body();
      busy_.fetch_sub(1);
    });
  }

  HeapRing ring_{kSlots, kWords * sizeof(uint64_t)};
  std::atomic<uint64_t> words_[kSlots][2]{};
  LeaseTable table_;
  std::atomic<uint32_t> busy_{0};
};

TEST_F(RingThreads, LeasedBytesAreNeverTouched) {
  HeapMember members[2] = {HeapMember(1), HeapMember(1)};
  std::vector<std::thread> threads;
  for (HeapMember& member : members) {
    ASSERT_TRUE(table_.add(member.member));
    start(threads, [this, &member] {
      RingReader reader(ring_.memory(), member.page.get(), 1);
      EXPECT_EQ(read_leased(reader, *member.page, 400), 400u);
    });
  }
  write_until_done();
  for (std::thread& thread : threads) thread.join();
}

TEST_F(RingThreads, AFrameThatPassesTheCheckIsWhole) {
  std::vector<std::thread> threads;
  for (int count = 0; count < 2; ++count) {
    start(threads, [this] {
      RingReader reader(ring_.memory(), nullptr, 0);
      uint64_t last = 0;
      for (int whole = 0; whole < 200;) {
        auto frame = reader.newest(last);
        if (!frame) {
          std::this_thread::yield();
          continue;
        }
        last = frame->meta.sequence;
        const uint64_t first = words_[frame->slot][0].load(std::memory_order_relaxed);
        const uint64_t second = words_[frame->slot][1].load(std::memory_order_relaxed);
        if (!reader.intact(*frame)) continue;
        EXPECT_EQ(first, last);
        EXPECT_EQ(second, last);
        ++whole;
      }
    });
  }
  write_until_done();
  for (std::thread& thread : threads) thread.join();
}

TEST_F(RingThreads, MembersComeAndGoWhileTheWriterLooksThroughTheTable) {
  std::vector<std::thread> threads;
  start(threads, [this] {
    for (int round = 0; round < 60; ++round) {
      HeapMember member(1);
      ASSERT_TRUE(table_.add(member.member));
      // A thread of its own, as a process of its own: what it does ends with its hanging up.
      std::thread([this, &member] {
        RingReader reader(ring_.memory(), member.page.get(), 1);
        read_leased(reader, *member.page, 5);
        const auto last = reader.newest(0);
        ASSERT_TRUE(last);
        EXPECT_EQ(payload(last->slot)[kWords - 1], last->meta.sequence);  // and dies with a lease in its hand
      }).join();
      const uint64_t ticket = table_.remove(member.member);
      while (!table_.reclaimable(ticket)) std::this_thread::yield();
      wait_for_frames(2 * kSlots);  // until the slot of the dead has been written again
    }
  });
  write_until_done();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace camstream
