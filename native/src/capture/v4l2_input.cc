#include "capture/v4l2_input.h"

#include <strings.h>

#include <cerrno>

namespace camstream {
namespace {

constexpr uint32_t kMostEntries = 64;  // a driver that never says "no more" is not followed for ever

std::string list_inputs(const V4l2Device& device) {
  std::string text;
  for (const std::string& name : input_names(device)) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() ? "none" : text;
}

Status set_input(const V4l2Device& device, uint32_t number) {
  int selected = static_cast<int>(number);
  if (device.control_when_free(VIDIOC_S_INPUT, &selected) == 0) return ok();
  const int reason = errno;
  if (reason != EINVAL && reason != ENOTTY) return device.failure("VIDIOC_S_INPUT", reason);
  return Error{"DEVICE_INPUT", "the camera " + device.path() + " (" + device.card() + ") has no input " +
                                   std::to_string(number) + ". Its inputs: " + list_inputs(device) + "."};
}

struct Standards {
  v4l2_std_id wanted = 0;  // 0: not among them
  std::string all;
};

// The three families, and those that the driver names.
Standards look_for(const V4l2Device& device, const std::string& name) {
  Standards found;
  const auto is = [&](const char* other) { return strcasecmp(name.c_str(), other) == 0; };
  if (is("PAL")) found.wanted = V4L2_STD_PAL;
  if (is("NTSC")) found.wanted = V4L2_STD_NTSC;
  if (is("SECAM")) found.wanted = V4L2_STD_SECAM;
  for (uint32_t index = 0; index < kMostEntries; ++index) {
    v4l2_standard entry{};
    entry.index = index;
    if (device.control(VIDIOC_ENUMSTD, &entry) != 0) break;
    const char* known = reinterpret_cast<const char*>(entry.name);
    if (is(known)) found.wanted = entry.id;
    found.all += (index ? ", " : "") + std::string(known);
  }
  if (found.all.empty()) found.all = "none";
  return found;
}

Status set_standard(const V4l2Device& device, const std::string& name) {
  const Standards known = look_for(device, name);
  v4l2_std_id wanted = known.wanted;
  if (wanted != 0 && device.control_when_free(VIDIOC_S_STD, &wanted) == 0) return ok();
  const int reason = wanted == 0 ? EINVAL : errno;
  if (reason != EINVAL && reason != ENODATA && reason != ENOTTY) {
    return device.failure("VIDIOC_S_STD", reason);
  }
  return Error{"DEVICE_STANDARD", "the input of " + device.path() + " (" + device.card() +
                                      ") does not take the standard " + name + ". Its standards: " +
                                      known.all + "."};
}

Error no_signal(const V4l2Device& device, const char* why) {
  return {"DEVICE_NO_SIGNAL",
          "the input of " + device.path() + " (" + device.card() + ") " + why +
              ". Look at the cable and at what is connected; it is tried again by itself."};
}

}  // namespace

std::vector<std::string> input_names(const V4l2Device& device) {
  std::vector<std::string> names;
  for (uint32_t index = 0; index < kMostEntries; ++index) {
    v4l2_input entry{};
    entry.index = index;
    if (device.control(VIDIOC_ENUMINPUT, &entry) != 0) break;
    names.push_back(std::to_string(index) + " (" + reinterpret_cast<const char*>(entry.name) + ")");
  }
  return names;
}

Result<std::optional<v4l2_input>> select_input(const V4l2Device& device, const InputWish& wish) {
  if (wish.number) {
    if (Status set = set_input(device, *wish.number); !set) return set.error();
  }
  if (!wish.standard.empty()) {
    if (Status set = set_standard(device, wish.standard); !set) return set.error();
  }
  int selected = 0;
  if (device.control(VIDIOC_G_INPUT, &selected) != 0) return std::optional<v4l2_input>();
  v4l2_input input{};
  input.index = static_cast<uint32_t>(selected);
  if (device.control(VIDIOC_ENUMINPUT, &input) != 0) return std::optional<v4l2_input>();
  return std::optional(input);
}

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

}  // namespace camstream
