#include "capture/v4l2_mode_choice.h"

#include <algorithm>
#include <tuple>

#include "pixels/pixel_format.h"

namespace camstream {
namespace {

constexpr double kMoving = 23.9;
constexpr double kFastEnough = 60.5;
constexpr double kAssumedRate = 30;  // of a driver that does not say

struct Goal {
  uint32_t width;
  uint32_t height;
  double hertz;
};

// A wish goes before a need: who asks for 640x480 does not miss the rest.
Goal goal_of(const ModeWish& wish, const ModeNeeds& needs) {
  Goal goal{1920, 1080, 30};
  if (needs.width) goal.width = needs.width, goal.height = needs.height;
  if (needs.rate.numerator) goal.hertz = needs.rate.hertz();
  if (wish.width) goal.width = wish.width, goal.height = wish.height;
  if (wish.rate.numerator) goal.hertz = wish.rate.hertz();
  return goal;
}

bool grants(const V4l2Mode& mode, const ModeWish& wish) {
  const std::string name = coding_name(mode.fourcc);
  if (mode.coding == Coding::kOther) return false;
  if (mode.coding == Coding::kH264 && wish.format != name) return false;
  return (!wish.width || wish.width == mode.width) && (!wish.height || wish.height == mode.height) &&
         (wish.format.empty() || wish.format == name || wish.format == fourcc_text(mode.fourcc)) &&
         (!wish.rate.numerator || !mode.rate.numerator || same_rate(wish.rate, mode.rate));
}

double hertz_of(const V4l2Mode& mode) { return mode.rate.numerator ? mode.rate.hertz() : kAssumedRate; }

int usefulness(Coding coding) {
  switch (coding) {
    case Coding::kConvertible:
    case Coding::kJpeg: return 2;
    case Coding::kOpaque: return 1;
    default: return 0;
  }
}

// kFormatNames goes from what conversions read cheapest to what they read dearest, grey last.
int cost_of(uint32_t fourcc) {
  const auto* found = std::find_if(kFormatNames.begin(), kFormatNames.end(), [&](const FormatName& entry) {
    return static_cast<uint32_t>(entry.format) == coding_of(fourcc, false).ring_fourcc;
  });
  return static_cast<int>(found - kFormatNames.begin());
}

// How much of the goal a mode gives: pixels that are not missing, pictures that are not.
uint64_t size_given(const V4l2Mode& mode, const Goal& goal) {
  return uint64_t{std::min(mode.width, goal.width)} * std::min(mode.height, goal.height);
}
double rate_given(const V4l2Mode& mode, const Goal& goal) {
  const double hertz = hertz_of(mode);
  return hertz >= goal.hertz * 0.99 ? goal.hertz : hertz;
}
bool reaches(const V4l2Mode& mode, const Goal& goal) {
  return mode.width >= goal.width && mode.height >= goal.height && rate_given(mode, goal) >= goal.hertz;
}

// Compared from the first to the last; larger is better.
auto merit(const V4l2Mode& mode, const Goal& goal) {
  const double hertz = hertz_of(mode);
  const double given = rate_given(mode, goal);
  const uint64_t area = uint64_t{mode.width} * mode.height;
  const bool raw = mode.coding != Coding::kJpeg;
  const double enough = raw ? std::max(kFastEnough, goal.hertz * 1.01) : given;
  return std::tuple(usefulness(mode.coding), given >= std::min(kMoving, goal.hertz), size_given(mode, goal),
                    given, raw, ~area, hertz <= enough, hertz <= enough ? hertz : -hertz,
                    -cost_of(mode.fourcc));
}

const V4l2Mode* best_of(const std::vector<const V4l2Mode*>& modes, const Goal& goal) {
  const V4l2Mode* best = nullptr;
  for (const V4l2Mode* mode : modes) {
    if (!best || merit(*mode, goal) > merit(*best, goal)) best = mode;
  }
  return best;
}

std::string text_of(const Goal& goal) {
  return std::to_string(goal.width) + "x" + std::to_string(goal.height) + " at " +
         rate_text(frame_rate_of(goal.hertz));
}

std::string reason_for(const V4l2Mode& chosen, const std::vector<const V4l2Mode*>& granted,
                       const Goal& goal) {
  if (chosen.coding == Coding::kOpaque) return "no format that can be converted grants what was asked for";
  if (chosen.coding == Coding::kH264) return "H.264 was asked for";
  if (chosen.coding == Coding::kConvertible) {
    return (reaches(chosen, goal) ? "raw pictures reach " : "nothing comes nearer to ") + text_of(goal);
  }
  std::vector<const V4l2Mode*> raw;
  std::copy_if(granted.begin(), granted.end(), std::back_inserter(raw),
               [](const V4l2Mode* mode) { return mode->coding == Coding::kConvertible; });
  const V4l2Mode* best = best_of(raw, goal);
  if (!best) return "there is no raw format for it";
  return "raw pictures reach " + camstream::text_of(*best) + " at best";
}

std::string shortfall_of(const V4l2Mode& chosen, const ModeWish& wish, const ModeNeeds& needs) {
  Goal needed{0, 0, 0};
  if (needs.width && !wish.width) needed.width = needs.width, needed.height = needs.height;
  if (needs.rate.numerator && !wish.rate.numerator) needed.hertz = needs.rate.hertz();
  if (reaches(chosen, needed)) return {};
  const bool size = chosen.width < needed.width || chosen.height < needed.height;
  const bool rate = rate_given(chosen, needed) < needed.hertz;
  const std::string size_text = std::to_string(needed.width) + "x" + std::to_string(needed.height);
  const std::string wanted_rate = rate_text(frame_rate_of(needed.hertz));
  return size && rate ? size_text + " at " + wanted_rate : size ? size_text : wanted_rate;
}

}  // namespace

std::optional<ModeChoice> choose_mode(const std::vector<V4l2Mode>& modes, const ModeWish& wish,
                                      const ModeNeeds& needs) {
  const Goal goal = goal_of(wish, needs);
  std::vector<const V4l2Mode*> granted;
  for (const V4l2Mode& mode : modes) {
    if (grants(mode, wish)) granted.push_back(&mode);
  }
  const V4l2Mode* chosen = best_of(granted, goal);
  if (!chosen) return std::nullopt;
  return ModeChoice{*chosen, reason_for(*chosen, granted, goal), shortfall_of(*chosen, wish, needs)};
}

std::optional<ModeChoice> choose_other_mode(const std::vector<V4l2Mode>& modes, const ModeWish& wish,
                                            const ModeNeeds& needs, const V4l2Mode& tried) {
  std::vector<V4l2Mode> others = modes;
  std::erase_if(others, [&](const V4l2Mode& mode) {
    return mode.fourcc == tried.fourcc && mode.width == tried.width && mode.height == tried.height;
  });
  auto choice = choose_mode(others, wish, needs);
  return choice ? choice : choose_mode(modes, wish, needs);
}

}  // namespace camstream
