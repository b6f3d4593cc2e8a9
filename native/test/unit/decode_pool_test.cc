// Decoding in parallel: every thread does its part.
#include "capture/decode_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "base/clock.h"
#include "support/jpeg_picture.h"

namespace camstream {
namespace {

// Enough for the kernel to have found a core for each thread.
constexpr uint32_t kPictures = 300;

// The processor time of each thread that decodes, in seconds.
std::vector<double> decoding_seconds() {
  std::vector<double> seconds;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::ifstream(thread.path() / "comm") >> name;
    double ns = 0;
    std::ifstream(thread.path() / "schedstat") >> ns;
    if (name == "decode") seconds.push_back(ns / 1e9);
  }
  return seconds;
}

struct Work {
  double hertz = 0;             // pictures a second
  std::vector<double> seconds;  // of each thread
};

// As the capture gives them, each as soon as there is room.
Work decode(uint32_t threads, const FrameLayout& layout, const Bytes& jpeg, uint32_t pictures) {
  DecodePool pool(layout, threads);
  EXPECT_TRUE(pool.start());
  std::vector<Bytes> slots(threads, Bytes(layout.payload_size));
  const uint64_t begin_ns = monotonic_ns();
  for (uint32_t given = 0; given < pictures; ++given) {
    const std::optional<Status> oldest = pool.room() ? ok() : pool.wait();
    EXPECT_TRUE(oldest && *oldest);
    pool.give({jpeg.data(), jpeg.size(), slots[given % threads].data()});
  }
  while (const auto left = pool.wait()) {
    EXPECT_TRUE(*left);
  }
  return {pictures * 1e9 / static_cast<double>(monotonic_ns() - begin_ns), decoding_seconds()};
}

// Whether that is faster is the machine's to say, on which others work as well; the rates are printed.
TEST(DecodePool, TwoThreadsShareTheWorkOf1080p) {
  const Bytes jpeg = make_jpeg({.width = 1920, .height = 1080});
  const FrameLayout layout = decoded_jpeg_layout(1920, 1080);
  for (const uint32_t threads : {1u, 2u, 1u, 2u}) {
    const Work work = decode(threads, layout, jpeg, kPictures);
    ASSERT_EQ(work.seconds.size(), threads);
    const double all = std::accumulate(work.seconds.begin(), work.seconds.end(), 0.0);
    std::printf("1080p JPEG of %zu kB, %u at once: %.0f/s, %.2f cores at work\n", jpeg.size() / 1000, threads,
                work.hertz, all * work.hertz / kPictures);
    const double least = *std::min_element(work.seconds.begin(), work.seconds.end());
    EXPECT_GT(least / all, threads == 1 ? 0.99 : 0.02) << "each does its part";
  }
}

}  // namespace
}  // namespace camstream
