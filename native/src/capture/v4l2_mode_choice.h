// Which of a camera's modes is taken. No device is touched: the list comes from list_modes().
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capture/v4l2_modes.h"

namespace camstream {

struct ModeChoice {
  V4l2Mode mode;
  std::string reason;     // "raw formats reach it", "raw formats reach 640x480 at 30/s at most"
  std::string shortfall;  // what was needed and is not granted; empty: all of it is
};

// Among the modes that grant the wish: what the streams need, raw where raw reaches size and rate, JPEG
// where only that does; else what moves (24/s), then the nearest size, then the nearest rate. Without needs
// 1080p at 30/s is taken for them. Of several that reach it: the smallest, and then the fastest up to 60/s
// (of JPEG, which costs its decoding, the slowest that reaches it), and the format that costs least.
// Raw formats that are not ours are taken if nothing else grants the wish; H.264 if it is wished for.
std::optional<ModeChoice> choose_mode(const std::vector<V4l2Mode>& modes, const ModeWish& wish,
                                      const ModeNeeds& needs = {});

// As choose_mode(), but one of another format or size than `tried`, which was tried in vain; that one again
// if no other grants the wish.
std::optional<ModeChoice> choose_other_mode(const std::vector<V4l2Mode>& modes, const ModeWish& wish,
                                            const ModeNeeds& needs, const V4l2Mode& tried);

}  // namespace camstream
