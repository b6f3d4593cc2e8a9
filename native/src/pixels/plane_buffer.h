// Scratch memory for one plane, made when a conversion is planned and used for every frame.
#pragma once

#include <vector>

#include "pixels/picture_view.h"

namespace camstream {

struct PlaneSize {
  int width = 0;
  int height = 0;

  bool operator==(const PlaneSize&) const = default;
  PlaneSize turned() const { return {height, width}; }
};

class PlaneBuffer {
 public:
  PlaneBuffer() = default;
  explicit PlaneBuffer(PlaneSize size)
      : stride_((size.width + kAlignment - 1) / kAlignment * kAlignment),
        bytes_(static_cast<size_t>(stride_) * static_cast<size_t>(size.height)) {}

  Plane plane() { return {bytes_.data(), stride_}; }

 private:
  static constexpr int kAlignment = 32;
  int stride_ = 0;
  std::vector<uint8_t> bytes_;
};

}  // namespace camstream
