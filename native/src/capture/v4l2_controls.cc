#include "capture/v4l2_controls.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/nearest_name.h"
#include "base/system_error.h"

namespace camstream {
namespace {

constexpr uint32_t kMostControls = 1024;  // a driver that never says "no more" is not followed for ever
constexpr uint32_t kMostChoices = 256;

struct Dependency {
  uint32_t control;
  ControlSwitch decided_by;
};
constexpr std::array kDependencies{
    Dependency{V4L2_CID_EXPOSURE, {V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_MANUAL}},
    Dependency{V4L2_CID_EXPOSURE_ABSOLUTE, {V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_MANUAL}},
    Dependency{V4L2_CID_IRIS_ABSOLUTE, {V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_MANUAL}},
    Dependency{V4L2_CID_GAIN, {V4L2_CID_AUTOGAIN, 0}},
    Dependency{V4L2_CID_ANALOGUE_GAIN, {V4L2_CID_AUTOGAIN, 0}},
    Dependency{V4L2_CID_WHITE_BALANCE_TEMPERATURE, {V4L2_CID_AUTO_WHITE_BALANCE, 0}},
    Dependency{V4L2_CID_RED_BALANCE, {V4L2_CID_AUTO_WHITE_BALANCE, 0}},
    Dependency{V4L2_CID_BLUE_BALANCE, {V4L2_CID_AUTO_WHITE_BALANCE, 0}},
    Dependency{V4L2_CID_FOCUS_ABSOLUTE, {V4L2_CID_FOCUS_AUTO, 0}},
    Dependency{V4L2_CID_HUE, {V4L2_CID_HUE_AUTO, 0}},
    Dependency{V4L2_CID_BRIGHTNESS, {V4L2_CID_AUTOBRIGHTNESS, 0}},
    Dependency{V4L2_CID_CHROMA_GAIN, {V4L2_CID_CHROMA_AGC, 0}},
    Dependency{V4L2_CID_ISO_SENSITIVITY, {V4L2_CID_ISO_SENSITIVITY_AUTO, V4L2_ISO_SENSITIVITY_MANUAL}},
};

// "Gain, Automatic" is gain_automatic, as v4l2-ctl spells it.
std::string spelled(const char* title) {
  std::string name;
  for (bool gap = false; *title != '\0'; ++title) {
    if (!std::isalnum(static_cast<unsigned char>(*title))) {
      gap = !name.empty();
      continue;
    }
    if (std::exchange(gap, false)) name += '_';
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(*title)));
  }
  return name;
}

std::optional<ControlKind> kind_of(uint32_t type) {
  switch (type) {
    case V4L2_CTRL_TYPE_INTEGER:
    case V4L2_CTRL_TYPE_INTEGER64: return ControlKind::kInteger;
    case V4L2_CTRL_TYPE_BOOLEAN: return ControlKind::kBoolean;
    case V4L2_CTRL_TYPE_MENU:
    case V4L2_CTRL_TYPE_INTEGER_MENU: return ControlKind::kMenu;
    case V4L2_CTRL_TYPE_BUTTON: return ControlKind::kButton;
    case V4L2_CTRL_TYPE_BITMASK: return ControlKind::kBitmask;
    default: return std::nullopt;
  }
}

std::vector<V4l2Control::Choice> menu_of(const V4l2Device& device, const v4l2_query_ext_ctrl& query) {
  std::vector<V4l2Control::Choice> menu;
  if (query.type != V4L2_CTRL_TYPE_MENU && query.type != V4L2_CTRL_TYPE_INTEGER_MENU) return menu;
  const auto last = static_cast<uint32_t>(query.maximum);
  for (auto index = static_cast<uint32_t>(query.minimum); index <= last && index < kMostChoices; ++index) {
    v4l2_querymenu entry{};
    entry.id = query.id;
    entry.index = index;
    if (device.control(VIDIOC_QUERYMENU, &entry) != 0) continue;  // a gap
    const bool numbers = query.type == V4L2_CTRL_TYPE_INTEGER_MENU;
    menu.push_back({index, numbers ? std::to_string(entry.value)
                                   : spelled(reinterpret_cast<const char*>(entry.name))});
  }
  return menu;
}

