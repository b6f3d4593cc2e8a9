#include "capture/v4l2_modes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <tuple>

namespace camstream {
namespace {

constexpr uint32_t kType = V4L2_BUF_TYPE_VIDEO_CAPTURE;
constexpr uint64_t kFullHd = 1920 * 1080;
constexpr double kMoving = 23.9;
constexpr double kFastEnough = 60.5;
constexpr size_t kNamedModes = 12;
constexpr uint32_t kMostEntries = 512;  // a driver that never says "no more" is not followed for ever

struct Size {
  uint32_t width;
  uint32_t height;
};
constexpr std::array<Size, 4> kUsualSizes{{{1920, 1080}, {1280, 720}, {640, 480}, {320, 240}}};

std::string fourcc_text(uint32_t code) {
  std::string text;
  for (int shift = 0; shift < 32; shift += 8) {
    const char letter = static_cast<char>(code >> shift & 0x7f);
    if (letter > ' ') text += letter;
  }
  return text;
}

bool fits(const v4l2_frmsize_stepwise& range, const Size& size) {
  const auto on_step = [](uint32_t value, uint32_t first, uint32_t last, uint32_t step) {
    return value >= first && value <= last && (step == 0 || (value - first) % step == 0);
  };
  return on_step(size.width, range.min_width, range.max_width, range.step_width) &&
         on_step(size.height, range.min_height, range.max_height, range.step_height);
}

std::vector<Size> sizes_of(const V4l2Device& device, uint32_t code, const ModeWish& wish) {
  std::vector<Size> sizes;
  for (uint32_t index = 0; index < kMostEntries; ++index) {
    v4l2_frmsizeenum entry{};
    entry.index = index;
    entry.pixel_format = code;
    if (device.control(VIDIOC_ENUM_FRAMESIZES, &entry) != 0) break;
    if (entry.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
      sizes.push_back({entry.discrete.width, entry.discrete.height});
      continue;
    }
    if (wish.width && fits(entry.stepwise, {wish.width, wish.height}))
      sizes.push_back({wish.width, wish.height});
    for (const Size& usual : kUsualSizes) {
      if (fits(entry.stepwise, usual)) sizes.push_back(usual);
    }
    sizes.push_back({entry.stepwise.max_width, entry.stepwise.max_height});
    break;
  }
  return sizes;
}

FrameRate rate_of_interval(const v4l2_fract& interval) {
  return interval.numerator == 0 ? FrameRate{} : FrameRate{interval.denominator, interval.numerator};
}

std::vector<FrameRate> rates_of(const V4l2Device& device, uint32_t code, const Size& size,
                                const ModeWish& wish) {
  std::vector<FrameRate> rates;
  for (uint32_t index = 0; index < kMostEntries; ++index) {
    v4l2_frmivalenum entry{};
    entry.index = index;
    entry.pixel_format = code;
    entry.width = size.width;
    entry.height = size.height;
    if (device.control(VIDIOC_ENUM_FRAMEINTERVALS, &entry) != 0) break;
    if (entry.type == V4L2_FRMIVAL_TYPE_DISCRETE) {
      rates.push_back(rate_of_interval(entry.discrete));
      continue;
    }
    const FrameRate fastest = rate_of_interval(entry.stepwise.min);
    const FrameRate slowest = rate_of_interval(entry.stepwise.max);
    const auto within = [&](double hertz) { return hertz <= fastest.hertz() && hertz >= slowest.hertz(); };
    if (wish.rate.numerator && within(wish.rate.hertz())) rates.push_back(wish.rate);
    if (within(30)) rates.push_back({30, 1});
    rates.push_back(fastest);
    break;
  }
  if (rates.empty()) rates.push_back({});
  return rates;
}

size_t cost_of(PixelFormat format) {
  // kFormatNames goes from what conversions read cheapest to what they read dearest, grey last.
  return static_cast<size_t>(std::find_if(kFormatNames.begin(), kFormatNames.end(),
                                          [&](const FormatName& entry) { return entry.format == format; }) -
                             kFormatNames.begin());
}

bool grants(const V4l2Mode& mode, const ModeWish& wish) {
  return (!wish.width || wish.width == mode.width) && (!wish.height || wish.height == mode.height) &&
         (!wish.format || *wish.format == mode.format) &&
         (!wish.rate.numerator || !mode.rate.numerator || same_rate(wish.rate, mode.rate));
}

// Compared from the first to the last; larger is better.
auto merit(const V4l2Mode& mode) {
  const double hertz = mode.rate.numerator ? mode.rate.hertz() : 30;
  const uint64_t area = uint64_t{mode.width} * mode.height;
  const bool small_enough = area <= kFullHd;
  const bool slow_enough = hertz <= kFastEnough;
  return std::tuple(hertz >= kMoving, small_enough, small_enough ? area : ~area, slow_enough,
                    slow_enough ? hertz : -hertz, -static_cast<int>(cost_of(mode.format)));
}

std::string rate_text(const FrameRate& rate) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g/s", rate.hertz());
  return text;
}

}  // namespace

