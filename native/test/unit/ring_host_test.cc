#include "ring/ring_host.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "ring/ring_claim.h"
#include "ring/ring_core.h"
#include "ring/ring_file.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

// A producer starts in the folder as it is, a reader gets its frame, and nothing but the lock stays.
void expect_service(const TemporaryRoot& root, size_t found) {
  {
    const auto ring = RingHost::open(small_ring(root.path()));
    ASSERT_TRUE(ring) << found << " bytes were there: " << ring.error().message;
    const auto file = RingFile::open(root.path(), "camera");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_TRUE((*file)->registered()) << (*file)->refusal();
    EXPECT_EQ(publish_frame(**ring), 1u);
    const auto frame = (*file)->make_reader().newest(0);
    ASSERT_TRUE(frame);
    EXPECT_EQ((*file)->memory().payload(frame->slot)[0], 1);
  }
  for (const auto& entry : std::filesystem::directory_iterator(root.ring("camera"))) {
    EXPECT_EQ(entry.path().filename(), "lock") << found << " bytes were there";
  }
}

TEST(RingHost, HasTheDefaultNumberOfSlots) {
  const TemporaryRoot root;
  RingHostOptions options = small_ring(root.path());
  options.layout.rate_numerator = 60;
  options.readers = 12;
  options.local_leases = 0;
  const auto ring = RingHost::open(options);
  ASSERT_TRUE(ring) << ring.error().message;
  EXPECT_EQ((*ring)->status().slot_count, 1u + 2 + 6 + 12);
}

TEST(RingHost, GivesFramesToAReaderInTheSameProcess) {
  const TemporaryRoot root;
  auto ring = RingHost::open(small_ring(root.path()));
  ASSERT_TRUE(ring) << ring.error().message;
  const auto local = (*ring)->add_local_reader();
  ASSERT_TRUE(local);
  EXPECT_FALSE(local->wait(0, 1));
  for (uint64_t expected = 1; expected <= 100; ++expected) {
    EXPECT_EQ(publish_frame(**ring), expected);
    ASSERT_TRUE(local->wait(expected - 1, 1000));
    auto frame = local->reader().newest(expected - 1);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->meta.sequence, expected);
    EXPECT_GE(frame->lease, 0);
    EXPECT_EQ(*(*ring)->payload(frame->slot), static_cast<uint8_t>(expected));
    EXPECT_TRUE(local->reader().release(*frame));
    (*ring)->tick();
  }
  EXPECT_EQ((*ring)->status().published, 100u);
}

// Their places in the lease table are their own: they take none from members, who are told they have leases.
TEST(RingHost, RefusesMoreLocalReadersThanItHasPlacesFor) {
  const TemporaryRoot root;
  auto ring = RingHost::open(small_ring(root.path()));
  ASSERT_TRUE(ring) << ring.error().message;
  std::vector<std::unique_ptr<RingHost::LocalReader>> readers;
  for (uint32_t count = 0; count < kMaxLocalReaders; ++count) {
    readers.push_back((*ring)->add_local_reader());
    ASSERT_TRUE(readers.back());
  }
  EXPECT_FALSE((*ring)->add_local_reader());
  readers.pop_back();
  EXPECT_TRUE((*ring)->add_local_reader());
}