std::optional<int64_t> read_control(const V4l2Device& device, uint32_t id, bool wide) {
  v4l2_ext_control one{};
  one.id = id;
  v4l2_ext_controls all{};
  all.which = V4L2_CTRL_WHICH_CUR_VAL;
  all.count = 1;
  all.controls = &one;
  if (device.control(VIDIOC_G_EXT_CTRLS, &all) != 0) return std::nullopt;
  return wide ? one.value64 : one.value;
}

std::optional<V4l2Control> described(const V4l2Device& device, const v4l2_query_ext_ctrl& query) {
  const auto kind = kind_of(query.type);
  const bool hidden = query.flags & (V4L2_CTRL_FLAG_DISABLED | V4L2_CTRL_FLAG_HAS_PAYLOAD);
  if (!kind || hidden || query.elems > 1) return std::nullopt;
  V4l2Control control;
  control.id = query.id;
  control.name = spelled(query.name);
  control.kind = *kind;
  control.minimum = query.minimum;
  control.maximum = query.maximum;
  control.step = std::max<int64_t>(1, static_cast<int64_t>(query.step));
  control.standard = query.default_value;
  control.menu = menu_of(device, query);
  control.read_only = query.flags & V4L2_CTRL_FLAG_READ_ONLY;
  control.locked = query.flags & V4L2_CTRL_FLAG_GRABBED;
  control.inactive = query.flags & V4L2_CTRL_FLAG_INACTIVE;
  const bool readable = *kind != ControlKind::kButton && !(query.flags & V4L2_CTRL_FLAG_WRITE_ONLY);
  if (readable) {
    control.value = read_control(device, query.id, query.type == V4L2_CTRL_TYPE_INTEGER64).value_or(0);
  }
  return control;
}

std::string range_text(const V4l2Control& control) {
  if (control.kind == ControlKind::kBoolean) return "true or false";
  if (control.menu.empty()) {
    return std::to_string(control.minimum) + " to " + std::to_string(control.maximum) +
           (control.step > 1 ? " in steps of " + std::to_string(control.step) : "");
  }
  std::string text = "one of ";
  for (const auto& choice : control.menu) {
    text += (&choice == &control.menu.front() ? "" : ", ") + choice.name;
  }
  return text;
}

std::optional<int64_t> number_in(const std::string& text) {
  char* end = nullptr;
  errno = 0;
  const long long number = std::strtoll(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0' || errno != 0) return std::nullopt;
  return number;
}

std::optional<int64_t> meant_by(const V4l2Control& control, const std::string& wish) {
  if (control.kind == ControlKind::kButton) return 1;
  if (control.kind == ControlKind::kBoolean && (wish == "true" || wish == "false")) return wish == "true";
  for (const auto& choice : control.menu) {
    if (strcasecmp(choice.name.c_str(), spelled(wish.c_str()).c_str()) == 0) return choice.value;
  }
  const auto number = number_in(wish);
  if (!number || *number < control.minimum || *number > control.maximum) return std::nullopt;
  if (control.menu.empty() && (*number - control.minimum) % control.step != 0) return std::nullopt;
  const auto is_choice = [&](const auto& choice) { return choice.value == *number; };
  if (!control.menu.empty() && std::none_of(control.menu.begin(), control.menu.end(), is_choice)) {
    return std::nullopt;
  }
  return number;
}

Error unknown_control(const V4l2Device& device, const std::string& name,
                      const std::vector<V4l2Control>& known) {
  std::vector<std::string> names;
  for (const V4l2Control& control : known) names.push_back(control.name);
  const std::string near = nearest_name(name, names);
  return {"CONTROL_UNKNOWN", "the camera " + device.path() + " (" + device.card() + ") has no control `" +
                                 name + "`" + (near.empty() ? "" : "; did you mean `" + near + "`?") +
                                 " `camstream-producer controls " + device.path() + "` lists them."};
}

const V4l2Control* find(const std::vector<V4l2Control>& controls, uint32_t id) {
  const auto found = std::find_if(controls.begin(), controls.end(),
                                  [&](const V4l2Control& control) { return control.id == id; });
  return found == controls.end() ? nullptr : &*found;
}

Error locked(const std::string& name) {
  return {"CONTROL_LOCKED", "the control `" + name +
                                "` cannot be set while the camera streams; name it under `controls` of the "
                                "camera's configuration, which is set before."};
}

Error inactive(const V4l2Control& control, const std::vector<V4l2Control>& all) {
  const ControlSwitch decided_by = switch_over(control.id);
  const V4l2Control* other = find(all, decided_by.id);
  std::string remedy = "something else decides over it; look at the automatics in the list of controls";
  if (other) {
    std::string value = other->kind == ControlKind::kBoolean ? "false" : std::to_string(decided_by.manual);
    for (const auto& choice : other->menu) {
      if (choice.value == decided_by.manual) value = choice.name;
    }
    remedy = "`" + other->name + "` decides over it; set `" + other->name + "` to `" + value + "` first";
  }
  return {"CONTROL_INACTIVE", "the control `" + control.name + "` is not in force: " + remedy + "."};
}

Status set_one(const V4l2Device& device, const ControlWish& wish) {
  const std::vector<V4l2Control> all = list_controls(device);  // anew: what was set before decides
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& control) { return control.name == wish.name; });
  if (found == all.end()) return unknown_control(device, wish.name, all);
  auto value = value_for(*found, wish.value);
  if (!value) return value.error();
  if (found->inactive) return inactive(*found, all);
  if (write_control(device, found->id, *value) == 0) return ok();
  const int reason = errno;
  if (reason == ENODEV || reason == ENXIO) return device.failure("VIDIOC_S_EXT_CTRLS", reason);
  return system_error("CONTROL_SYSTEM", "the control `" + wish.name + "` could not be set to " + wish.value,
                      reason);
}

}  // namespace

