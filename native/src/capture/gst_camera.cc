#include "capture/gst_camera.h"

#include <utility>

namespace camstream {

Result<GstCamera::Pipeline> GstCamera::prepare(std::vector<Error>& notices) {
  watch_.forget();
  auto device = opener_.open();
  if (!device) return device.error();
  auto agreement = negotiate(*device, options_.wish);
  if (!agreement) return agreement.error();
  if (Status set = opener_.set_up(*device, notices); !set) return set.error();
  V4l2Mode mode = agreement->choice.mode;
  if (agreement->dv_timings) mode.rate = {};  // the signal's, which is not for a pipeline to wish
  return camera_pipeline(device->path(), mode);
}

std::optional<FrameLayout> GstCamera::expected_layout(const Error& missing) const {
  if (!options_.wait || !may_come_later(missing)) return std::nullopt;
  return expected_of(options_.wish);
}

GstCamera::Pipeline camera_pipeline(const std::string& device, const V4l2Mode& mode) {
  GstCamera::Pipeline pipeline{device_pipeline(device),
                               {.width = mode.width, .height = mode.height, .rate = mode.rate}};
  const auto format = format_of_fourcc(coding_of(mode.fourcc, false).ring_fourcc);
  if (mode.coding == Coding::kConvertible && format) pipeline.wish.format = *format;
  if (mode.coding == Coding::kJpeg) {
    pipeline.text += " ! image/jpeg" + shape_of(pipeline.wish) + " ! decodebin";
  }
  return pipeline;
}

}  // namespace camstream
