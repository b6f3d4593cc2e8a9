#include "capture/v4l2_opener.h"

#include "capture/device_identity.h"

namespace camstream {
namespace {

const std::string kIdPrefix = "id:";

}  // namespace

bool may_come_later(const Error& missing) {
  return missing.code == "DEVICE_NOT_FOUND" || missing.code == "DEVICE_PERMISSION" ||
         missing.code == "DEVICE_BUSY" || missing.code == "DEVICE_NO_SIGNAL" || missing.code == "DEVICE_GONE";
}

Result<V4l2Device> V4l2Opener::open() {
  const auto path = node();
  if (!path) return path.error();
  auto device = V4l2Device::open(*path);
  if (!device) return device;
  if (Status owned = device->own(); !owned) return owned.error();
  node_ = *path;
  if (id_.empty()) id_ = stable_id_of(*path);
  return device;
}

Status V4l2Opener::set_up(const V4l2Device& device, std::vector<Error>& notices) {
  Status set = set_controls(device, controls_);
  if (!set && !set_up_before_) return set;
  if (!set) notices.push_back(set.error());
  set_up_before_ = true;
  for (const std::string& name : memory_.restore(device)) {
    notices.push_back({"CONTROL_SYSTEM", "the control `" + name + "` could not be set again as it was " +
                                             "before " + device.path() + " (" + device.card() +
                                             ") was lost."});
  }
  memory_.watch(device);
  return ok();
}

std::string V4l2Opener::usb_folder() const { return node_.empty() ? std::string() : usb_folder_of(node_); }

Result<std::string> V4l2Opener::node() const {
  const bool by_id = device_.rfind(kIdPrefix, 0) == 0;
  const std::string id = by_id ? device_.substr(kIdPrefix.size()) : id_;
  if (id.empty()) return device_;
  const std::string usual = node_.empty() ? device_ : node_;
  if (stable_id_of(usual) == id) return usual;
  if (const auto moved = node_of(id)) return *moved;
  const bool other = !by_id && !stable_id_of(usual).empty();
  return Error{"DEVICE_NOT_FOUND",
               "the camera " + (by_id ? std::string() : usual + ", ") + "id:" + id + ", is not there" +
                   (other ? " (" + usual + " is another one now)" : "") +
                   ". Plug it in: it is used as soon as it is there, under whatever number. "
                   "`camstream-producer devices` lists the cameras of this machine."};
}

}  // namespace camstream
