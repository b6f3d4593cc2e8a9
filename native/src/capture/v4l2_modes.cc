#include "capture/v4l2_modes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "capture/v4l2_format.h"

namespace camstream {
namespace {

constexpr size_t kNamedModes = 12;
constexpr uint32_t kMostEntries = 512;  // a driver that never says "no more" is not followed for ever

struct Size {
  uint32_t width;
  uint32_t height;
};
constexpr std::array<Size, 4> kUsualSizes{{{1920, 1080}, {1280, 720}, {640, 480}, {320, 240}}};

struct Asked {
  ModeWish wish;
  ModeNeeds needs;
};

bool fits(const v4l2_frmsize_stepwise& range, const Size& size) {
  const auto on_step = [](uint32_t value, uint32_t first, uint32_t last, uint32_t step) {
    return value >= first && value <= last && (step == 0 || (value - first) % step == 0);
  };
  return on_step(size.width, range.min_width, range.max_width, range.step_width) &&
         on_step(size.height, range.min_height, range.max_height, range.step_height);
}

void add(std::vector<Size>& sizes, const Size& size) {
  const auto same = [&](const Size& known) {
    return known.width == size.width && known.height == size.height;
  };
  if (std::none_of(sizes.begin(), sizes.end(), same)) sizes.push_back(size);
}

std::vector<Size> sizes_of(const V4l2Device& device, uint32_t code, const Asked& asked) {
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
    for (const Size& size : {Size{asked.wish.width, asked.wish.height},
                             Size{asked.needs.width, asked.needs.height}}) {
      if (size.width != 0 && fits(entry.stepwise, size)) add(sizes, size);
    }
    for (const Size& usual : kUsualSizes) {
      if (fits(entry.stepwise, usual)) add(sizes, usual);
    }
    add(sizes, {entry.stepwise.max_width, entry.stepwise.max_height});
    break;
  }
  if (sizes.empty()) {
    if (const auto set = get_format(device)) sizes.push_back({set->width, set->height});
  }
  return sizes;
}

FrameRate rate_of_interval(const v4l2_fract& interval) {
  return interval.numerator == 0 ? FrameRate{} : FrameRate{interval.denominator, interval.numerator};
}

std::vector<FrameRate> rates_of(const V4l2Device& device, uint32_t code, const Size& size,
                                const Asked& asked) {
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
    for (const FrameRate& rate : {asked.wish.rate, asked.needs.rate}) {
      if (rate.numerator && within(rate.hertz())) rates.push_back(rate);
    }
    if (within(30)) rates.push_back({30, 1});
    if (within(60)) rates.push_back({60, 1});
    rates.push_back(fastest);
    break;
  }
  if (rates.empty()) rates.push_back({});
  return rates;
}

std::string size_text(uint32_t width, uint32_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

}  // namespace

std::vector<V4l2Mode> list_modes(const V4l2Device& device, const ModeWish& wish, const ModeNeeds& needs) {
  const Asked asked{wish, needs};
  std::vector<V4l2Mode> modes;
  for (uint32_t index = 0; index < kMostEntries; ++index) {
    v4l2_fmtdesc entry{};
    entry.index = index;
    entry.type = device.buffer_type();
    if (device.control(VIDIOC_ENUM_FMT, &entry) != 0) break;
    const Coding coding = coding_of(entry.pixelformat, entry.flags & V4L2_FMT_FLAG_COMPRESSED).coding;
    for (const Size& size : sizes_of(device, entry.pixelformat, asked)) {
      for (const FrameRate& rate : rates_of(device, entry.pixelformat, size, asked)) {
        modes.push_back({entry.pixelformat, coding, size.width, size.height, rate});
      }
    }
  }
  return modes;
}

bool same_rate(const FrameRate& a, const FrameRate& b) {
  return std::abs(a.hertz() - b.hertz()) <= 0.01 * a.hertz();
}

std::string rate_text(const FrameRate& rate) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g/s", rate.hertz());
  return text;
}

std::string text_of(const V4l2Mode& mode) {
  const std::string text = size_text(mode.width, mode.height) + " " + coding_name(mode.fourcc);
  return mode.rate.numerator ? text + " at " + rate_text(mode.rate) : text;
}

std::string text_of(const ModeWish& wish) {
  std::string text = wish.width ? size_text(wish.width, wish.height) : "any size";
  text += wish.format.empty() ? " in any format" : " " + wish.format;
  if (wish.rate.numerator) text += " at " + rate_text(wish.rate);
  return text;
}

// One entry a size and format, with its fastest rate; the first dozen.
std::string text_of(const std::vector<V4l2Mode>& modes) {
  std::vector<V4l2Mode> best;
  for (const V4l2Mode& mode : modes) {
    const auto same = std::find_if(best.begin(), best.end(), [&](const V4l2Mode& known) {
      return known.fourcc == mode.fourcc && known.width == mode.width && known.height == mode.height;
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
    text += (index ? ", " : "") + size_text(mode.width, mode.height) + " " + coding_name(mode.fourcc);
    if (mode.rate.numerator) text += " up to " + rate_text(mode.rate);
  }
  if (best.size() > kNamedModes) text += " and " + std::to_string(best.size() - kNamedModes) + " more";
  return best.empty() ? "nothing" : text;
}

}  // namespace camstream
