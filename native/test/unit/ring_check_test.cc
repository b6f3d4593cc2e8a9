#include "ring/ring_check.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "ring/ring_plan.h"
#include "support/ring_options.h"

namespace camstream {
namespace {

RingGeometry good() {
  auto options = small_ring("/nowhere");
  options.layout = packed_layout(PixelFormat::kNv12, 640, 480);
  return *plan_ring(options);
}

Result<RingGeometry> check(const RingGeometry& geometry, uint64_t file_size) {
  std::vector<uint8_t> bytes(kHeaderSize);
  std::memcpy(bytes.data(), &geometry, sizeof(geometry));
  return check_ring_header(bytes.data(), bytes.size(), file_size, "/x/ring");
}

// What reading relies on, whatever the numbers are.
bool stays_inside(const RingGeometry& g, uint64_t size) {
  using Wide = unsigned __int128;
  if (Wide{g.slot_headers_offset} + Wide{g.slot_count} * g.slot_header_size > size) return false;
  if (Wide{g.data_offset} + Wide{g.slot_count} * g.slot_stride > size) return false;
  for (uint32_t index = 0; index < g.plane_count; ++index) {
    const PlaneLayout& plane = g.planes[index];
    if (Wide{plane.offset} + Wide{plane.stride} * plane.rows > g.slot_stride) return false;
  }
  return g.slot_count > 0 && g.payload_capacity <= g.slot_stride && g.lease_quota <= kMaxQuota;
}

TEST(RingCheck, AcceptsWhatAProducerPlans) {
  const auto checked = check(good(), good().file_size);
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->width, 640u);
}

TEST(RingCheck, TellsWhatIsWrong) {
  const auto code_with = [](auto&& change) {
    RingGeometry geometry = good();
    change(geometry);
    const auto checked = check(geometry, good().file_size);
    return checked ? "accepted" : checked.error().code;
  };
  EXPECT_EQ(code_with([](auto& g) { g.magic[0] = 'X'; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.major = 2; }), "RING_VERSION");
  EXPECT_EQ(code_with([](auto& g) { g.major = 0; }), "RING_VERSION");
  EXPECT_EQ(code_with([](auto& g) { g.file_size += 4096; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.slot_count = 0; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.slot_count += 1; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.slot_header_size = 8; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.slot_headers_offset = ~uint64_t{0}; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.data_offset -= 4096; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.slot_stride = uint64_t{1} << 63; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.payload_capacity = g.slot_stride + 1; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.plane_count = 5; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.planes[1].offset = ~uint64_t{0} - 5; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.planes[0].rows = ~0u; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.width = 0; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.rate_denominator = 0; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { g.lease_quota = kMaxQuota + 1; }), "RING_CORRUPT");
  EXPECT_EQ(code_with([](auto& g) { std::memset(g.name, 'a', sizeof(g.name)); }), "RING_CORRUPT");
}

TEST(RingCheck, RefusesAnEndTooSoon) {
  std::vector<uint8_t> bytes(sizeof(RingGeometry) - 1);
  const RingGeometry geometry = good();
  std::memcpy(bytes.data(), &geometry, bytes.size());
  EXPECT_EQ(check_ring_header(bytes.data(), bytes.size(), geometry.file_size, "/x/ring").error().code,
            "RING_CORRUPT");
}

TEST(RingCheck, WhateverItAcceptsStaysInsideTheFile) {
  std::mt19937 random(1);
  const uint64_t size = good().file_size;
  uint32_t accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    RingGeometry geometry = good();
    auto* bytes = reinterpret_cast<uint8_t*>(&geometry);
    const uint32_t changes = 1 + random() % 4;
    for (uint32_t count = 0; count < changes; ++count) {
      bytes[12 + random() % (sizeof(geometry) - 12)] ^= static_cast<uint8_t>(1u << (random() % 8));
    }
    const auto checked = check(geometry, size);
    if (!checked) continue;
    ++accepted;
    ASSERT_TRUE(stays_inside(*checked, size));
  }
  EXPECT_GT(accepted, 1000u);  // most bits matter to nobody's safety
}

}  // namespace
}  // namespace camstream
