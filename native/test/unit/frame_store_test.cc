// The frames that a reader holds: leases, copies, and addresses that never show another frame.
#include "ring/frame_store.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "ring/lease_table.h"
#include "ring/ring_writer.h"

namespace camstream {
namespace {

constexpr uint32_t kSlots = 6;
constexpr uint64_t kStride = 64 * 1024;
constexpr uint32_t kQuota = 1;
constexpr uint64_t kLeaseTimeoutNs = 1'000'000'000;

// A ring in a memfd, with a writer and one member.
class FrameStoreTest : public testing::Test {
 protected:
  FrameStoreTest()
      : fd_(memfd_create("frame_store_test", MFD_CLOEXEC)),
        live_(std::make_unique<RingLive>()),
        slot_headers_(kSlots) {
    EXPECT_EQ(0, ftruncate(fd_.get(), kStride * kSlots));
    void* data = mmap(nullptr, kStride * kSlots, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
    data_ = Mapping(data, kStride * kSlots);
    memory_.live = live_.get();
    memory_.slot_headers = reinterpret_cast<uint8_t*>(slot_headers_.data());
    memory_.slot_header_size = sizeof(SlotHeader);
    memory_.data = data_.data();
    memory_.slot_stride = kStride;
    memory_.slot_count = kSlots;
    page_ = std::make_unique<LeasePage>();
    member_.page = page_.get();
    member_.quota = kQuota;
    EXPECT_TRUE(table_.add(member_));
    writer_ = std::make_unique<RingWriter>(memory_, table_, kLeaseTimeoutNs);
    store_ = std::make_shared<FrameStore>(
        RingReader(memory_, page_.get(), kQuota),
        SlotFile{.fd = fd_.get(), .data_offset = 0, .slot_stride = kStride, .payload_capacity = kStride,
                 .slot_count = kSlots},
        kLeaseTimeoutNs);
  }

  // A frame of which each byte is its sequence number.
  uint64_t publish(uint32_t count = 1) {
    uint64_t sequence = 0;
    for (uint32_t index = 0; index < count; ++index) {
      const auto slot = writer_->begin();
      EXPECT_TRUE(slot);
      std::memset(memory_.payload(*slot), static_cast<int>(writer_->sequence() + 1), kStride);
      FrameMeta meta;
      meta.bytes_used = kStride;
      sequence = writer_->publish(*slot, meta);
    }
    return sequence;
  }

  FrameStore::Taken take(uint64_t after = 0) {
    auto taken = store_->take(false, after);
    EXPECT_TRUE(taken && *taken);
    return **taken;
  }

  std::unique_ptr<FrameStore::HandOut> hand_out(uint64_t id) {
    auto out = store_->hand_out(id);
    EXPECT_TRUE(out && *out) << (out ? "null" : out.error().message);
    return std::move(*out);
  }

  static bool all(const FrameStore::Bytes& bytes, uint8_t value) {
    for (size_t index = 0; index < bytes.size; ++index) {
      if (bytes.data[index] != value) return false;
    }
    return bytes.size == kStride;
  }

  UniqueFd fd_;
  std::unique_ptr<RingLive> live_;
  std::vector<SlotHeader> slot_headers_;
  Mapping data_;
  RingMemory memory_;
  std::unique_ptr<LeasePage> page_;
  Member member_;
  LeaseTable table_;
  std::unique_ptr<RingWriter> writer_;
  std::shared_ptr<FrameStore> store_;
};

TEST_F(FrameStoreTest, GivesTheNewestFrameAndNothingTwice) {
  publish(3);
  const auto frame = take();
  EXPECT_EQ(3u, frame.meta.sequence);
  EXPECT_TRUE(frame.leased);
  EXPECT_TRUE(all(*store_->bytes(frame.id), 3));
  const auto nothing = store_->take(false, 3);
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->has_value());
}

TEST_F(FrameStoreTest, ALeasedFrameStaysWhileTheWriterGoesRound) {
  publish();
  const auto frame = take();
  publish(20);
  EXPECT_TRUE(all(*store_->bytes(frame.id), 1));
  EXPECT_TRUE(store_->intact(frame.id));
}

TEST_F(FrameStoreTest, ASecondHolderOfTheSameFrameNeedsNoSecondLease) {
  publish();
  const auto first = take();
  const auto second = take();
  EXPECT_TRUE(second.leased);
  EXPECT_TRUE(store_->release(first.id).held);
  publish(20);
  EXPECT_TRUE(all(*store_->bytes(second.id), 1));
  EXPECT_FALSE(store_->release(first.id).held) << "given back before";
}

TEST_F(FrameStoreTest, WithoutALeaseTheFrameSaysSoAndIsFoundOverwritten) {
  publish();
  const auto held = take();
  publish();
  const auto frame = take(1);
  EXPECT_FALSE(frame.leased);
  EXPECT_TRUE(store_->intact(frame.id));
  const auto copy_it = store_->hand_out(frame.id);
  ASSERT_TRUE(copy_it);
  EXPECT_EQ(nullptr, *copy_it);
  publish(20);
  EXPECT_FALSE(store_->intact(frame.id));
  const auto too_late = store_->hand_out(frame.id);
  ASSERT_FALSE(too_late);
  EXPECT_EQ("FRAME_OVERWRITTEN", too_late.error().code);
  EXPECT_TRUE(store_->intact(held.id));
}

TEST_F(FrameStoreTest, ReleasedWhileHandedOutKeepsTheLeaseUntilItIsDropped) {
  publish();
  const auto frame = take();
  auto out = hand_out(frame.id);
  store_->release(frame.id);
  EXPECT_EQ(1u, store_->counts().lingering);
  publish(20);
  EXPECT_TRUE(all(out->bytes(), 1));
  out.reset();
  EXPECT_EQ(0u, store_->counts().lingering);
  EXPECT_EQ(0u, store_->counts().copied);
  EXPECT_TRUE(take().leased);
}

TEST_F(FrameStoreTest, TheNextFrameTakesTheLeaseAndTheLingeringOneBecomesACopy) {
  publish();
  const auto frame = take();
  const auto out = hand_out(frame.id);
  store_->release(frame.id);
  publish();
  const auto next = take(1);
  EXPECT_TRUE(next.leased);
  EXPECT_EQ(1u, store_->counts().copied);
  publish(20);
  EXPECT_TRUE(all(out->bytes(), 1));
  EXPECT_TRUE(all(*store_->bytes(next.id), 2));
}

TEST_F(FrameStoreTest, ALentFrameIsNotCopiedAndShowsZerosOnceGivenBack) {
  publish();
  const auto frame = take();
  const uint64_t loan = store_->lend(frame.id);
  ASSERT_NE(0u, loan);
  const auto out = hand_out(loan);
  store_->release(frame.id);
  publish(20);
  EXPECT_TRUE(all(out->bytes(), 1));
  EXPECT_TRUE(store_->release(loan).held);
  EXPECT_EQ(0u, store_->counts().copied);
  EXPECT_TRUE(all(out->bytes(), 0));
  publish(20);
  EXPECT_TRUE(all(out->bytes(), 0));
  EXPECT_EQ(0u, store_->lend(frame.id)) << "released";
}

TEST_F(FrameStoreTest, AnOldLeaseBecomesACopyBeforeItCanBeRevoked) {
  publish();
  const auto frame = take();
  store_->protect(monotonic_ns());
  EXPECT_EQ(0u, store_->counts().copied);
  store_->protect(monotonic_ns() + kLeaseTimeoutNs * 3 / 4);
  EXPECT_EQ(1u, store_->counts().copied);
  publish(20);
  EXPECT_TRUE(all(*store_->bytes(frame.id), 1));
  EXPECT_TRUE(store_->intact(frame.id));
  EXPECT_TRUE(take(1).leased);
}

TEST_F(FrameStoreTest, ARevokedFrameIsNotPassedOffAsWhole) {
  publish();
  const auto frame = take();
  for (int look = 0; look < 20; ++look) writer_->age_leases(100'000'000);
  EXPECT_FALSE(store_->intact(frame.id));
  publish(20);
  store_->protect(monotonic_ns() + kLeaseTimeoutNs);
  EXPECT_FALSE(store_->intact(frame.id));
  EXPECT_TRUE(all(*store_->bytes(frame.id), 0)) << "another frame is seen";
}

TEST_F(FrameStoreTest, RetiringKeepsFramesAndLeavesTheRingsMemory) {
  publish();
  const auto frame = take();
  const auto* address = store_->bytes(frame.id)->data;
  store_->retire();
  std::memset(data_.data(), 0xee, data_.size());
  EXPECT_TRUE(all(*store_->bytes(frame.id), 1));
  EXPECT_EQ(address, store_->bytes(frame.id)->data);
  EXPECT_TRUE(store_->intact(frame.id));
  EXPECT_TRUE(store_->release(frame.id).held);
  const auto nothing = store_->take(false, 0);
  EXPECT_TRUE(nothing && !nothing->has_value());
}

TEST_F(FrameStoreTest, ClosingGivesFramesBackButNotWhatNativeCodeHas) {
  publish();
  const auto frame = take();
  const auto bytes = *store_->bytes(frame.id);
  const auto out = hand_out(frame.id);
  store_->close();
  std::memset(data_.data(), 0xee, data_.size());
  EXPECT_TRUE(all(out->bytes(), 1));
  EXPECT_EQ(1, bytes.data[0]) << "the same address";
  EXPECT_FALSE(store_->release(frame.id).held);
  EXPECT_EQ(kLeaseFree, page_->words[0].load_relaxed());
}

TEST_F(FrameStoreTest, ClosingLaysZerosUnderWhatIsNotInUse) {
  publish();
  const auto bytes = *store_->bytes(take().id);
  store_->close();
  EXPECT_TRUE(all(bytes, 0));
}

// Stands for native code of others: not instrumented, it reads while mmap() puts zeros under a lent frame.
#if defined(__SANITIZE_THREAD__)
__attribute__((no_sanitize("thread")))
#endif
uint8_t look_at(const uint8_t* byte) {
  return *const_cast<const volatile uint8_t*>(byte);
}

// The step from slot to copy and to zeros, under the eyes of threads that read all the time.
TEST_F(FrameStoreTest, NobodySeesAnotherFrameNorFaultsWhileAFrameIsSetApart) {
  for (uint8_t round = 1; round <= 40; ++round) {
    publish();
    const auto frame = take();
    const bool lent = round % 2 == 0;
    const uint64_t id = lent ? store_->lend(frame.id) : frame.id;
    auto out = hand_out(id);
    const uint8_t wanted = out->bytes().data[0];
    std::atomic<bool> stop = false;
    std::atomic<uint64_t> wrong = 0;
    std::thread watcher([&] {
      while (!stop) {
        for (size_t at = 0; at < kStride; at += 512) {
          const uint8_t seen = look_at(out->bytes().data + at);
          if (seen != wanted && !(lent && seen == 0)) ++wrong;
        }
      }
    });
    if (lent) store_->release(id);
    store_->release(frame.id);
    publish();
    const auto next = take(frame.meta.sequence);
    EXPECT_TRUE(next.leased);
    store_->release(next.id);
    publish(12);
    stop = true;
    watcher.join();
    EXPECT_EQ(0u, wrong);
  }
}

}  // namespace
}  // namespace camstream
