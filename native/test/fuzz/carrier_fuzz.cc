// Whatever comes out of a GStreamer child's pipe: nothing is written outside the room for one picture of the
// layout that was accepted before, and an accepted layout fits into its own payload. The input is a list of
// messages, good ones but for the changes that it makes, so that most of them get past the magic.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "capture/carrier_format.h"
#include "capture/carrier_reader.h"

namespace camstream {
namespace {

constexpr uint64_t kLargestRoom = 1 << 20;  // more would be slow, and shows nothing else

void require(bool true_of_it, const char* what) {
  if (true_of_it) return;
  std::fprintf(stderr, "accepted a picture of which %s\n", what);
  std::abort();
}

void walk(const FrameLayout& layout) {
  using Wide = unsigned __int128;
  require(layout.plane_count > 0 && layout.plane_count <= kMaxPlanes, "the number of planes is not possible");
  require(layout.rate_denominator != 0, "the rate is divided by 0");
  for (uint32_t i = 0; i < layout.plane_count; ++i) {
    const PlaneLayout& plane = layout.planes[i];
    require(Wide{plane.offset} + Wide{plane.stride} * plane.rows <= layout.payload_size,
            "a plane is outside");
  }
}

// One message: its kind, and what is changed of it: OFFSET, VALUE.
std::vector<uint8_t> message_of(const uint8_t* seed) {
  const FrameLayout layout = packed_layout(PixelFormat::kNv12, 16u + seed[0] % 4, 8);
  CarrierHead head{.kind = static_cast<CarrierKind>(1 + seed[1] % 6)};
  const CarrierFormat format = carrier_format_of(layout);
  head.body_size = head.kind == CarrierKind::kFormat  ? sizeof format
                   : head.kind == CarrierKind::kFrame ? layout.payload_size
                   : head.kind == CarrierKind::kEnd   ? 0
                                                      : seed[2];
  std::vector<uint8_t> bytes(sizeof head + head.body_size, seed[2]);
  std::memcpy(bytes.data(), &head, sizeof head);
  if (head.kind == CarrierKind::kFormat) std::memcpy(bytes.data() + sizeof head, &format, sizeof format);
  if (seed[3] % 4 == 0) bytes[seed[4] % bytes.size()] = seed[5];
  if (seed[3] % 16 == 1) bytes.resize(seed[4] % (bytes.size() + 1));
  return bytes;
}

// False: these bytes were refused, and the reader is of no more use.
bool read_all(CarrierReader& reader, std::unique_ptr<uint8_t[]>& room) {
  for (;;) {
    const auto got = reader.read(room.get());
    if (!got) return false;
    if (*got == CarrierReader::Got::kNothing || *got == CarrierReader::Got::kNoRoom) return true;
    if (*got != CarrierReader::Got::kFormat) continue;
    walk(reader.layout());
    const uint64_t wanted = reader.layout().payload_size;
    // Of exactly one picture, so that AddressSanitizer sees a byte more.
    room = wanted > kLargestRoom ? nullptr : std::make_unique<uint8_t[]>(wanted);
  }
}

}  // namespace
}  // namespace camstream

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace camstream;
  constexpr size_t kSeed = 6;
  int ends[2];
  if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) std::abort();
  CarrierReader reader(ends[0]);
  std::unique_ptr<uint8_t[]> room;
  for (; size >= kSeed; data += kSeed, size -= kSeed) {
    const std::vector<uint8_t> bytes = message_of(data);
    if (!bytes.empty() && write(ends[1], bytes.data(), bytes.size()) < 0) break;
    if (data[3] % 8 == 2) reader.drop_frame();
    if (!read_all(reader, room)) break;
  }
  close(ends[0]);
  close(ends[1]);
  return 0;
}
