#include "capture/v4l2_negotiate.h"

#include <algorithm>
#include <cerrno>

#include "capture/v4l2_colour.h"

namespace camstream {
namespace {

constexpr uint32_t kType = V4L2_BUF_TYPE_VIDEO_CAPTURE;

Error wrong_format(const V4l2Device& device, const ModeWish& wish, const std::string& found) {
  return {"DEVICE_FORMAT", "the camera " + device.path() + " (" + device.card() + ") cannot give " +
                               text_of(wish) + ". Possible: " + found + "."};
}

std::string list_inputs(const V4l2Device& device) {
  std::string text;
  for (uint32_t index = 0; index < 64; ++index) {
    v4l2_input entry{};
    entry.index = index;
    if (device.control(VIDIOC_ENUMINPUT, &entry) != 0) break;
    text +=
        (index ? ", " : "") + std::to_string(index) + " (" + reinterpret_cast<const char*>(entry.name) + ")";
  }
  return text.empty() ? "none" : text;
}

// The selected input, or nothing where a device has none to choose from.
Result<std::optional<v4l2_input>> select_input(const V4l2Device& device, std::optional<uint32_t> wanted) {
  int selected = 0;
  if (wanted) {
    selected = static_cast<int>(*wanted);
    if (device.control_when_free(VIDIOC_S_INPUT, &selected) != 0) {
      const int reason = errno;
      if (reason != EINVAL && reason != ENOTTY) return device.failure("VIDIOC_S_INPUT", reason);
      return Error{"DEVICE_INPUT", "the camera " + device.path() + " (" + device.card() + ") has no input " +
                                       std::to_string(*wanted) + ". Its inputs: " + list_inputs(device) +
                                       "."};
    }
  }
  if (device.control(VIDIOC_G_INPUT, &selected) != 0) return std::optional<v4l2_input>();
  v4l2_input input{};
  input.index = static_cast<uint32_t>(selected);
  if (device.control(VIDIOC_ENUMINPUT, &input) != 0) return std::optional<v4l2_input>();
  return std::optional(input);
}

Error no_signal(const V4l2Device& device, const char* why) {
  return {"DEVICE_NO_SIGNAL",
          "the input of " + device.path() + " (" + device.card() + ") " + why +
              ". Look at the cable and at what is connected; it is tried again by itself."};
}

// An HDMI-like input gives what its source sends: its timings are found out and set.
Result<v4l2_bt_timings> follow_signal(const V4l2Device& device) {
  v4l2_dv_timings signal{};
  if (device.control(VIDIOC_QUERY_DV_TIMINGS, &signal) == 0) {
    if (device.control_when_free(VIDIOC_S_DV_TIMINGS, &signal) != 0) {
      return device.failure("VIDIOC_S_DV_TIMINGS", errno);
    }
    return signal.bt;
  }
  const int reason = errno;
  if (reason == ENOLINK) return no_signal(device, "has no signal");
  if (reason == ENOLCK) return no_signal(device, "has a signal that is not stable");
  if (reason == ERANGE) return no_signal(device, "has a signal that it cannot take");
  // Cannot tell: then what is set counts.
  if (reason != ENOTTY && reason != ENODATA) return device.failure("VIDIOC_QUERY_DV_TIMINGS", reason);
  if (device.control(VIDIOC_G_DV_TIMINGS, &signal) != 0) return device.failure("VIDIOC_G_DV_TIMINGS", errno);
  return signal.bt;
}

FrameRate rate_of(const v4l2_bt_timings& timings) {
  const uint64_t total = uint64_t{V4L2_DV_BT_FRAME_WIDTH(&timings)} * V4L2_DV_BT_FRAME_HEIGHT(&timings);
  return total == 0 ? FrameRate{}
                    : frame_rate_of(static_cast<double>(timings.pixelclock) / static_cast<double>(total));
}

// What the input's signal leaves to choose is the format.
Result<V4l2Mode> mode_of_signal(const V4l2Device& device, const ModeWish& wish) {
  auto timings = follow_signal(device);
  if (!timings) return timings.error();
  const FrameRate rate = rate_of(*timings);
  const ModeWish sent{timings->width, timings->height, rate, wish.format};
  if (timings->interlaced) {
    return wrong_format(device, wish, "the signal is interlaced, which this version does not take");
  }
  const bool other_size = wish.width && (wish.width != timings->width || wish.height != timings->height);
  const bool other_rate = wish.rate.numerator && rate.numerator && !same_rate(wish.rate, rate);
  if (other_size || other_rate) return wrong_format(device, wish, "the signal is " + text_of(sent));
  const V4l2Offer offer = list_modes(device, sent);
  std::vector<V4l2Mode> modes = offer.modes;
  for (V4l2Mode& mode : modes) mode = {mode.format, timings->width, timings->height, rate};
  if (const auto mode = choose_mode(modes, sent)) return *mode;
  return wrong_format(device, sent, text_of(offer));
}

Result<V4l2Mode> mode_of_camera(const V4l2Device& device, const ModeWish& wish) {
  const V4l2Offer offer = list_modes(device, wish);
  if (const auto mode = choose_mode(offer.modes, wish)) return *mode;
  return wrong_format(device, wish, text_of(offer));
}

Result<v4l2_pix_format> set_format(const V4l2Device& device, const V4l2Mode& mode, const ModeWish& wish) {
  v4l2_format format{};
  format.type = kType;
  format.fmt.pix.width = mode.width;
  format.fmt.pix.height = mode.height;
  format.fmt.pix.pixelformat = static_cast<uint32_t>(mode.format);
  format.fmt.pix.field = V4L2_FIELD_NONE;
  format.fmt.pix.priv = V4L2_PIX_FMT_PRIV_MAGIC;
  if (device.control_when_free(VIDIOC_S_FMT, &format) != 0) return device.failure("VIDIOC_S_FMT", errno);
  const v4l2_pix_format& given = format.fmt.pix;
  const auto known = format_of_fourcc(given.pixelformat);
  const bool whole = given.field == V4L2_FIELD_NONE || given.field == V4L2_FIELD_INTERLACED;
  if (!whole) return wrong_format(device, wish, "it gives single fields of interlaced video");
  if (!known || *known != mode.format || given.width != mode.width || given.height != mode.height) {
    return wrong_format(device, wish,
                        "it answers with " + std::to_string(given.width) + "x" +
                            std::to_string(given.height) + (known ? " " + std::string(name_of(*known)) : ""));
  }
  return given;
}

// The rate that is in force afterwards; numerator 0: the driver does not say.
Result<FrameRate> set_rate(const V4l2Device& device, const V4l2Mode& mode, const ModeWish& wish) {
  v4l2_streamparm parameters{};
  parameters.type = kType;
  if (device.control(VIDIOC_G_PARM, &parameters) != 0) return mode.rate;
  v4l2_fract& interval = parameters.parm.capture.timeperframe;
  if (mode.rate.numerator && parameters.parm.capture.capability & V4L2_CAP_TIMEPERFRAME) {
    interval = {mode.rate.denominator, mode.rate.numerator};
    if (device.control_when_free(VIDIOC_S_PARM, &parameters) != 0)
      return device.failure("VIDIOC_S_PARM", errno);
  }
  const FrameRate given = interval.numerator == 0 || interval.denominator == 0
                              ? mode.rate
                              : FrameRate{interval.denominator, interval.numerator};
  if (wish.rate.numerator && given.numerator && !same_rate(wish.rate, given)) {
    return wrong_format(device, wish,
                        "it answers with " + text_of(ModeWish{mode.width, mode.height, given, mode.format}));
  }
  return given;
}

}  // namespace

Result<Agreement> negotiate(const V4l2Device& device, const ModeWish& wish, std::optional<uint32_t> input) {
  auto selected = select_input(device, input);
  if (!selected) return selected.error();
  const bool dv = *selected && (*selected)->capabilities & V4L2_IN_CAP_DV_TIMINGS;
  auto mode = dv ? mode_of_signal(device, wish) : mode_of_camera(device, wish);
  if (!mode) return mode.error();
  auto format = set_format(device, *mode, wish);
  if (!format) return format.error();
  auto rate = dv ? Result<FrameRate>(mode->rate) : set_rate(device, *mode, wish);
  if (!rate) return rate.error();
  Agreement agreement = *agreement_of(*format);
  agreement.layout.rate_numerator = rate->numerator;
  agreement.layout.rate_denominator = rate->denominator;
  agreement.dv_timings = dv;
  return agreement;
}

std::optional<Agreement> agreement_of(const v4l2_pix_format& format) {
  const auto known = format_of_fourcc(format.pixelformat);
  if (!known) return std::nullopt;
  Agreement agreement;
  FrameLayout& layout = agreement.layout;
  layout = packed_layout(*known, format.width, format.height);
  uint64_t offset = 0;
  for (uint32_t index = 0; index < layout.plane_count; ++index) {
    PlaneLayout& plane = layout.planes[index];
    const uint32_t packed = plane.stride;
    // bytesperline is the luma's; the chroma planes of YU12 have half of it, that of NV12 the same.
    const uint32_t given =
        index > 0 && *known == PixelFormat::kI420 ? format.bytesperline / 2 : format.bytesperline;
    plane.offset = offset;
    plane.stride = std::max(packed, given);
    agreement.picture_bytes = offset + uint64_t{plane.stride} * (plane.rows - 1) + packed;
    offset += uint64_t{plane.stride} * plane.rows;
  }
  agreement.buffer_size = format.sizeimage;
  layout.payload_size = std::max<uint64_t>(offset, format.sizeimage);
  const Colour colour = colour_of(format);
  layout.matrix = colour.matrix;
  layout.primaries = colour.primaries;
  layout.range = colour.range;
  return agreement;
}

}  // namespace camstream
