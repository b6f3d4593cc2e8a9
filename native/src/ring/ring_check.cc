#include "ring/ring_check.h"

#include <cstring>

namespace camstream {
namespace {

constexpr uint32_t kMaxSide = 1u << 16;
constexpr uint64_t kMaxOffset = uint64_t{1} << 46;  // sums and products below cannot overflow

// What is wrong with the numbers, or null. In the order of dependence: each check relies on those before.
const char* fault(const RingGeometry& g, uint64_t file_size) {
  if (g.file_size != file_size) return "its size is not the one it states (truncated?)";
  if (file_size > kMaxOffset) return "its size is beyond all reason";
  if (g.header_size < kHeaderSize || g.header_size % kPageSize != 0) return "header_size is wrong";
  if (g.slot_count == 0 || g.slot_count > kMaxSlots) return "slot_count is wrong";
  if (g.slot_header_size < sizeof(SlotHeader) || g.slot_header_size > kPageSize) {
    return "slot_header_size is wrong";
  }
  if (g.slot_header_size % alignof(SlotHeader) != 0) return "slot_header_size is wrong";
  if (g.slot_headers_offset < g.header_size || g.slot_headers_offset > file_size) {
    return "slot_headers_offset is wrong";
  }
  if (g.slot_headers_offset % alignof(SlotHeader) != 0) return "slot_headers_offset is wrong";
  const uint64_t headers_end = g.slot_headers_offset + uint64_t{g.slot_count} * g.slot_header_size;
  if (g.data_offset < headers_end || g.data_offset > file_size || g.data_offset % kPageSize != 0) {
    return "data_offset is wrong";
  }
  if (g.slot_stride == 0 || g.slot_stride > file_size || g.slot_stride % kPageSize != 0) {
    return "slot_stride is wrong";
  }
  if (g.data_offset + g.slot_count * g.slot_stride != file_size) return "slots and file size do not agree";
  if (g.payload_capacity == 0 || g.payload_capacity > g.slot_stride) return "payload_capacity is wrong";
  if (g.width == 0 || g.width > kMaxSide || g.height == 0 || g.height > kMaxSide) {
    return "the picture size is wrong";
  }
  if (g.plane_count == 0 || g.plane_count > kMaxPlanes) return "plane_count is wrong";
  for (uint32_t index = 0; index < g.plane_count; ++index) {
    const PlaneLayout& plane = g.planes[index];
    if (plane.offset > g.payload_capacity) return "a plane lies outside its slot";
    if (uint64_t{plane.stride} * plane.rows > g.payload_capacity - plane.offset) {
      return "a plane lies outside its slot";
    }
  }
  if (g.rate_denominator == 0) return "rate_denominator is 0";
  if (g.lease_quota > kMaxQuota) return "lease_quota is wrong";
  if (std::memchr(g.name, 0, sizeof(g.name)) == nullptr) return "its name does not end";
  return nullptr;
}

}  // namespace

Result<RingGeometry> check_ring_header(const uint8_t* bytes, size_t count, uint64_t file_size,
                                       const std::string& path) {
  const auto corrupt = [&path](const std::string& found) {
    return Error{"RING_CORRUPT", path + " is no ring that can be read: " + found +
                                     ". Restart its producer, which makes a new one."};
  };
  RingGeometry geometry;
  if (count < sizeof(geometry) || file_size < kHeaderSize) {
    return corrupt("wanted at least " + std::to_string(kHeaderSize) + " bytes, found " +
                   std::to_string(file_size));
  }
  std::memcpy(&geometry, bytes, sizeof(geometry));
  if (std::memcmp(geometry.magic, kMagic, sizeof(kMagic)) != 0) {
    return corrupt("it does not begin with CAMSRING");
  }
  if (geometry.major != kMajor) {
    return Error{"RING_VERSION", path + " has layout version " + std::to_string(geometry.major) + '.' +
                                     std::to_string(geometry.minor) + ", this program reads " +
                                     std::to_string(kMajor) +
                                     ".x. Use the same release of camstream on both sides."};
  }
  if (const char* found = fault(geometry, file_size)) return corrupt(found);
  return geometry;
}

}  // namespace camstream
