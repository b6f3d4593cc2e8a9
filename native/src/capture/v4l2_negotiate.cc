#include "capture/v4l2_negotiate.h"

#include <algorithm>
#include <cerrno>

namespace camstream {
namespace {

Error wrong_format(const V4l2Device& device, const ModeWish& wish, const std::string& found) {
  return {"DEVICE_FORMAT", "the camera " + device.path() + " (" + device.card() + ") cannot give " +
                               text_of(wish) + ". Possible: " + found + "."};
}

// Nothing of what there is can be taken.
Error no_mode(const V4l2Device& device, const ModeWish& wish, const std::vector<V4l2Mode>& modes) {
  const auto is_h264 = [](const V4l2Mode& mode) { return mode.coding == Coding::kH264; };
  const bool hint = wish.format.empty() && std::any_of(modes.begin(), modes.end(), is_h264);
  return wrong_format(device, wish,
                      text_of(modes) + (hint ? " (H.264 is passed on to streams and never decoded for "
                                               "readers of raw pictures)"
                                             : ""));
}

// What the input's signal leaves to choose is the format.
Result<ModeChoice> mode_of_signal(const V4l2Device& device, const ModeWish& wish) {
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
  std::vector<V4l2Mode> modes = list_modes(device, sent);
  for (V4l2Mode& mode : modes) {
    mode.width = timings->width;
    mode.height = timings->height;
    mode.rate = rate;
  }
  if (auto choice = choose_mode(modes, sent)) return *choice;
  return no_mode(device, sent, modes);
}

// `analogue`: the size that is set is that of the standard, and what a scaler adds to it is no picture.
Result<ModeChoice> mode_of_camera(const V4l2Device& device, const CameraWish& wish, bool analogue) {
  ModeWish wanted = wish.mode;
  if (analogue && wanted.width == 0) {
    const auto set = get_format(device);
    if (!set) return set.error();
    wanted.width = set->width;
    wanted.height = set->height;
  }
  const std::vector<V4l2Mode> modes = list_modes(device, wanted, wish.needs);
  auto choice = wish.avoid ? choose_other_mode(modes, wanted, wish.needs, *wish.avoid)
                           : choose_mode(modes, wanted, wish.needs);
  if (choice) return *choice;
  return no_mode(device, wish.mode, modes);
}

Result<DriverFormat> agree_on(const V4l2Device& device, const V4l2Mode& mode, const ModeWish& wish) {
  auto given = set_format(device, mode.fourcc, mode.width, mode.height);
  if (!given) return given;
  const bool whole = given->field == V4L2_FIELD_NONE || given->field == V4L2_FIELD_INTERLACED;
  if (!whole) return wrong_format(device, wish, "it gives single fields of interlaced video");
  if (given->fourcc != mode.fourcc || given->width != mode.width || given->height != mode.height) {
    const V4l2Mode answer{given->fourcc, mode.coding, given->width, given->height};
    return wrong_format(device, wish, "it answers with " + text_of(answer));
  }
  return given;
}

// The rate that is in force afterwards; numerator 0: the driver does not say.
Result<FrameRate> set_rate(const V4l2Device& device, const V4l2Mode& mode, const ModeWish& wish) {
  v4l2_streamparm parameters{};
  parameters.type = device.buffer_type();
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
    V4l2Mode answer = mode;
    answer.rate = given;
    return wrong_format(device, wish, "it answers with " + text_of(answer));
  }
  return given;
}

void set_rate(FrameLayout& layout, const FrameRate& rate) {
  layout.rate_numerator = rate.numerator;
  layout.rate_denominator = rate.denominator;
}

}  // namespace

FrameLayout expected_of(const CameraWish& wish) {
  const auto first = [](uint32_t wished, uint32_t needed, uint32_t usual) {
    return wished ? wished : needed ? needed : usual;
  };
  const PixelFormat format = format_of_name(wish.mode.format).value_or(PixelFormat::kYuyv);
  FrameLayout layout = packed_layout(format, first(wish.mode.width, wish.needs.width, 1920),
                                     first(wish.mode.height, wish.needs.height, 1080));
  const FrameRate rate = wish.mode.rate.numerator    ? wish.mode.rate
                         : wish.needs.rate.numerator ? wish.needs.rate
                                                     : FrameRate{30, 1};
  set_rate(layout, rate);
  return layout;
}

Result<Agreement> negotiate(const V4l2Device& device, const CameraWish& wish) {
  auto input = select_input(device, wish.input);
  if (!input) return input.error();
  const uint32_t capabilities = *input ? (*input)->capabilities : 0;
  const bool dv = capabilities & V4L2_IN_CAP_DV_TIMINGS;
  auto choice = dv ? mode_of_signal(device, wish.mode)
                   : mode_of_camera(device, wish, capabilities & V4L2_IN_CAP_STD);
  if (!choice) return choice.error();
  auto format = agree_on(device, choice->mode, wish.mode);
  if (!format) return format.error();
  auto rate = dv ? Result<FrameRate>(choice->mode.rate) : set_rate(device, choice->mode, wish.mode);
  if (!rate) return rate.error();
  choice->mode.rate = *rate;
  const Coding coding = choice->mode.coding;
  const bool raw = coding == Coding::kConvertible || coding == Coding::kOpaque;
  Agreement agreement = raw ? raw_agreement(*format) : compressed_agreement(*format, coding);
  agreement.choice = *choice;
  set_rate(agreement.layout, *rate);
  if (agreement.track) set_rate(*agreement.track, *rate);
  agreement.dv_timings = dv;
  return agreement;
}

}  // namespace camstream
