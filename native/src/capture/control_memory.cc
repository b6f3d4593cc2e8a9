#include "capture/control_memory.h"

namespace camstream {

void ControlMemory::watch(const V4l2Device& device) {
  for (const V4l2Control& control : list_controls(device)) {
    if (control.read_only || control.kind == ControlKind::kButton) continue;
    v4l2_event_subscription change{};
    change.type = V4L2_EVENT_CTRL;
    change.id = control.id;
    device.control(VIDIOC_SUBSCRIBE_EVENT, &change);  // a driver without: then nothing is remembered
  }
}

void ControlMemory::note(const v4l2_event& event) {
  const v4l2_event_ctrl& change = event.u.ctrl;
  const uint32_t decided_elsewhere =
      V4L2_CTRL_FLAG_INACTIVE | V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_VOLATILE;
  if (!(change.changes & V4L2_EVENT_CTRL_CH_VALUE) || change.flags & decided_elsewhere) return;
  values_[event.id] = change.type == V4L2_CTRL_TYPE_INTEGER64 ? change.value64 : change.value;
}

std::vector<std::string> ControlMemory::restore(const V4l2Device& device) const {
  std::vector<std::string> refused;
  const std::vector<V4l2Control> known = list_controls(device);
  for (const bool automatics : {true, false}) {
    for (const V4l2Control& control : known) {
      const auto kept = values_.find(control.id);
      if (kept == values_.end() || is_switch(control.id) != automatics) continue;
      if (control.value == kept->second) continue;
      if (write_control(device, control.id, kept->second) != 0) refused.push_back(control.name);
    }
  }
  return refused;
}

}  // namespace camstream
