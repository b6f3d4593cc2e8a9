#include "pixels/conversion_plan.h"

#include <optional>

#include "pixels/conversion_geometry.h"
#include "pixels/direct_conversion.h"
#include "pixels/geometric_conversion.h"
#include "pixels/letterbox.h"
#include "pixels/packed_shrink.h"

namespace camstream {
namespace {

PixelFormat format_of(const FrameLayout& layout) { return format_in_view(layout.fourcc); }

FrameLayout layout_for(const FrameLayout& from, const ConversionGeometry& geometry, PixelFormat format) {
  FrameLayout layout = packed_layout(format, geometry.width, geometry.height);
  layout.primaries = from.primaries;
  layout.rate_numerator = from.rate_numerator;
  layout.rate_denominator = from.rate_denominator;
  if (is_rgb(format)) {
    layout.matrix = Matrix::kRgb;
    layout.range = Range::kFull;
  } else if (is_rgb(format_of(from))) {
    layout.matrix = Matrix::kBt601;
    layout.range = Range::kLimited;
  } else {
    layout.matrix = from.matrix;
    layout.range = from.range;
  }
  return layout;
}

bool same_picture(const FrameLayout& one, const FrameLayout& other) {
  return one.fourcc == other.fourcc && one.width == other.width && one.height == other.height &&
         one.matrix == other.matrix && one.range == other.range;
}

PlaneSize size_of(const Rect& rect) { return {static_cast<int>(rect.width), static_cast<int>(rect.height)}; }

template <typename AnyView>
AnyView part_of(const AnyView& view, const Rect& rect) {
  return view.part(static_cast<int>(rect.x), static_cast<int>(rect.y), static_cast<int>(rect.width),
                   static_cast<int>(rect.height));
}

}  // namespace

class ConversionPlan::Impl {
 public:
  Impl(const FrameLayout& from, const FrameLayout& to, const ConversionGeometry& geometry)
      : from_(from), to_(to), geometry_(geometry) {
    const YuvToRgb colours = yuv_to_rgb(from.matrix, from.range);
    const PlaneSize source = size_of(geometry.source), target = size_of(geometry.target);
    const bool upright = geometry.orientation.upright();
    if (upright && source == target) {
      direct_.emplace(format_of(from), format_of(to), target, colours);
    } else if (upright && PackedShrink::can(format_of(from), format_of(to), source, target)) {
      packed_shrink_.emplace(format_of(from), format_of(to), source, target, colours);
    } else {
      geometric_.emplace(format_of(from), format_of(to), geometry, colours);
    }
  }

  void convert(const uint8_t* from, uint8_t* to) {
    fill_around({to, to_}, geometry_.target);
    const ConstView source = part_of(view_of(from, from_), geometry_.source);
    const View target = part_of(view_of(to, to_), geometry_.target);
    if (direct_) {
      direct_->run(source, target);
    } else if (packed_shrink_) {
      packed_shrink_->run(source, target);
    } else {
      geometric_->run(source, target);
    }
  }

 private:
  FrameLayout from_;
  FrameLayout to_;
  ConversionGeometry geometry_;
  std::optional<DirectConversion> direct_;
  std::optional<PackedShrink> packed_shrink_;
  std::optional<GeometricConversion> geometric_;
};

Result<FrameLayout> converted_layout(const FrameLayout& from, const ConversionOptions& options) {
  const auto geometry = plan_geometry(from, options);
  if (!geometry) return geometry.error();
  return layout_for(from, *geometry, options.format);
}

Result<std::unique_ptr<ConversionPlan>> ConversionPlan::make(const FrameLayout& from, const FrameLayout& to,
                                                             const ConversionOptions& options) {
  const auto geometry = plan_geometry(from, options);
  if (!geometry) return geometry.error();
  if (!same_picture(to, layout_for(from, *geometry, options.format))) {
    return Error{"CONVERSION_LAYOUT",
                 "The layout to convert into is not that of the converted picture. Take converted_layout()."};
  }
  return std::unique_ptr<ConversionPlan>(new ConversionPlan(std::make_unique<Impl>(from, to, *geometry)));
}

ConversionPlan::ConversionPlan(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ConversionPlan::~ConversionPlan() = default;
void ConversionPlan::convert(const uint8_t* from, uint8_t* to) { impl_->convert(from, to); }

}  // namespace camstream
