// Decodes a camera's JPEGs into slots of a ring, with libturbojpeg.
//
// The slot is i420 whatever chroma the camera sends, because its mode has to be known before its first
// picture: 4:2:0 is decoded straight into the slot; of 4:2:2 (what USB cameras send) and the others, luma is,
// and chroma is brought to half the columns and half the rows. docs/pixels.md has the reasons and the cost.
#pragma once

#include <memory>

#include "base/result.h"
#include "pixels/pixel_format.h"

namespace camstream {

// What pictures of that size are in the ring: i420, BT.601, full range (JFIF).
FrameLayout decoded_jpeg_layout(uint32_t width, uint32_t height);

// One thread at a time.
class JpegDecoder {
 public:
  explicit JpegDecoder(const FrameLayout& layout);
  ~JpegDecoder();

  // A picture that inspect_jpeg() found whole, of the layout's size. Damage of any kind is an error, with
  // the library's words; the slot's bytes are then of no use.
  Status decode(const uint8_t* jpeg, size_t size, uint8_t* picture);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace camstream
