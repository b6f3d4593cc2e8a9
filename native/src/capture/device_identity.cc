#include "capture/device_identity.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace camstream {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

// Where a link or path really leads; empty: nowhere.
fs::path real(const fs::path& path) {
  std::error_code failed;
  const fs::path found = fs::canonical(path, failed);
  return failed ? fs::path() : found;
}

// What serial numbers and names may hold, in words that need no quotes anywhere.
std::string plain(std::string text) {
  for (char& letter : text) {
    const bool fine = std::isalnum(static_cast<unsigned char>(letter)) || letter == '.' || letter == ':' ||
                      letter == '_' || letter == '-';
    if (!fine) letter = '_';
  }
  return text;
}

// "video0" of a path, also of a link to it as udev makes them in /dev/v4l.
std::string node_name(const std::string& path) {
  const fs::path target = real(path);
  return (target.empty() ? fs::path(path) : target).filename();
}

fs::path usb_device(fs::path folder) {
  for (; folder.has_relative_path(); folder = folder.parent_path()) {
    if (fs::exists(folder / "idVendor")) return folder;
  }
  return {};
}

std::string id_of_device(const fs::path& device, const std::string& name) {
  const fs::path usb = usb_device(device);
  if (usb.empty()) {
    // Several cameras may hang on one such device, and the index begins anew for each: their names differ.
    return real(device / "subsystem").filename().string() + "-" + device.filename().string() + "-" + name;
  }
  const std::string serial = first_line(usb / "serial");
  return "usb-" + first_line(usb / "idVendor") + ":" + first_line(usb / "idProduct") + "-" +
         (serial.empty() ? usb.filename().string() : serial);
}

}  // namespace

std::vector<std::string> video_nodes(const std::string& video_class) {
  std::vector<int> numbers;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(video_class, failed)) {
    const std::string name = entry.path().filename();
    if (name.rfind("video", 0) == 0 && name.size() > 5) numbers.push_back(std::atoi(name.c_str() + 5));
  }
  std::sort(numbers.begin(), numbers.end());
  std::vector<std::string> nodes;
  for (const int number : numbers) nodes.push_back("/dev/video" + std::to_string(number));
  return nodes;
}

std::string stable_id_of(const std::string& path, const std::string& video_class) {
  const fs::path node = fs::path(video_class) / node_name(path);
  std::error_code failed;
  if (!fs::exists(node, failed)) return {};
  const fs::path device = real(node / "device");
  const std::string name = first_line(node / "name");
  const std::string id = device.empty() ? "virtual-" + name : id_of_device(device, name);
  return plain(id) + "-index" + first_line(node / "index");
}

std::optional<std::string> node_of(const std::string& id, const std::string& video_class) {
  for (const std::string& path : video_nodes(video_class)) {
    if (stable_id_of(path, video_class) == id) return path;
  }
  return std::nullopt;
}

std::string usb_folder_of(const std::string& path, const std::string& video_class) {
  const fs::path device = real(fs::path(video_class) / node_name(path) / "device");
  return device.empty() ? std::string() : usb_device(device).string();
}

}  // namespace camstream
