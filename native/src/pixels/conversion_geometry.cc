#include "pixels/conversion_geometry.h"

#include <algorithm>
#include <string>
#include <utility>

#include "pixels/picture_view.h"

namespace camstream {
namespace {

std::string text_of(const Rect& rect) {
  return std::to_string(rect.width) + "x" + std::to_string(rect.height) + " at " + std::to_string(rect.x) +
         "," + std::to_string(rect.y);
}

std::string text_of(uint32_t width, uint32_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

std::optional<Error> wrong_crop(const FrameLayout& from, const Rect& crop) {
  const auto format = static_cast<PixelFormat>(from.fourcc);
  const bool inside = crop.width >= 1 && crop.height >= 1 && uint64_t{crop.x} + crop.width <= from.width &&
                      uint64_t{crop.y} + crop.height <= from.height;
  if (!inside) {
    return Error{"CONVERSION_CROP", "Cannot crop to " + text_of(crop) + ": the source has " +
                                        text_of(from.width, from.height) +
                                        ". Choose a part that lies inside."};
  }
  const bool odd = (shares_columns(format) && crop.x % 2 != 0) || (shares_rows(format) && crop.y % 2 != 0);
  if (!odd) return std::nullopt;
  return Error{"CONVERSION_CROP",
               "Cannot crop to " + text_of(crop) + ": in " + std::string(name_of(format)) +
                   " neighbouring pixels share their colour. Choose even numbers for x and y."};
}

// The side that was not given, so that the aspect ratio stays; even, as most formats like it.
uint32_t fitting_side(uint32_t given, uint64_t side, uint64_t given_side) {
  const uint64_t exact = (side * given + given_side / 2) / given_side;
  return static_cast<uint32_t>(std::clamp<uint64_t>((exact + 1) / 2 * 2, 2, kMaxConversionSide + 2));
}

// The largest rectangle of the aspect ratio `wide` x `high` in the middle of width x height, on even
// pixels where there is room for two.
Rect centred(uint32_t width, uint32_t height, uint64_t wide, uint64_t high) {
  const auto even = [](uint64_t side, uint32_t most) {
    if (side >= most) return most;
    return std::min(most, std::max(2u, static_cast<uint32_t>((side + 1) / 2 * 2)));
  };
  const bool full_width = wide * height >= high * width;
  const uint32_t inner_width = full_width ? width : even((wide * height + high / 2) / high, width);
  const uint32_t inner_height = full_width ? even((high * width + wide / 2) / wide, height) : height;
  return {(width - inner_width) / 4 * 2, (height - inner_height) / 4 * 2, inner_width, inner_height};
}

}  // namespace

Result<ConversionGeometry> plan_geometry(const FrameLayout& from, const ConversionOptions& options) {
  if (!format_of_fourcc(from.fourcc)) {
    return Error{"CONVERSION_FORMAT", "Cannot convert from a format of fourcc " +
                                          std::to_string(from.fourcc) +
                                          ". Known are yuyv, uyvy, nv12, nv21, i420, yv12, rgb24, bgr24 "
                                          "and gray8."};
  }
  if (options.rotate % 90 != 0 || options.rotate > 270) {
    return Error{"CONVERSION_ROTATE",
                 "Cannot rotate by " + std::to_string(options.rotate) + ". Wanted is 0, 90, 180 or 270."};
  }
  Rect source = options.crop.value_or(Rect{0, 0, from.width, from.height});
  if (const auto wrong = wrong_crop(from, source)) return *wrong;

  const Orientation orientation{static_cast<int>(options.rotate), options.mirror};
  uint32_t turned_width = source.width, turned_height = source.height;
  if (orientation.swaps_sides()) std::swap(turned_width, turned_height);

  uint32_t width = options.width, height = options.height;
  if (width == 0 && height == 0) {
    width = turned_width;
    height = turned_height;
  } else if (width == 0) {
    width = fitting_side(height, turned_width, turned_height);
  } else if (height == 0) {
    height = fitting_side(width, turned_height, turned_width);
  }
  if (std::max({width, height, source.width, source.height}) > kMaxConversionSide) {
    return Error{"CONVERSION_SIZE", "Cannot convert " + text_of(source.width, source.height) + " to " +
                                        text_of(width, height) + ". No side may be above " +
                                        std::to_string(kMaxConversionSide) + "."};
  }

  Rect target{0, 0, width, height};
  if (options.fit == Fit::kContain) target = centred(width, height, turned_width, turned_height);
  if (options.fit == Fit::kCover) {
    uint32_t wide = width, high = height;
    if (orientation.swaps_sides()) std::swap(wide, high);
    const Rect part = centred(source.width, source.height, wide, high);
    source = {source.x + part.x, source.y + part.y, part.width, part.height};
  }
  return ConversionGeometry{source, target, width, height, orientation};
}

}  // namespace camstream
