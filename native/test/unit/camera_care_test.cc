// What keeps a camera alive and needs no camera: rates, steps, names, the notice.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/nearest_name.h"
#include "capture/rate_watch.h"
#include "capture/slow_camera.h"
#include "capture/stall_limit.h"
#include "capture/usb_reset.h"
#include "capture/v4l2_care.h"
#include "capture/v4l2_controls.h"
#include "pixels/luma.h"
#include "pixels/notice_picture.h"
#include "support/temporary_root.h"

namespace camstream {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

// So many seconds of frames; the rate told, 0: none.
double watched(RateWatch& watch, uint64_t& now, double hertz, uint32_t seconds, uint32_t lost = 0) {
  double told = 0;
  const auto period = static_cast<uint64_t>(1e9 / hertz);
  for (const uint64_t end = now + seconds * kSecond; now < end; now += period) {
    if (const auto slow = watch.frame(now, lost)) told = *slow;
  }
  return told;
}

TEST(RateWatch, TellsOnceThatACameraIsClearlySlowerThanAgreed) {
  RateWatch watch(30);
  uint64_t now = kSecond;
  EXPECT_EQ(watched(watch, now, 30, 20), 0);
  EXPECT_NEAR(watched(watch, now, 15, 20), 15, 1);
  EXPECT_EQ(watched(watch, now, 15, 20), 0) << "told before";
}

TEST(StallLimit, WaitsLongerForTheFirstFrameAndForASlowCamera) {
  EXPECT_EQ(stall_limit_ns(0, false, 0), 10 * kSecond);
  EXPECT_EQ(stall_limit_ns(0, true, kSecond / 60), 2 * kSecond);
  EXPECT_EQ(stall_limit_ns(500, true, kSecond / 60), kSecond / 2);
  EXPECT_EQ(stall_limit_ns(500, false, 0), 10 * kSecond) << "before the first the camera may start";
  EXPECT_EQ(stall_limit_ns(15'000, false, 0), 15 * kSecond);
  // Half a frame a second, as exposure in the dark may leave it: not opened anew between two frames.
  RateWatch watch(30);
  uint64_t now = kSecond;
  watched(watch, now, 0.5, 20);
  EXPECT_EQ(stall_limit_ns(0, true, watch.interval_ns()), 6 * kSecond);
}

TEST(RateWatch, CountsWhatTheDriverLostAsTaken) {
  RateWatch watch(30);
  uint64_t now = kSecond;
  EXPECT_EQ(watched(watch, now, 15, 30, 1), 0);
}

TEST(RateWatch, KnowsTheLongestIntervalOfLate) {
  RateWatch watch(0);
  uint64_t now = kSecond;
  EXPECT_EQ(watched(watch, now, 1, 10), 0) << "nothing was agreed on";
  EXPECT_EQ(watch.interval_ns(), kSecond);
  watched(watch, now, 30, 10);
  EXPECT_LT(watch.interval_ns(), kSecond / 10);
}

TEST(V4l2Recovery, GoesOneStepFurtherEachTimeAndStaysAtTheLast) {
  V4l2Recovery recovery;
  EXPECT_EQ(recovery.next(), RecoveryStep::kRestart);
  EXPECT_EQ(recovery.next(), RecoveryStep::kReopen);
  EXPECT_FALSE(recovery.wants_mmap());
  EXPECT_EQ(recovery.next(), RecoveryStep::kMmap);
  EXPECT_TRUE(recovery.wants_mmap());
  EXPECT_EQ(recovery.next(), RecoveryStep::kOtherMode);
  EXPECT_TRUE(recovery.wants_other_mode());
  EXPECT_EQ(recovery.next(), RecoveryStep::kUsbReset);
  for (int again = 0; again < 3; ++again) EXPECT_EQ(recovery.next(), RecoveryStep::kGivenUp);
  EXPECT_FALSE(recovery.wants_mmap() || recovery.wants_other_mode()) << "opened as at first";
  recovery.reset();
  EXPECT_EQ(recovery.next(), RecoveryStep::kRestart) << "a frame begins it anew";
}

// A camera that gives nothing however often it is opened; what is reset is written down.
struct HungCamera {
  std::vector<std::string> reset;
  std::vector<Error> told;
  uint32_t folders_asked = 0;
  std::string folder = "/sys/devices/usb1/1-2";
  Status answer = ok();
  V4l2Care care{[this](const std::string& device) {
                  reset.push_back(device);
                  return answer;
                },
                [this](Error notice) { told.push_back(std::move(notice)); }};

  // Fails and is opened again, so many times.
  void fail(uint32_t times, const char* code = "CAMERA_STALLED") {
    for (uint32_t time = 0; time < times; ++time) {
      care.failed({code, "no frame for 2 s."});
      care.before_open([this] {
        ++folders_asked;
        return folder;
      });
    }
  }
};

TEST(V4l2Care, ResetsTheUsbDeviceOnceAndNotBeforeOtherStepsWereTaken) {
  HungCamera camera;
  camera.fail(4);
  EXPECT_TRUE(camera.reset.empty());
  EXPECT_TRUE(camera.care.wants_other_mode());
  camera.fail(1);
  EXPECT_EQ(camera.reset, std::vector<std::string>{"/sys/devices/usb1/1-2"}) << "before it is opened";
  camera.fail(20);
  EXPECT_EQ(camera.reset.size(), 1U) << "never again";
  ASSERT_EQ(camera.told.size(), 6U) << "each step, the last one once";
  EXPECT_NE(camera.told[3].message.find("another mode"), std::string::npos) << camera.told[3].message;
  EXPECT_EQ(camera.told[4].code, "CAMERA_RECOVERY");
  EXPECT_EQ(camera.told[4].message, "no frame for 2 s. Now its USB device is reset, if it is one.");
  camera.care.frame_came();
  camera.fail(5);
  EXPECT_EQ(camera.reset.size(), 2U) << "a frame begins it anew";
}

TEST(V4l2Care, TakesNoStepForWhatIsNoHang) {
  HungCamera camera;
  camera.fail(4);
  camera.fail(20, "DEVICE_GONE");
  EXPECT_TRUE(camera.reset.empty());
  EXPECT_EQ(camera.told.size(), 4U);
  camera.fail(1, "DEVICE_SYSTEM");
  EXPECT_EQ(camera.reset.size(), 1U) << "goes on where it was";
}

TEST(V4l2Care, LeavesWhatIsNoUsbDeviceAndTellsOfARefusal) {
  HungCamera board;
  board.folder.clear();
  board.fail(6);
  EXPECT_EQ(board.folders_asked, 1U);
  EXPECT_TRUE(board.reset.empty());
  HungCamera locked;
  locked.answer = Error{"DEVICE_SYSTEM", "the USB device cannot be reset: Permission denied."};
  locked.fail(5);
  EXPECT_EQ(locked.told.back().message, locked.answer.error().message);
}

// Up to the call that resets: a file takes the place of usbfs.
TEST(UsbReset, IsOfTheDeviceThatSysfsNames) {
  const TemporaryRoot root;
  const std::string device = root.path() + "/1-2";
  std::filesystem::create_directories(device);
  std::filesystem::create_directories(root.path() + "/bus/003");
  std::ofstream(device + "/busnum") << "3\n";
  std::ofstream(device + "/devnum") << "17\n";
  const std::string nodes = root.path() + "/bus";
  const Status absent = reset_usb_device(device, nodes);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, "DEVICE_SYSTEM");
  EXPECT_NE(absent.error().message.find(nodes + "/003/017"), std::string::npos) << absent.error().message;
  EXPECT_NE(absent.error().message.find("No such file"), std::string::npos) << absent.error().message;
  std::ofstream(nodes + "/003/017") << "";
  const Status asked = reset_usb_device(device, nodes);
  ASSERT_FALSE(asked) << "a file cannot be reset";
  EXPECT_NE(asked.error().message.find("ioctl"), std::string::npos) << asked.error().message;
}

TEST(SlowCamera, IsExplainedByItsExposure) {
  const auto control = [](uint32_t id, const char* name, int64_t value) {
    V4l2Control made;
    made.id = id;
    made.name = name;
    made.value = value;
    return made;
  };
  const auto says = [](const std::vector<V4l2Control>& controls, const char* what) {
    return why_slow(controls, 30).find(what) != std::string::npos;
  };
  const V4l2Control priority =
      control(V4L2_CID_EXPOSURE_AUTO_PRIORITY, "exposure_dynamic_framerate", 1);
  EXPECT_TRUE(says({priority}, "`exposure_dynamic_framerate` set to false"));
  EXPECT_TRUE(says({control(V4L2_CID_EXPOSURE_ABSOLUTE, "exposure_time_absolute", 500)},
                   "exposed for longer than a frame's time (`exposure_time_absolute` is 500)"));
  EXPECT_TRUE(says({control(V4L2_CID_EXPOSURE_ABSOLUTE, "exposure_time_absolute", 300)}, "USB bandwidth"));
}

TEST(Controls, KnowTheAutomaticThatDecidesOverThem) {
  EXPECT_EQ(switch_over(V4L2_CID_EXPOSURE_ABSOLUTE).id, V4L2_CID_EXPOSURE_AUTO);
  EXPECT_EQ(switch_over(V4L2_CID_EXPOSURE_ABSOLUTE).manual, V4L2_EXPOSURE_MANUAL);
  EXPECT_EQ(switch_over(V4L2_CID_CONTRAST).id, 0u);
  EXPECT_TRUE(is_switch(V4L2_CID_FOCUS_AUTO));
  EXPECT_FALSE(is_switch(V4L2_CID_FOCUS_ABSOLUTE));
}

TEST(Controls, SayWhetherTheyCanNeverBeSetOrNotWhileTheCameraStreams) {
  V4l2Control control;
  control.name = "enable_cropping";
  control.kind = ControlKind::kBoolean;
  EXPECT_EQ(*value_for(control, "true"), 1);
  control.locked = true;
  const Error locked = value_for(control, "true").error();
  EXPECT_EQ(locked.code, "CONTROL_LOCKED");
  EXPECT_NE(locked.message.find("while the camera streams"), std::string::npos) << locked.message;
  control.read_only = true;
  EXPECT_EQ(value_for(control, "true").error().code, "CONTROL_READ_ONLY");
}

TEST(NearestName, IsASlipOrAWordOfTheName) {
  const std::vector<std::string> known{"brightness", "auto_exposure", "gain"};
  EXPECT_EQ(nearest_name("brigthness", known), "brightness");
  EXPECT_EQ(nearest_name("exposure", known), "auto_exposure");
  EXPECT_EQ(nearest_name("zoom_absolute", known), "");
  EXPECT_EQ(nearest_name("x", {}), "");
}

uint32_t bright_pixels(const FrameLayout& layout, const std::vector<uint8_t>& bytes) {
  const LumaReader luma({bytes.data(), layout});
  uint32_t count = 0;
  for (uint32_t y = 0; y < layout.height; ++y) {
    for (uint32_t x = 0; x < layout.width; ++x) count += luma.at(x, y) > 150;
  }
  return count;
}

TEST(NoticePicture, SaysItsTextInEveryFormatAndStaysInsideAtEverySize) {
  for (const FormatName& entry : kFormatNames) {
    for (const uint32_t width : {1u, 17u, 320u, 1920u}) {
      const FrameLayout layout = packed_layout(entry.format, width, width * 9 / 16 + 1);
      std::vector<uint8_t> bytes(layout.payload_size + 16, 0xee);
      paint_notice({bytes.data(), layout}, "front\ncamera unplugged, waiting\nsince 14:03:22 UTC");
      const uint32_t bright = bright_pixels(layout, bytes);
      EXPECT_EQ(bright > 100, width >= 320) << entry.name << " " << width << ": " << bright;
      for (size_t n = 0; n < 16; ++n) EXPECT_EQ(bytes[layout.payload_size + n], 0xee);
    }
  }
}

}  // namespace
}  // namespace camstream
