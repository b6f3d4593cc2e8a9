// What inspect_jpeg() finds whole really has what it says where it says it, takes its tables, and is decoded
// into its slot and not one byte beside it, whatever the bytes are. The input is a list of changes to a good
// picture, or, if it begins with an odd byte, the bytes themselves.
#include <turbojpeg.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "pixels/jpeg_decoder.h"
#include "pixels/jpeg_huffman_tables.h"
#include "support/guarded_buffer.h"

namespace camstream {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes good_picture(bool with_tables) {
  Bytes grey(32 * 32);
  for (size_t at = 0; at < grey.size(); ++at) grey[at] = static_cast<uint8_t>(at * at >> 3);
  const tjhandle encoder = tjInitCompress();
  unsigned char* jpeg = nullptr;
  unsigned long size = 0;
  if (tjCompress2(encoder, grey.data(), 32, 32, 32, TJPF_GRAY, &jpeg, &size, TJSAMP_GRAY, 60, 0) != 0)
    abort();
  Bytes bytes(jpeg, jpeg + size);
  tjFree(jpeg);
  tjDestroy(encoder);
  if (with_tables) return bytes;
  Bytes bare(bytes.begin(), bytes.begin() + 2);
  size_t at = 2;
  while (bytes[at + 1] != 0xda) {
    const size_t next = at + 2 + (size_t{bytes[at + 2]} << 8 | bytes[at + 3]);
    if (bytes[at + 1] != 0xc4) bare.insert(bare.end(), &bytes[at], &bytes[next]);
    at = next;
  }
  bare.insert(bare.end(), bytes.begin() + static_cast<ptrdiff_t>(at), bytes.end());
  return bare;
}

Bytes picture_of(const uint8_t* data, size_t size) {
  static const Bytes kGood = good_picture(true), kBare = good_picture(false);
  if (size > 0 && data[0] & 1) return {data + 1, data + size};
  Bytes bytes = size > 0 && data[0] & 2 ? kBare : kGood;
  constexpr size_t kChangeBytes = sizeof(uint16_t) + sizeof(uint8_t);
  for (data += size > 0, size -= size > 0; size >= kChangeBytes; data += kChangeBytes, size -= kChangeBytes) {
    uint16_t offset = 0;
    std::memcpy(&offset, data, sizeof offset);
    if (offset >= 0xf000) {
      bytes.resize(bytes.size() - bytes.size() * data[2] / 1024);  // cut off
    } else if (!bytes.empty()) {
      bytes[offset % bytes.size()] = data[2];
    }
  }
  return bytes;
}

void require(bool true_of_it, const char* what) {
  if (true_of_it) return;
  std::fprintf(stderr, "found whole: a picture %s\n", what);
  std::abort();
}

void check(const Bytes& bytes, const JpegStructure& found) {
  require(found.size <= bytes.size() && found.size >= 4, "that is larger than its bytes");
  require(found.scan > 2 && found.scan + 4 < found.size, "whose scan is not inside");
  require(bytes[found.scan] == 0xff && bytes[found.scan + 1] == 0xda, "with no scan there");
  require(bytes[found.size - 2] == 0xff && bytes[found.size - 1] == 0xd9, "with no end there");
  require(found.width > 0 && found.height > 0, "without a size");
}

void decode(const Bytes& jpeg, const JpegStructure& found) {
  constexpr uint32_t kMostSide = 128;
  if (found.width > kMostSide || found.height > kMostSide) return;
  const FrameLayout layout = decoded_jpeg_layout(found.width, found.height);
  GuardedBuffer slot(layout.payload_size, GuardedBuffer::Guard::kBehind);
  (void)JpegDecoder(layout).decode(jpeg.data(), jpeg.size(), slot.data());
}

}  // namespace
}  // namespace camstream

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace camstream;
  Bytes bytes = picture_of(data, size);
  bytes.shrink_to_fit();  // so that AddressSanitizer sees a read beyond it
  JpegStructure found = inspect_jpeg(bytes.data(), bytes.size());
  if (found.fault != JpegFault::kNone) return 0;
  check(bytes, found);
  bytes.resize(found.size);
  if (!found.has_huffman_tables) {
    bytes.resize(found.size + kHuffmanTableBytes);
    require(add_huffman_tables(bytes.data(), found, bytes.size()) == bytes.size(), "that takes no tables");
    found = inspect_jpeg(bytes.data(), bytes.size());
    require(found.fault == JpegFault::kNone && found.has_huffman_tables, "that its tables break");
    check(bytes, found);
    require(found.size == bytes.size(), "that its tables leave too short");
  }
  decode(bytes, found);
  return 0;
}
