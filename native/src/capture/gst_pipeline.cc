#include "capture/gst_pipeline.h"

#include <array>
#include <cstdio>

namespace camstream {
namespace {

// In the order of what costs least (v4l2_mode_choice.h).
constexpr std::array kOurFormats{PixelFormat::kYuyv, PixelFormat::kUyvy,  PixelFormat::kNv12,
                                 PixelFormat::kNv21, PixelFormat::kI420,  PixelFormat::kYv12,
                                 PixelFormat::kRgb24, PixelFormat::kBgr24, PixelFormat::kGray8};

const char* gst_name(PixelFormat format) {
  switch (format) {
    case PixelFormat::kYuyv: return "YUY2";
    case PixelFormat::kUyvy: return "UYVY";
    case PixelFormat::kNv12: return "NV12";
    case PixelFormat::kNv21: return "NV21";
    case PixelFormat::kI420: return "I420";
    case PixelFormat::kYv12: return "YV12";
    case PixelFormat::kRgb24: return "RGB";
    case PixelFormat::kBgr24: return "BGR";
    case PixelFormat::kGray8: return "GRAY8";
  }
  return "I420";
}

// A word of GStreamer's language in quotes: a device's path may have anything in it.
std::string quoted(const std::string& text) {
  std::string word = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') word += '\\';
    word += letter;
  }
  return word + "\"";
}

// Caps of each format, the first one first: a list within one caps leaves the order to the source.
std::string caps_of(const PipelineWish& wish) {
  const std::string shape = shape_of(wish);
  std::string caps;
  for (const PixelFormat format : kOurFormats) {
    if (wish.format && *wish.format != format) continue;
    caps += (caps.empty() ? "" : ";") + std::string("video/x-raw,format=(string)") + gst_name(format) + shape;
  }
  return caps;
}

}  // namespace

// The first filter makes the source prefer a format of ours, so that there is nothing to convert; the second
// lets nothing else through.
std::string pipeline_text(const std::string& pipeline, const PipelineWish& wish) {
  const std::string caps = caps_of(wish);
  return pipeline + " ! capsfilter caps=\"" + caps + ";video/x-raw" + shape_of(wish) +
         "\" ! videoconvert ! capsfilter caps=\"" + caps +
         "\" ! queue name=camstream-queue max-size-buffers=4 max-size-bytes=0 max-size-time=0 "
         "! fakesink name=camstream-sink enable-last-sample=false";
}

std::string shape_of(const PipelineWish& wish) {
  std::string shape;
  if (wish.width) shape += ",width=(int)" + std::to_string(wish.width);
  if (wish.height) shape += ",height=(int)" + std::to_string(wish.height);
  if (wish.rate.numerator) {
    shape += ",framerate=(fraction)" + std::to_string(wish.rate.numerator) + "/" +
             std::to_string(wish.rate.denominator);
  }
  return shape;
}

std::string device_pipeline(const std::string& device) { return "v4l2src device=" + quoted(device); }

std::string text_of(const PipelineWish& wish) {
  std::string text;
  if (wish.width) text += std::to_string(wish.width) + "x" + std::to_string(wish.height);
  if (wish.format) text += (text.empty() ? "" : " ") + std::string(name_of(*wish.format));
  if (wish.rate.numerator) {
    char rate[32];
    std::snprintf(rate, sizeof rate, "%.6g/s", wish.rate.hertz());
    text += (text.empty() ? "" : " at ") + std::string(rate);
  }
  return text;
}

}  // namespace camstream
