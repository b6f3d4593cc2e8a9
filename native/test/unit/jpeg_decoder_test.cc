// A camera's JPEG as it stands in the ring.
#include "pixels/jpeg_decoder.h"

#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <cmath>

#include "pixels/jpeg_huffman_tables.h"
#include "support/guarded_buffer.h"
#include "support/jpeg_picture.h"

namespace camstream {
namespace {

constexpr int kTolerance = 6;  // levels: quality 90, and chroma in fewer places

class Slot {
 public:
  explicit Slot(const FrameLayout& layout) : layout_(layout), bytes_(layout.payload_size, kBehind) {}

  Status decode(const Bytes& jpeg) {
    return JpegDecoder(layout_).decode(jpeg.data(), jpeg.size(), bytes_.data());
  }
  uint8_t at(int plane, int x, int y) {
    const PlaneLayout& place = layout_.planes[plane];
    return bytes_.data()[place.offset + static_cast<size_t>(y) * place.stride + static_cast<size_t>(x)];
  }
  void clear() { std::fill_n(bytes_.data(), bytes_.size(), uint8_t{1}); }
  Bytes bytes() { return {bytes_.data(), bytes_.data() + bytes_.size()}; }

 private:
  static constexpr auto kBehind = GuardedBuffer::Guard::kBehind;
  FrameLayout layout_;
  GuardedBuffer bytes_;
};

Slot slot_for(const JpegKind& kind) {
  return Slot(decoded_jpeg_layout(static_cast<uint32_t>(kind.width), static_cast<uint32_t>(kind.height)));
}

void expect_picture(Slot& slot, const JpegKind& kind) {
  const PaintedPlanes wanted = painted(kind);
  const auto at = [&](const Bytes& plane, int x, int y) {
    x = std::min(x, kind.width - 1);
    y = std::min(y, kind.height - 1);
    return int{plane[static_cast<size_t>(y) * static_cast<size_t>(kind.width) + static_cast<size_t>(x)]};
  };
  int luma = 0, chroma = 0;
  for (int y = 0; y < kind.height; ++y) {
    for (int x = 0; x < kind.width; ++x)
      luma = std::max(luma, std::abs(slot.at(0, x, y) - at(wanted.y, x, y)));
  }
  const bool grey = kind.sampling == TJSAMP_GRAY;
  for (int y = 0; y < (kind.height + 1) / 2; ++y) {
    for (int x = 0; x < (kind.width + 1) / 2; ++x) {
      const int u = grey ? 128 : at(wanted.u, 2 * x, 2 * y), v = grey ? 128 : at(wanted.v, 2 * x, 2 * y);
      chroma = std::max({chroma, std::abs(slot.at(1, x, y) - u), std::abs(slot.at(2, x, y) - v)});
    }
  }
  EXPECT_LE(luma, kTolerance);
  EXPECT_LE(chroma, grey ? 0 : kTolerance);
}

TEST(JpegDecoder, EverySamplingBecomesI420) {
  for (const int sampling : {TJSAMP_422, TJSAMP_420, TJSAMP_444, TJSAMP_GRAY, TJSAMP_440, TJSAMP_411}) {
    for (const auto& [width, height] : {std::pair{64, 48}, {70, 50}, {65, 49}, {17, 9}, {1, 1}}) {
      const JpegKind kind{.width = width, .height = height, .sampling = sampling};
      SCOPED_TRACE(testing::Message() << "sampling " << sampling << ", " << width << "x" << height);
      Slot slot = slot_for(kind);
      const Status decoded = slot.decode(make_jpeg(kind));
      ASSERT_TRUE(decoded) << decoded.error().message;
      expect_picture(slot, kind);
    }
  }
}

TEST(JpegDecoder, ProgressiveRestartMarkersAndOwnTablesAreDecoded) {
  for (const JpegKind& kind : {JpegKind{.progressive = true}, JpegKind{.restart = "1"},
                               JpegKind{.restart = "4B"}, JpegKind{.optimized = true}}) {
    Slot slot = slot_for(kind);
    ASSERT_TRUE(slot.decode(make_jpeg(kind)));
    expect_picture(slot, kind);
  }
}

TEST(JpegDecoder, TheLayoutSaysWhatJfifMeans) {
  const FrameLayout layout = decoded_jpeg_layout(1920, 1080);
  EXPECT_EQ(layout.matrix, Matrix::kBt601);
  EXPECT_EQ(layout.range, Range::kFull);
  EXPECT_EQ(layout.fourcc, static_cast<uint32_t>(PixelFormat::kI420));
}

TEST(JpegDecoder, RowsWithPaddingKeepIt) {
  const JpegKind kind;
  FrameLayout layout = decoded_jpeg_layout(64, 48);
  layout.planes = {{{0, 80, 48}, {80 * 48, 40, 24}, {80 * 48 + 40 * 24, 40, 24}}};
  layout.payload_size = 80 * 48 + 2 * 40 * 24;
  Slot slot(layout);
  slot.clear();
  ASSERT_TRUE(slot.decode(make_jpeg(kind)));
  expect_picture(slot, kind);
  EXPECT_EQ(slot.at(0, 79, 10), 1);
  EXPECT_EQ(slot.at(1, 39, 10), 1);
}

TEST(JpegDecoder, TablesThatWereAddedGiveTheSamePicture) {
  Slot with = slot_for({}), without = slot_for({});
  const Bytes jpeg = make_jpeg();
  ASSERT_TRUE(with.decode(jpeg));
  Bytes bare = without_segments(jpeg, kDht);
  const JpegStructure found = inspect_jpeg(bare.data(), bare.size());
  bare.resize(bare.size() + kHuffmanTableBytes);
  ASSERT_EQ(add_huffman_tables(bare.data(), found, bare.size()), bare.size());
  ASSERT_TRUE(without.decode(bare));
  EXPECT_EQ(with.bytes(), without.bytes());
}

TEST(JpegDecoder, AnotherSizeIsRefused) {
  Slot slot = slot_for({.width = 64, .height = 48});
  const Status decoded = slot.decode(make_jpeg({.width = 96, .height = 96}));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().message, "it is of another size");
}

TEST(JpegDecoder, DamagedBlocksAreFoundWhereTheirCodesDoNotAddUp) {
  const JpegKind kind{.width = 640, .height = 480, .quality = 95};
  const Bytes jpeg = make_jpeg(kind);
  const size_t first = find_segment(jpeg, kSos) + 40;
  Slot slot = slot_for(kind);
  Bytes missing = jpeg;  // a packet of the transfer is missing
  missing.erase(missing.begin() + static_cast<ptrdiff_t>(first),
                missing.begin() + static_cast<ptrdiff_t>(first + 800));
  Bytes zeroed = jpeg;  // or came as zeros
  std::fill_n(zeroed.begin() + static_cast<ptrdiff_t>(first), 800, uint8_t{0});
  Bytes noise = jpeg;
  for (size_t at = first; at < first + 800; ++at) noise[at] = static_cast<uint8_t>(at * 7919 >> 3) & 0x7f;
  for (const Bytes& damaged : {missing, zeroed, noise}) {
    ASSERT_EQ(inspect_jpeg(damaged.data(), damaged.size()).fault, JpegFault::kNone);
    const Status decoded = slot.decode(damaged);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, "JPEG_DAMAGED");
  }
}