std::vector<V4l2Control> list_controls(const V4l2Device& device) {
  std::vector<V4l2Control> controls;
  v4l2_query_ext_ctrl query{};
  for (uint32_t count = 0; count < kMostControls; ++count) {
    query.id |= V4L2_CTRL_FLAG_NEXT_CTRL;
    if (device.control(VIDIOC_QUERY_EXT_CTRL, &query) != 0) break;
    if (auto control = described(device, query)) controls.push_back(std::move(*control));
  }
  return controls;
}

bool is_switch(uint32_t id) {
  return std::any_of(kDependencies.begin(), kDependencies.end(),
                     [&](const Dependency& entry) { return entry.decided_by.id == id; });
}

ControlSwitch switch_over(uint32_t control) {
  for (const Dependency& entry : kDependencies) {
    if (entry.control == control) return entry.decided_by;
  }
  return {};
}

Result<int64_t> value_for(const V4l2Control& control, const std::string& wish) {
  if (control.read_only) {
    return Error{"CONTROL_READ_ONLY",
                 "the control `" + control.name + "` can only be read; leave it out."};
  }
  if (control.locked) return locked(control.name);
  if (const auto value = meant_by(control, wish)) return *value;
  return Error{"CONTROL_RANGE", "the control `" + control.name + "` takes " + range_text(control) +
                                    ", found " + wish + "."};
}

int write_control(const V4l2Device& device, uint32_t id, int64_t value) {
  v4l2_query_ext_ctrl query{};
  query.id = id;
  if (device.control(VIDIOC_QUERY_EXT_CTRL, &query) != 0) return -1;
  v4l2_ext_control one{};
  one.id = id;
  if (query.type == V4L2_CTRL_TYPE_INTEGER64) {
    one.value64 = value;
  } else {
    one.value = static_cast<int32_t>(value);
  }
  v4l2_ext_controls all{};
  all.which = V4L2_CTRL_WHICH_CUR_VAL;
  all.count = 1;
  all.controls = &one;
  return device.control(VIDIOC_S_EXT_CTRLS, &all);
}

Status set_controls(const V4l2Device& device, std::vector<ControlWish> wishes) {
  const std::vector<V4l2Control> known = list_controls(device);
  const auto rank = [&](const ControlWish& wish) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const auto& control) { return control.name == wish.name; });
    return found == known.end() || is_switch(found->id) ? 0 : 1;
  };
  std::stable_sort(wishes.begin(), wishes.end(),
                   [&](const ControlWish& a, const ControlWish& b) { return rank(a) < rank(b); });
  for (const ControlWish& wish : wishes) {
    if (Status set = set_one(device, wish); !set) return set;
  }
  return ok();
}

}  // namespace camstream