TEST(RingHost, WakesALocalReaderWhenItCloses) {
  const TemporaryRoot root;
  auto ring = RingHost::open(small_ring(root.path()));
  ASSERT_TRUE(ring) << ring.error().message;
  const auto local = (*ring)->add_local_reader();
  bool got = true;
  std::thread waiting([&] { got = local->wait(0, 60'000); });
  *ring = nullptr;
  waiting.join();
  EXPECT_FALSE(got);
  EXPECT_TRUE(local->closed());
  EXPECT_EQ(local->reader().head(), 0u);  // the memory is still there
}

TEST(RingHost, GivesALocalLeaseBackWithItsReader) {
  const TemporaryRoot root;
  auto ring = RingHost::open(small_ring(root.path()));
  ASSERT_TRUE(ring) << ring.error().message;
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ((*ring)->add_local_reader()->reader().quota(), 1u);
  }
  const auto first = (*ring)->add_local_reader();
  EXPECT_EQ((*ring)->add_local_reader()->reader().quota(), 0u);
}

TEST(RingHost, LeavesNothingButItsLockBehind) {
  const TemporaryRoot root;
  {
    const auto ring = RingHost::open(small_ring(root.path()));
    ASSERT_TRUE(ring) << ring.error().message;
    EXPECT_TRUE(std::filesystem::exists(root.ring("camera") + "/ring"));
    EXPECT_TRUE(std::filesystem::exists(root.ring("camera") + "/socket"));
    EXPECT_FALSE(std::filesystem::exists(root.ring("camera") + "/ring.new"));
  }
  for (const auto& entry : std::filesystem::directory_iterator(root.ring("camera"))) {
    EXPECT_EQ(entry.path().filename(), "lock");
  }
}

TEST(RingHost, GivesEveryFileItsMode) {
  const TemporaryRoot root;
  const mode_t before = umask(077);
  RingHostOptions options = small_ring(root.path());
  const auto mode_of = [&](const std::string& file) {
    struct stat info {};
    lstat((root.ring(options.name) + file).c_str(), &info);
    return info.st_mode & 07777;
  };
  const auto system = RingHost::open(options);
  ASSERT_TRUE(system) << system.error().message;
  EXPECT_EQ(mode_of(""), 0750u);
  EXPECT_EQ(mode_of("/ring"), 0640u);
  EXPECT_EQ(mode_of("/socket"), 0660u);
  EXPECT_EQ(mode_of("/lock"), 0600u);
  umask(0);
  options.name = "mine";
  options.system_modes = false;
  const auto user = RingHost::open(options);
  ASSERT_TRUE(user) << user.error().message;
  EXPECT_EQ(mode_of(""), 0700u);
  EXPECT_EQ(mode_of("/ring"), 0600u);
  EXPECT_EQ(mode_of("/socket"), 0600u);
  EXPECT_EQ(mode_of("/lock"), 0600u);
  umask(before);
}

TEST(RingHost, RefusesASecondProducerAndNamesTheFirst) {
  const TemporaryRoot root;
  const auto first = RingHost::open(small_ring(root.path()));
  ASSERT_TRUE(first) << first.error().message;
  const auto second = RingHost::open(small_ring(root.path()));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "RING_BUSY");
  EXPECT_NE(second.error().message.find("process " + std::to_string(getpid())), std::string::npos);
  EXPECT_FALSE((*first)->path_lost());
}

// What was left in the ring's folder, or put there, is in nobody's way and needs nobody's hand.
TEST(RingHost, TakesThePlaceOfWhateverIsThere) {
  const TemporaryRoot root;
  const std::string folder = root.ring("camera");
  std::string whole;
  {
    const auto ring = RingHost::open(small_ring(root.path()));
    ASSERT_TRUE(ring) << ring.error().message;
    std::ifstream file(folder + "/ring", std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(file), {});
  }
  std::string random(100'000, '\0');
  for (char& c : random) c = static_cast<char>(rand());
  std::string newer = whole;
  newer[offsetof(RingGeometry, major)] = kMajor + 1;
  for (const std::string& bytes :
       {std::string(), random, whole, whole.substr(0, whole.size() / 2), whole.substr(0, 100), newer}) {
    for (const char* name : {"/ring", "/ring.new", "/socket", "/socket.new"}) {
      std::ofstream(folder + name, std::ios::binary) << bytes;
    }
    expect_service(root, bytes.size());
  }
  const std::string precious = root.path() + "/precious";
  std::ofstream(precious) << "precious";
  for (const char* name : {"/ring", "/ring.new", "/socket", "/socket.new"}) {
    std::filesystem::create_symlink(precious, folder + name);
  }
  expect_service(root, 0);
  EXPECT_EQ(std::filesystem::file_size(precious), 8u) << "links are removed, not followed";
  ASSERT_EQ(mkfifo((folder + "/ring").c_str(), 0600), 0);
  expect_service(root, 0);
}

TEST(RingHost, KeepsAClaimThroughAChangeOfFormat) {
  const TemporaryRoot root;
  RingHostOptions options = small_ring(root.path());
  auto claim = RingClaim::take(options);
  ASSERT_TRUE(claim) << claim.error().message;
  auto ring = RingHost::open(options, *claim);
  ASSERT_TRUE(ring) << ring.error().message;
  *ring = nullptr;
  EXPECT_EQ(RingHost::open(options).error().code, "RING_BUSY");
  options.layout = packed_layout(PixelFormat::kYuyv, 128, 32);
  ring = RingHost::open(options, *claim);
  ASSERT_TRUE(ring) << ring.error().message;
  EXPECT_EQ(publish_frame(**ring), 1u);
}

TEST(RingHost, NoticesThatItsFolderWasTakenAway) {
  const TemporaryRoot root;
  auto ring = RingHost::open(small_ring(root.path()));
  ASSERT_TRUE(ring) << ring.error().message;
  std::filesystem::remove_all(root.ring("camera"));
  EXPECT_TRUE(eventually([&] { return (*ring)->path_lost(); }));
  const auto again = RingHost::open(small_ring(root.path()));
  ASSERT_TRUE(again) << again.error().message;
  *ring = nullptr;  // must not touch the new one's files
  EXPECT_TRUE(std::filesystem::exists(root.ring("camera") + "/ring"));
  EXPECT_TRUE(std::filesystem::exists(root.ring("camera") + "/socket"));
}

TEST(RingHost, RefusesWrongNumbers) {
  const TemporaryRoot root;
  const auto code_with = [&](auto&& change) {
    RingHostOptions options = small_ring(root.path());
    change(options);
    const auto ring = RingHost::open(options);
    return ring ? std::string("accepted") : ring.error().code;
  };
  EXPECT_EQ(code_with([](auto& o) { o.layout.width = 0; }), "RING_OPTIONS");
  EXPECT_EQ(code_with([](auto& o) { o.layout.payload_size = 0; }), "RING_OPTIONS");
  EXPECT_EQ(code_with([](auto& o) { o.layout.payload_size = uint64_t{1} << 40; }), "RING_OPTIONS");
  EXPECT_EQ(code_with([](auto& o) { o.layout.plane_count = 9; }), "RING_OPTIONS");
  EXPECT_EQ(code_with([](auto& o) { o.layout.planes[0].offset = ~uint64_t{0}; }), "RING_OPTIONS");
  EXPECT_EQ(code_with([](auto& o) { o.hold = 0; }), "RING_OPTIONS");
  EXPECT_EQ(code_with([](auto& o) { o.hold = kMaxQuota + 1; }), "RING_OPTIONS");
  EXPECT_EQ(code_with([](auto& o) { o.readers = 5000; }), "RING_OPTIONS");
  EXPECT_EQ(code_with([](auto& o) { o.readers = ~0u, o.hold = 64; }), "RING_OPTIONS");
  EXPECT_EQ(code_with([](auto& o) { o.queue = 0; }), "RING_OPTIONS");
  EXPECT_EQ(code_with([](auto& o) { o.lease_timeout_ms = 0; }), "RING_OPTIONS");
  EXPECT_EQ(code_with([](auto& o) { o.group = "no-such-group-here"; }), "RING_GROUP");
  EXPECT_EQ(code_with([](auto& o) { o.name = "../camera"; }), "RING_NAME");
}

}  // namespace
}  // namespace camstream