V4l2Offer list_modes(const V4l2Device& device, const ModeWish& wish) {
  V4l2Offer offer;
  for (uint32_t index = 0; index < kMostEntries; ++index) {
    v4l2_fmtdesc entry{};
    entry.index = index;
    entry.type = kType;
    if (device.control(VIDIOC_ENUM_FMT, &entry) != 0) break;
    const auto format = format_of_fourcc(entry.pixelformat);
    if (!format) {
      offer.others += (offer.others.empty() ? "" : ", ") + fourcc_text(entry.pixelformat);
      continue;
    }
    for (const Size& size : sizes_of(device, entry.pixelformat, wish)) {
      for (const FrameRate& rate : rates_of(device, entry.pixelformat, size, wish)) {
        offer.modes.push_back({*format, size.width, size.height, rate});
      }
    }
  }
  return offer;
}

std::optional<V4l2Mode> choose_mode(const std::vector<V4l2Mode>& modes, const ModeWish& wish) {
  std::optional<V4l2Mode> best;
  for (const V4l2Mode& mode : modes) {
    if (grants(mode, wish) && (!best || merit(mode) > merit(*best))) best = mode;
  }
  return best;
}

bool same_rate(const FrameRate& a, const FrameRate& b) {
  return std::abs(a.hertz() - b.hertz()) <= 0.01 * a.hertz();
}

std::string text_of(const ModeWish& wish) {
  std::string text = wish.width ? std::to_string(wish.width) + "x" + std::to_string(wish.height) : "any size";
  text += wish.format ? " " + std::string(name_of(*wish.format)) : " in any format";
  if (wish.rate.numerator) text += " at " + rate_text(wish.rate);
  return text;
}

// One entry a size and format, with its fastest rate; the first dozen.
std::string text_of(const V4l2Offer& offer) {
  std::vector<V4l2Mode> best;
  for (const V4l2Mode& mode : offer.modes) {
    const auto same = std::find_if(best.begin(), best.end(), [&](const V4l2Mode& known) {
      return known.format == mode.format && known.width == mode.width && known.height == mode.height;
    });
    if (same == best.end()) {
      best.push_back(mode);
    } else if (mode.rate.hertz() > same->rate.hertz()) {
      *same = mode;
    }
  }
  std::string text;
  for (size_t index = 0; index < std::min(best.size(), kNamedModes); ++index) {
    const V4l2Mode& mode = best[index];
    text += (index ? ", " : "") + std::to_string(mode.width) + "x" + std::to_string(mode.height) + " " +
            std::string(name_of(mode.format));
    if (mode.rate.numerator) text += " up to " + rate_text(mode.rate);
  }
  if (best.size() > kNamedModes) text += " and " + std::to_string(best.size() - kNamedModes) + " more";
  if (best.empty()) text = "no raw format of ours";
  if (!offer.others.empty()) text += "; also " + offer.others + ", which this version does not decode";
  return text;
}

}  // namespace camstream
