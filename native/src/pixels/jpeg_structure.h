// What a JPEG consists of, found without decoding it: is it whole, is it the picture that was agreed on, and
// does it bring its tables? (ITU-T T.81, annex B.) Nothing is read beyond the bytes given.
#pragma once

#include <cstddef>
#include <cstdint>

namespace camstream {

enum class JpegFault {
  kNone,
  kNoStart,    // does not begin with SOI
  kMarker,     // a segment that cannot be, or in a place where it cannot be
  kCoding,     // lossless, arithmetic or 12-bit: cameras give none, and nobody shows them
  kTables,     // refers to a table that it does not bring
  kTruncated,  // no scan, or no EOI behind it
};

struct JpegStructure {
  JpegFault fault = JpegFault::kNone;  // the rest holds if there is none
  uint32_t width = 0;
  uint32_t height = 0;
  // Motion JPEG leaves the usual Huffman tables out (add_huffman_tables()); no picture has only some.
  bool has_huffman_tables = false;
  size_t scan = 0;  // offset of the first SOS
  size_t size = 0;  // up to EOI and with it; what follows is the driver's padding
};

JpegStructure inspect_jpeg(const uint8_t* data, size_t size);

// "it is cut off": ends a sentence that says that a picture was dropped.
const char* text_of(JpegFault fault);

}  // namespace camstream
