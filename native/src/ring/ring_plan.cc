#include "ring/ring_plan.h"

#include <algorithm>
#include <cstring>

#include "shm/segment_name.h"

namespace camstream {
namespace {

constexpr uint32_t kHeadAndSpare = 2;
constexpr uint32_t kLeastHistory = 2;
constexpr uint32_t kHistoryPerSecond = 10;  // 0.1 s of frames that nobody can lease away
constexpr uint32_t kAssumedRate = 30;       // a source that does not know its rate
constexpr uint64_t kMaxPayload = uint64_t{1} << 30;

constexpr uint64_t whole_pages(uint64_t bytes) { return (bytes + kPageSize - 1) / kPageSize * kPageSize; }

uint64_t history(const FrameLayout& layout) {
  const uint64_t numerator = layout.rate_numerator == 0 ? kAssumedRate : layout.rate_numerator;
  const uint64_t denominator = uint64_t{kHistoryPerSecond} * std::max(layout.rate_denominator, 1u);
  return std::max<uint64_t>((numerator + denominator - 1) / denominator, kLeastHistory);
}

Status check_options(const RingHostOptions& options) {
  const FrameLayout& layout = options.layout;
  const auto wrong = [&](const std::string& text) {
    return Error{"RING_OPTIONS", "ring " + options.name + ": " + text};
  };
  if (layout.width == 0 || layout.height == 0 || layout.fourcc == 0) {
    return wrong("wanted a format, a width and a height, found " + std::to_string(layout.width) + "x" +
                 std::to_string(layout.height));
  }
  if (layout.payload_size == 0 || layout.payload_size > kMaxPayload) {
    return wrong("wanted 1 to " + std::to_string(kMaxPayload) + " bytes a frame, found " +
                 std::to_string(layout.payload_size));
  }
  if (layout.plane_count == 0 || layout.plane_count > kMaxPlanes) {
    return wrong("wanted 1 to " + std::to_string(kMaxPlanes) + " planes, found " +
                 std::to_string(layout.plane_count));
  }
  for (uint32_t index = 0; index < layout.plane_count; ++index) {
    const PlaneLayout& plane = layout.planes[index];
    const bool fits = plane.offset <= layout.payload_size &&
                      uint64_t{plane.stride} * plane.rows <= layout.payload_size - plane.offset;
    if (!fits) {
      return wrong("plane " + std::to_string(index) + " does not fit into the frame");
    }
  }
  if (options.hold == 0 || options.hold > kMaxQuota) {
    return wrong("wanted a `hold` of 1 to " + std::to_string(kMaxQuota) + ", found " +
                 std::to_string(options.hold));
  }
  if (options.queue == 0) return wrong("wanted a `queue` of at least 1, found 0");
  if (options.lease_timeout_ms == 0) return wrong("wanted a lease timeout above 0 ms, found 0");
  return ok();
}

}  // namespace

Result<RingGeometry> plan_ring(const RingHostOptions& options) {
  if (auto checked = check_ring_name(options.name); !checked) return checked.error();
  if (auto checked = check_options(options); !checked) return checked.error();
  const FrameLayout& layout = options.layout;
  const uint64_t leases = uint64_t{options.readers} * options.hold + options.local_leases;
  const uint64_t slots = options.queue + kHeadAndSpare + history(layout) + leases;
  if (slots > kMaxSlots) {
    return Error{"RING_OPTIONS", "ring " + options.name + " would need " + std::to_string(slots) +
                                     " slots, more than " + std::to_string(kMaxSlots) +
                                     ". Lower `readers`, `hold` or the rate."};
  }
  RingGeometry geometry{};
  std::memcpy(geometry.magic, kMagic, sizeof(kMagic));
  geometry.major = kMajor;
  geometry.minor = kMinor;
  geometry.header_size = kHeaderSize;
  geometry.slot_count = static_cast<uint32_t>(slots);
  geometry.slot_header_size = kSlotHeaderSize;
  geometry.slot_headers_offset = kHeaderSize;
  geometry.data_offset = whole_pages(kHeaderSize + slots * kSlotHeaderSize);
  geometry.slot_stride = whole_pages(layout.payload_size);
  geometry.payload_capacity = layout.payload_size;
  geometry.file_size = geometry.data_offset + slots * geometry.slot_stride;
  geometry.fourcc = layout.fourcc;
  geometry.width = layout.width;
  geometry.height = layout.height;
  geometry.plane_count = layout.plane_count;
  std::copy_n(layout.planes.begin(), layout.plane_count, geometry.planes);
  geometry.matrix = static_cast<uint32_t>(layout.matrix);
  geometry.primaries = static_cast<uint32_t>(layout.primaries);
  geometry.range = static_cast<uint32_t>(layout.range);
  geometry.rate_numerator = layout.rate_numerator;
  geometry.rate_denominator = std::max(layout.rate_denominator, 1u);
  geometry.lease_slots = static_cast<uint32_t>(leases);
  geometry.lease_quota = options.hold;
  geometry.lease_timeout_ms = options.lease_timeout_ms;
  std::memcpy(geometry.name, options.name.c_str(), options.name.size());
  return geometry;
}

RingMemory ring_memory(uint8_t* base, const RingGeometry& geometry) {
  RingMemory memory;
  memory.live = reinterpret_cast<RingLive*>(base + kLiveOffset);
  memory.slot_headers = base + geometry.slot_headers_offset;
  memory.slot_header_size = geometry.slot_header_size;
  memory.data = base + geometry.data_offset;
  memory.slot_stride = geometry.slot_stride;
  memory.slot_count = geometry.slot_count;
  return memory;
}

}  // namespace camstream
