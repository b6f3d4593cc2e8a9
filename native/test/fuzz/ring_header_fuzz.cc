// What check_ring_header() lets through can be mapped and walked without leaving the file, whatever the
// bytes are. The input is a list of changes to a good header, so that most of them get past the magic.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "ring/ring_check.h"

namespace camstream {
namespace {

struct Change {
  uint16_t offset;
  uint8_t size;
  uint64_t value;
};

RingGeometry good_header() {
  RingGeometry g{};
  std::memcpy(g.magic, kMagic, sizeof(kMagic));
  g.major = kMajor;
  g.header_size = kHeaderSize;
  g.slot_count = 4;
  g.slot_header_size = kSlotHeaderSize;
  g.slot_headers_offset = kHeaderSize;
  g.data_offset = 2 * kHeaderSize;
  g.slot_stride = 2 * kPageSize;
  g.payload_capacity = 6000;
  g.file_size = g.data_offset + g.slot_count * g.slot_stride;
  g.width = 64;
  g.height = 48;
  g.plane_count = 2;
  g.planes[0] = {0, 64, 48};
  g.planes[1] = {64 * 48, 64, 24};
  g.rate_numerator = 30;
  g.rate_denominator = 1;
  g.lease_quota = 1;
  std::strcpy(g.name, "fuzz");
  return g;
}

// In 128 bits, so that nothing here can overflow the way that a mistake there would.
using Wide = unsigned __int128;

void require(bool true_of_it, const char* what) {
  if (true_of_it) return;
  std::fprintf(stderr, "accepted a header in which %s\n", what);
  std::abort();
}

void walk(const RingGeometry& g, uint64_t file_size) {
  require(g.file_size == file_size, "the file's size is another");
  require(g.slot_count > 0 && g.slot_count <= kMaxSlots, "the number of slots is not possible");
  require(g.plane_count > 0 && g.plane_count <= kMaxPlanes, "the number of planes is not possible");
  require(g.rate_denominator != 0, "the rate is divided by 0");
  require(std::memchr(g.name, 0, sizeof(g.name)) != nullptr, "the name does not end");
  for (uint32_t slot = 0; slot < g.slot_count; ++slot) {
    const Wide header = Wide{g.slot_headers_offset} + Wide{slot} * g.slot_header_size;
    const bool placed = header >= sizeof(RingGeometry) && header % alignof(SlotHeader) == 0;
    require(placed, "a slot's header is misplaced");
    require(header + sizeof(SlotHeader) <= g.data_offset, "a slot's header reaches into the data");
    const Wide payload = Wide{g.data_offset} + Wide{slot} * g.slot_stride;
    require(payload + g.payload_capacity <= file_size, "a slot's payload leaves the file");
    for (uint32_t index = 0; index < g.plane_count; ++index) {
      const PlaneLayout& plane = g.planes[index];
      const Wide end = Wide{plane.offset} + Wide{plane.stride} * plane.rows;
      require(end <= g.payload_capacity, "a plane leaves its slot");
    }
  }
}

}  // namespace
}  // namespace camstream

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace camstream;
  RingGeometry header = good_header();
  uint64_t file_size = header.file_size;
  constexpr size_t kChangeBytes = sizeof(uint16_t) + sizeof(uint8_t) + sizeof(uint64_t);
  for (; size >= kChangeBytes; data += kChangeBytes, size -= kChangeBytes) {
    Change change{};
    std::memcpy(&change.offset, data, sizeof(change.offset));
    std::memcpy(&change.size, data + 2, sizeof(change.size));
    std::memcpy(&change.value, data + 3, sizeof(change.value));
    const size_t width = size_t{1} << (change.size % 4);
    const size_t offset = change.offset % (sizeof(header) + sizeof(file_size)) / width * width;
    if (offset + width <= sizeof(header)) {
      std::memcpy(reinterpret_cast<uint8_t*>(&header) + offset, &change.value, width);
    } else {
      file_size = change.value;
      if (change.size & 0x80) header.file_size = file_size;
    }
  }
  // A copy of exactly that size, so that AddressSanitizer sees a read beyond it.
  const auto* begin = reinterpret_cast<const uint8_t*>(&header);
  const std::vector<uint8_t> bytes(begin, begin + sizeof(header) - (size > 0 ? data[0] % 64 : 0));
  const auto checked = check_ring_header(bytes.data(), bytes.size(), file_size, "fuzz");
  if (checked) walk(*checked, file_size);
  return 0;
}
