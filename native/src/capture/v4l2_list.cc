#include "capture/v4l2_list.h"

#include <sys/stat.h>

#include <fstream>

#include "capture/device_identity.h"
#include "capture/v4l2_device.h"
#include "capture/v4l2_input.h"

namespace camstream {
namespace {

// What sysfs says of a node that cannot be opened.
std::string name_in_sysfs(const std::string& path) {
  std::ifstream file(std::string(kVideoClass) + path.substr(path.rfind('/')) + "/name");
  std::string name;
  std::getline(file, name);
  return name;
}

bool gives_no_pictures(const Error& error) {
  return error.code == "DEVICE_NOT_CAPTURE" || error.code == "DEVICE_NOT_FOUND";
}

void describe(ListedCamera& camera, const V4l2Device& device, const ModeNeeds& needs) {
  camera.name = device.card();
  camera.driver = device.driver();
  camera.bus = device.bus();
  camera.modes = list_modes(device, {}, needs);
  camera.controls = list_controls(device);
  camera.inputs = input_names(device);
  struct stat file {};
  if (fstat(device.fd(), &file) == 0) camera.holders = holders_of(file.st_rdev, device.fd());
}

}  // namespace

std::vector<ListedCamera> list_cameras(const ModeNeeds& needs) {
  std::vector<ListedCamera> cameras;
  for (const std::string& path : video_nodes()) {
    ListedCamera camera;
    camera.path = path;
    camera.id = stable_id_of(path);
    auto device = V4l2Device::open(path);
    if (device) {
      describe(camera, *device, needs);
    } else if (gives_no_pictures(device.error())) {
      continue;
    } else {
      camera.name = name_in_sysfs(path);
      camera.problem = device.error();
    }
    cameras.push_back(std::move(camera));
  }
  return cameras;
}

}  // namespace camstream