TEST(JpegDecoder, ADamagedPictureDoesNotHarmTheNext) {
  const JpegKind kind{.restart = "1"};
  const FrameLayout layout = decoded_jpeg_layout(64, 48);
  JpegDecoder decoder(layout);
  Bytes damaged = make_jpeg(kind);
  damaged.erase(damaged.begin() + static_cast<ptrdiff_t>(find_segment(damaged, kSos) + 30),
                damaged.begin() + static_cast<ptrdiff_t>(find_segment(damaged, kSos) + 60));
  Slot alone(layout);
  ASSERT_TRUE(alone.decode(make_jpeg(kind)));
  Bytes after(layout.payload_size);
  EXPECT_FALSE(decoder.decode(damaged.data(), damaged.size(), after.data()));
  const Bytes good = make_jpeg(kind);
  ASSERT_TRUE(decoder.decode(good.data(), good.size(), after.data()));
  EXPECT_EQ(after, alone.bytes());
}

// Many a USB camera leaves some there, in every picture.
TEST(JpegDecoder, AFewBytesBetweenTheLastBlockAndTheEndAreNoDamage) {
  const JpegKind kind;
  const Bytes whole = make_jpeg(kind);
  for (const auto& [bytes, fine] : {std::pair{1, true}, {2, true}, {16, true}, {64, false}, {400, false}}) {
    Bytes jpeg = whole;
    jpeg.insert(jpeg.end() - 2, static_cast<size_t>(bytes), uint8_t{0});
    Slot slot = slot_for(kind);
    EXPECT_EQ(static_cast<bool>(slot.decode(jpeg)), fine) << bytes;
    if (fine) expect_picture(slot, kind);
  }
}

}  // namespace
}  // namespace camstream
