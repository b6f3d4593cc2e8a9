#include "capture/device_identity.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>


namespace camstream {
namespace {

namespace fs = std::filesystem;

// A sysfs with what the tests put there.
class Sysfs {
 public:
  Sysfs() : root_(fs::temp_directory_path() / ("camstream-sysfs-" + std::to_string(getpid()))) {
    fs::create_directories(root_ / "class");
  }
  ~Sysfs() { fs::remove_all(root_); }

  std::string video_class() const { return root_ / "class"; }
  void write(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text << "\n";
  }
  // A node of `device`, which lies below the root; empty: of none.
  void node(const std::string& name, const std::string& device, int index) {
    write("class/" + name + "/index", std::to_string(index));
    write("class/" + name + "/name", "My Cam");
    if (!device.empty()) fs::create_directory_symlink(root_ / device, root_ / "class" / name / "device");
  }
  void usb(const std::string& port, const std::string& serial) {
    write("devices/" + port + "/idVendor", "046d");
    write("devices/" + port + "/idProduct", "0825");
    if (!serial.empty()) write("devices/" + port + "/serial", serial);
    fs::create_directories(root_ / "devices" / port / (port + ":1.0"));
  }
  void platform(const std::string& name) {
    fs::create_directories(root_ / "bus/platform");
    fs::create_directories(root_ / "devices" / name);
    fs::create_directory_symlink(root_ / "bus/platform", root_ / "devices" / name / "subsystem");
  }

 private:
  const fs::path root_;
};

TEST(DeviceIdentity, IsTheSerialNumberOfAUsbCameraAtWhateverPort) {
  Sysfs sysfs;
  sysfs.usb("1-2", "A B/7");
  sysfs.node("video0", "devices/1-2/1-2:1.0", 0);
  sysfs.node("video1", "devices/1-2/1-2:1.0", 1);
  EXPECT_EQ(stable_id_of("/dev/video0", sysfs.video_class()), "usb-046d:0825-A_B_7-index0");
  EXPECT_EQ(stable_id_of("/dev/video1", sysfs.video_class()), "usb-046d:0825-A_B_7-index1");
}

TEST(DeviceIdentity, IsThePortOfAUsbCameraWithoutOne) {
  Sysfs sysfs;
  sysfs.usb("1-2.3", "");
  sysfs.node("video4", "devices/1-2.3/1-2.3:1.0", 0);
  EXPECT_EQ(stable_id_of("/dev/video4", sysfs.video_class()), "usb-046d:0825-1-2.3-index0");
  const fs::path folder = usb_folder_of("/dev/video4", sysfs.video_class());
  EXPECT_EQ(folder.filename(), "1-2.3");
}

TEST(DeviceIdentity, IsTheDeviceOfABoardOrTheNameOfANodeWithoutOne) {
  Sysfs sysfs;
  sysfs.platform("vivid.0");
  sysfs.node("video2", "devices/vivid.0", 3);
  sysfs.node("video10", "", 0);
  EXPECT_EQ(stable_id_of("/dev/video2", sysfs.video_class()), "platform-vivid.0-My_Cam-index3");
  EXPECT_EQ(stable_id_of("/dev/video10", sysfs.video_class()), "virtual-My_Cam-index0");
  EXPECT_EQ(stable_id_of("/dev/video11", sysfs.video_class()), "");
}

TEST(DeviceIdentity, FindsTheLowestNodeOfTwins) {
  Sysfs sysfs;
  sysfs.usb("1-2", "0001");
  sysfs.usb("1-3", "0001");
  sysfs.node("video10", "devices/1-3/1-3:1.0", 0);
  sysfs.node("video9", "devices/1-2/1-2:1.0", 0);
  EXPECT_EQ(video_nodes(sysfs.video_class()), (std::vector<std::string>{"/dev/video9", "/dev/video10"}));
  EXPECT_EQ(node_of("usb-046d:0825-0001-index0", sysfs.video_class()), "/dev/video9");
  EXPECT_EQ(node_of("usb-046d:0825-0002-index0", sysfs.video_class()), std::nullopt);
}

}  // namespace
}  // namespace camstream
