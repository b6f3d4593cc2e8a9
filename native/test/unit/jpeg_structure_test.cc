// What is taken for a whole JPEG, and what is not.
#include "pixels/jpeg_structure.h"

#include <gtest/gtest.h>
#include <turbojpeg.h>

#include "pixels/jpeg_huffman_tables.h"
#include "support/guarded_buffer.h"
#include "support/jpeg_picture.h"

namespace camstream {
namespace {

// In memory that ends where the picture does.
JpegStructure inspect(const Bytes& jpeg) {
  GuardedBuffer bytes(jpeg.size(), GuardedBuffer::Guard::kBehind);
  std::copy(jpeg.begin(), jpeg.end(), bytes.data());
  return inspect_jpeg(bytes.data(), jpeg.size());
}

JpegFault fault_of(const Bytes& jpeg) { return inspect(jpeg).fault; }

Bytes cut(const Bytes& jpeg, size_t size) {
  return {jpeg.begin(), jpeg.begin() + static_cast<ptrdiff_t>(size)};
}

Bytes with_byte(Bytes jpeg, size_t offset, uint8_t value) {
  jpeg[offset] = value;
  return jpeg;
}

TEST(JpegStructure, EveryKindThatCamerasSendIsWhole) {
  for (const int sampling : {TJSAMP_444, TJSAMP_422, TJSAMP_420, TJSAMP_GRAY, TJSAMP_440, TJSAMP_411}) {
    for (const char* restart : {"", "1", "4B"}) {
      for (const bool progressive : {false, true}) {
        const Bytes jpeg = make_jpeg({.width = 70,
                                      .height = 50,
                                      .sampling = sampling,
                                      .progressive = progressive,
                                      .optimized = progressive,
                                      .restart = restart});
        const JpegStructure found = inspect(jpeg);
        EXPECT_EQ(found.fault, JpegFault::kNone)
            << sampling << restart << progressive << text_of(found.fault);
        EXPECT_EQ(found.width, 70u);
        EXPECT_EQ(found.height, 50u);
        EXPECT_EQ(found.size, jpeg.size());
        EXPECT_EQ(found.scan, find_segment(jpeg, kSos));
        EXPECT_TRUE(found.has_huffman_tables);
      }
    }
  }
}

TEST(JpegStructure, TheDriversPaddingIsNoPartOfThePicture) {
  Bytes jpeg = make_jpeg();
  const size_t size = jpeg.size();
  for (const uint8_t padding : {uint8_t{0x00}, uint8_t{0xff}, uint8_t{0xd8}}) {
    jpeg.resize(size);
    jpeg.insert(jpeg.end(), 1000, padding);
    const JpegStructure found = inspect(jpeg);
    EXPECT_EQ(found.fault, JpegFault::kNone);
    EXPECT_EQ(found.size, size);
  }
}

TEST(JpegStructure, WithoutItsLastBytesItIsCutOffWhereverThatIs) {
  const Bytes jpeg = make_jpeg({.restart = "1"});
  for (size_t size = 4; size < jpeg.size(); ++size) {
    ASSERT_EQ(fault_of(cut(jpeg, size)), JpegFault::kTruncated) << size << " of " << jpeg.size();
  }
  for (size_t size = 0; size < 4; ++size) EXPECT_EQ(fault_of(cut(jpeg, size)), JpegFault::kNoStart);
}

TEST(JpegStructure, CutOffAndPaddedWithZerosIsCutOff) {
  Bytes jpeg = make_jpeg({.width = 640, .height = 480});
  std::fill(jpeg.begin() + static_cast<ptrdiff_t>(jpeg.size() / 2), jpeg.end(), uint8_t{0});
  EXPECT_EQ(fault_of(jpeg), JpegFault::kTruncated);
}

TEST(JpegStructure, TwoPicturesGluedTogetherAreNone) {
  const Bytes jpeg = make_jpeg();
  Bytes glued = cut(jpeg, jpeg.size() - 40);  // the end of the first was lost
  glued.insert(glued.end(), jpeg.begin(), jpeg.end());
  EXPECT_EQ(fault_of(glued), JpegFault::kMarker);
}

TEST(JpegStructure, WhatIsNoJpegDoesNotBeginAsOne) {
  EXPECT_EQ(fault_of({}), JpegFault::kNoStart);
  EXPECT_EQ(fault_of(Bytes(5000, 0x00)), JpegFault::kNoStart);
  EXPECT_EQ(fault_of(Bytes(5000, 0xff)), JpegFault::kNoStart);
  Bytes jpeg = make_jpeg();
  jpeg.insert(jpeg.begin(), 0x00);
  EXPECT_EQ(fault_of(jpeg), JpegFault::kNoStart);
}

TEST(JpegStructure, HeadersThatCannotBeAreRefused) {
  const Bytes jpeg = make_jpeg();
  const size_t frame = find_segment(jpeg, kSof);
  const size_t tables = find_segment(jpeg, kDht);
  const size_t quantization = find_segment(jpeg, kDqt);
  const size_t scan = find_segment(jpeg, kSos);
  EXPECT_EQ(fault_of(with_byte(jpeg, quantization, 0x12)), JpegFault::kMarker);      // no marker there
  EXPECT_EQ(fault_of(with_byte(jpeg, quantization + 3, 1)), JpegFault::kMarker);     // a length below 2
  EXPECT_EQ(fault_of(with_byte(jpeg, quantization + 3, 66)), JpegFault::kMarker);    // half a table
  EXPECT_EQ(fault_of(with_byte(jpeg, quantization + 4, 0x05)), JpegFault::kMarker);  // number 5 of 4
  EXPECT_EQ(fault_of(with_byte(jpeg, tables + 4, 0x2f)), JpegFault::kMarker);
  EXPECT_EQ(fault_of(with_byte(jpeg, tables + 6, 0xff)), JpegFault::kMarker);  // more symbols than bytes
  EXPECT_EQ(fault_of(with_byte(jpeg, frame + 4, 12)), JpegFault::kCoding);     // bits a sample
  EXPECT_EQ(fault_of(with_byte(jpeg, frame + 1, 0xc3)), JpegFault::kCoding);   // lossless
  EXPECT_EQ(fault_of(with_byte(jpeg, frame + 1, 0xc9)), JpegFault::kCoding);   // arithmetic
  EXPECT_EQ(fault_of(with_byte(jpeg, frame + 9, 4)), JpegFault::kCoding);      // components
  EXPECT_EQ(fault_of(with_byte(with_byte(jpeg, frame + 7, 0), frame + 8, 0)),
            JpegFault::kMarker);                                           // no width
  EXPECT_EQ(fault_of(with_byte(jpeg, scan + 4, 9)), JpegFault::kMarker);   // of 3 components
  EXPECT_EQ(fault_of(with_byte(jpeg, scan + 5, 77)), JpegFault::kMarker);  // one that there is not
  Bytes twice = jpeg;
  twice.insert(twice.begin() + static_cast<ptrdiff_t>(scan), jpeg.begin() + static_cast<ptrdiff_t>(frame),
               jpeg.begin() + static_cast<ptrdiff_t>(frame + 2 + jpeg[frame + 3]));
  EXPECT_EQ(fault_of(twice), JpegFault::kMarker);
}

// A decoder would take those of the picture before.
TEST(JpegStructure, ATableThatItRefersToHasToBeInside) {
  const Bytes jpeg = make_jpeg();
  EXPECT_EQ(fault_of(without_segments(jpeg, kDqt)), JpegFault::kTables);
  EXPECT_EQ(fault_of(with_byte(jpeg, find_segment(jpeg, kSof) + 12, 3)), JpegFault::kTables);
  EXPECT_EQ(fault_of(with_byte(jpeg, find_segment(jpeg, kSos) + 6, 0x33)), JpegFault::kTables);
  EXPECT_EQ(fault_of(without_segments(make_jpeg({.progressive = true}), kDht)), JpegFault::kTables);
}

TEST(JpegStructure, WithoutAnyHuffmanTablesItIsMotionJpeg) {
  const JpegStructure found = inspect(without_segments(make_jpeg(), kDht));
  EXPECT_EQ(found.fault, JpegFault::kNone);
  EXPECT_FALSE(found.has_huffman_tables);
}

TEST(HuffmanTables, AddedAreThoseThatAnEncoderWouldHaveWritten) {
  Bytes jpeg = without_segments(make_jpeg(), kDht);
  const size_t size = jpeg.size();
  jpeg.resize(size + kHuffmanTableBytes + 7, 0);  // padding behind it
  ASSERT_EQ(add_huffman_tables(jpeg.data(), inspect_jpeg(jpeg.data(), jpeg.size()), jpeg.size()),
            size + kHuffmanTableBytes);
  jpeg.resize(size + kHuffmanTableBytes);
  const JpegStructure found = inspect(jpeg);
  EXPECT_EQ(found.fault, JpegFault::kNone);
  EXPECT_TRUE(found.has_huffman_tables);
  EXPECT_EQ(found.size, jpeg.size());

  // libturbojpeg writes four segments of one table each; ours is one of four.
  const Bytes original = make_jpeg();
  Bytes wanted;
  for (size_t at = find_segment(original, kDht); original[at + 1] == kDht; at += 2u + original[at + 3]) {
    wanted.insert(wanted.end(), &original[at + 4], &original[at + 2u + original[at + 3]]);
  }
  const size_t begin = find_segment(jpeg, kDht) + 4;
  EXPECT_EQ(Bytes(&jpeg[begin], &jpeg[begin] + wanted.size()), wanted);
  EXPECT_EQ(wanted.size() + 4, kHuffmanTableBytes);
}

TEST(HuffmanTables, AreNotAddedWhereThereIsNoRoom) {
  Bytes jpeg = without_segments(make_jpeg(), kDht);
  const Bytes before = jpeg;
  EXPECT_EQ(add_huffman_tables(jpeg.data(), inspect_jpeg(jpeg.data(), jpeg.size()), jpeg.size() + 419), 0u);
  EXPECT_EQ(jpeg, before);
}

}  // namespace
}  // namespace camstream
