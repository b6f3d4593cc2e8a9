// A ring beside which members do as they like, and what the honest ones still get.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ring/join_ring.h"
#include "ring/ring_file.h"
#include "support/raw_member.h"
#include "support/ring_options.h"
#include "support/temporary_root.h"

namespace camstream {

class MembershipTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = RingHost::open(small_ring(root_.path()));
    ASSERT_TRUE(opened) << opened.error().message;
    host_ = std::move(*opened);
    folder_ = UniqueFd(open(root_.ring("camera").c_str(), O_PATH | O_CLOEXEC));
  }
  Joined join() {
    Joined joined = join_ring(folder_.get());
    EXPECT_EQ(joined.refusal, "");
    return joined;
  }
  void expect_members(uint32_t count) {
    EXPECT_TRUE(eventually([&] { return host_->status().members == count; })) << host_->status().members;
  }
  // An honest reader next to the others gets its frame, whole and in time.
  void expect_service() {
    auto file = RingFile::open(root_.path(), "camera");
    ASSERT_TRUE(file) << file.error().message;
    RingReader reader = (*file)->make_reader();
    for (int count = 0; count < 50; ++count) {
      const uint64_t sequence = publish_frame(*host_);
      ASSERT_NE(sequence, 0u);
      ASSERT_TRUE((*file)->wait(sequence - 1, std::chrono::seconds(10)));
      auto frame = reader.newest(sequence - 1);
      ASSERT_TRUE(frame);
      EXPECT_EQ((*file)->memory().payload(frame->slot)[64 * 64 - 1], static_cast<uint8_t>(sequence));
      EXPECT_TRUE(reader.intact(*frame));
      reader.release(*frame);
    }
  }
  // Once that process has its threads.
  static void expect_threads(pid_t pid, long count) {
    const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
    EXPECT_TRUE(eventually([&] {
      std::error_code ignored;
      return std::distance(std::filesystem::directory_iterator(tasks, ignored), {}) > count;
    }));
  }
  // The middle of many: a slow moment of the machine is none of our business.
  uint64_t median_publish_ns() {
    std::vector<uint64_t> times;
    for (int count = 0; count < 200; ++count) {
      const uint64_t before_ns = monotonic_ns();
      publish_frame(*host_);
      times.push_back(monotonic_ns() - before_ns);
    }
    std::nth_element(times.begin(), times.begin() + 100, times.end());
    return times[100];
  }

  TemporaryRoot root_;
  std::unique_ptr<RingHost> host_;
  UniqueFd folder_;
};

}  // namespace camstream
