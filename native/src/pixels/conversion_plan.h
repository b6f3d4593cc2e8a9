// A conversion, prepared once and used for every frame: all formats to all formats, cropped, turned,
// scaled. docs/pixels.md says what happens to matrix and range.
#pragma once

#include <memory>

#include "base/result.h"
#include "pixels/conversion_options.h"
#include "pixels/image.h"

namespace camstream {

// The packed layout of what becomes of pictures like `from`: format, size, and what the colours mean:
// YUV keeps matrix and range; RGB stays full-range RGB or becomes BT.601 with limited range.
// Errors: CONVERSION_FORMAT, CONVERSION_CROP, CONVERSION_ROTATE, CONVERSION_SIZE.
Result<FrameLayout> converted_layout(const FrameLayout& from, const ConversionOptions& options);

class ConversionPlan {
 public:
  // `to`: converted_layout(), perhaps with other strides and offsets. Otherwise CONVERSION_LAYOUT.
  static Result<std::unique_ptr<ConversionPlan>> make(const FrameLayout& from, const FrameLayout& to,
                                                      const ConversionOptions& options);
  ~ConversionPlan();

  // Payloads of the two layouts. Writes every visible byte of `to`. One thread at a time: there is scratch
  // memory inside.
  void convert(const uint8_t* from, uint8_t* to);

 private:
  class Impl;
  explicit ConversionPlan(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace camstream
