// A camera's controls: brightness, exposure, focus ... Listed, read and set by name.
//
// Names are those of v4l2-ctl: the driver's own in small letters, anything else a `_`:
// `white_balance_automatic`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capture/v4l2_device.h"

namespace camstream {

enum class ControlKind { kInteger, kBoolean, kMenu, kButton, kBitmask };

struct V4l2Control {
  struct Choice {
    int64_t value = 0;
    std::string name;
  };
  uint32_t id = 0;
  std::string name;
  ControlKind kind = ControlKind::kInteger;
  int64_t minimum = 0;
  int64_t maximum = 0;
  int64_t step = 1;
  int64_t standard = 0;  // the driver's default
  int64_t value = 0;
  std::vector<Choice> menu;
  bool read_only = false;
  bool locked = false;    // cannot be set for as long as the camera streams
  bool inactive = false;  // something else, an automatic most often, decides at the moment
};

// As people write it: a number, `true` or `false`, or the name of a menu's entry. Of a button anything.
struct ControlWish {
  std::string name;
  std::string value;
};

// All that hold one number; those of strings and tables are left out.
std::vector<V4l2Control> list_controls(const V4l2Device& device);

// Sets them, automatics before what depends on them, and stops at the first that cannot be set.
// Errors: CONTROL_UNKNOWN (with the nearest name), CONTROL_RANGE, CONTROL_READ_ONLY, CONTROL_LOCKED,
// CONTROL_INACTIVE (names what to switch), CONTROL_SYSTEM, and DEVICE_GONE.
Status set_controls(const V4l2Device& device, std::vector<ControlWish> wishes);

// The automatic that decides over a control, and its value at which the control is obeyed; 0: none.
struct ControlSwitch {
  uint32_t id = 0;
  int64_t manual = 0;
};
ControlSwitch switch_over(uint32_t control);
bool is_switch(uint32_t control);

// What `wish` comes to for this control. Errors: CONTROL_RANGE, CONTROL_READ_ONLY, CONTROL_LOCKED.
Result<int64_t> value_for(const V4l2Control& control, const std::string& wish);

// One number, without any check. 0 or -1 with errno.
int write_control(const V4l2Device& device, uint32_t id, int64_t value);

}  // namespace camstream
