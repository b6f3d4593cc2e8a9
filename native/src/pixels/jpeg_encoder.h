// Makes JPEGs of planar pictures with libturbojpeg: baseline, 4:2:0, full-range BT.601, standard tables.
#pragma once

#include <cstddef>
#include <memory>

#include "base/result.h"
#include "pixels/image.h"

namespace camstream {

struct JpegWish {
  int quality = 80;  // 1..100
  int scale = 1;     // 2: half as wide and half as high
};

// One thread at a time.
class JpegEncoder {
 public:
  JpegEncoder();
  ~JpegEncoder();
  JpegEncoder(const JpegEncoder&) = delete;

  struct Picture {
    const uint8_t* data = nullptr;  // until the next encode()
    size_t size = 0;
  };
  // Errors: JPEG_FORMAT for a picture that is not i420, JPEG_ENCODER with the library's words.
  Result<Picture> encode(const ConstImage& image, const JpegWish& wish);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace camstream
