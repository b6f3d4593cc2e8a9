// Which camera a node is, whatever number it has: an id that does not change when the camera is plugged in
// again, or the machine starts anew.
//
//   usb-046d:0825-SERIAL-index0    a USB camera with a serial number, at whatever port
//   usb-046d:0825-1-2.3-index0     one without: by the port it is plugged into
//   platform-vivid.0-vivid-001-vid-cap-index0   a device of the board, a card: with the node's name
//   virtual-OBS_Cam-index0         a node without a device, by its name
//
// What stands after `index` tells the nodes of one device apart.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace camstream {

constexpr const char* kVideoClass = "/sys/class/video4linux";

// The machine's video nodes in the order of their numbers: "/dev/video0".
std::vector<std::string> video_nodes(const std::string& video_class = kVideoClass);

// Of "/dev/video0"; empty where sysfs does not know the node.
std::string stable_id_of(const std::string& path, const std::string& video_class = kVideoClass);

// The node that has this id now. Of twins (cameras that say they have the same serial number) the lowest.
std::optional<std::string> node_of(const std::string& id, const std::string& video_class = kVideoClass);

// The folder of the USB device behind a node ("/sys/devices/.../1-2.3"); empty: it is no USB device.
std::string usb_folder_of(const std::string& path, const std::string& video_class = kVideoClass);

}  // namespace camstream
