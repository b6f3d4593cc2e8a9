#include "capture/gst_packages.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <vector>

namespace camstream {
namespace {

struct Place {
  std::string_view element;  // its name, or the beginning of it and a star
  std::string_view package;
};

// Debian 12, by its packages' own lists (Gstreamer-Elements). Those that come up with cameras; the first that
// fits counts.
constexpr std::array<Place, 47> kPlaces{{
    {"libcamerasrc", "gstreamer1.0-libcamera"},
    {"avdec_*", "gstreamer1.0-libav"},
    {"avenc_*", "gstreamer1.0-libav"},
    {"avdemux_*", "gstreamer1.0-libav"},
    {"vaapi*", "gstreamer1.0-vaapi"},
    {"omx*", "gstreamer1.0-omx-generic"},
    {"pipewire*", "gstreamer1.0-pipewire"},
    {"gl*", "gstreamer1.0-gl"},
    {"alsasrc", "gstreamer1.0-alsa"},
    {"clockoverlay", "gstreamer1.0-x"},
    {"textoverlay", "gstreamer1.0-x"},
    {"timeoverlay", "gstreamer1.0-x"},
    {"wpe*src", "gstreamer1.0-wpe"},
    {"nice*", "gstreamer1.0-nice"},
    {"x264enc", "gstreamer1.0-plugins-ugly"},
    {"mpeg2dec", "gstreamer1.0-plugins-ugly"},
    {"asfdemux", "gstreamer1.0-plugins-ugly"},
    {"rtspclientsink", "gstreamer1.0-rtsp"},
    {"v4l2*", "gstreamer1.0-plugins-good"},
    {"rtsp*", "gstreamer1.0-plugins-good"},
    {"rtp*depay", "gstreamer1.0-plugins-good"},
    {"rtp*pay", "gstreamer1.0-plugins-good"},
    {"rtpbin", "gstreamer1.0-plugins-good"},
    {"rtpjitterbuffer", "gstreamer1.0-plugins-good"},
    {"udpsrc", "gstreamer1.0-plugins-good"},
    {"jpegdec", "gstreamer1.0-plugins-good"},
    {"pngdec", "gstreamer1.0-plugins-good"},
    {"vp8dec", "gstreamer1.0-plugins-good"},
    {"vp9dec", "gstreamer1.0-plugins-good"},
    {"deinterlace", "gstreamer1.0-plugins-good"},
    {"souphttpsrc", "gstreamer1.0-plugins-good"},
    {"imagefreeze", "gstreamer1.0-plugins-good"},
    {"multi*src", "gstreamer1.0-plugins-good"},
    {"multipartdemux", "gstreamer1.0-plugins-good"},
    {"matroskademux", "gstreamer1.0-plugins-good"},
    {"qtdemux", "gstreamer1.0-plugins-good"},
    {"flvdemux", "gstreamer1.0-plugins-good"},
    {"ximagesrc", "gstreamer1.0-plugins-good"},
    {"videocrop", "gstreamer1.0-plugins-good"},
    {"videoflip", "gstreamer1.0-plugins-good"},
    {"videobalance", "gstreamer1.0-plugins-good"},
    {"video*", "gstreamer1.0-plugins-base"},
    {"*decodebin*", "gstreamer1.0-plugins-base"},
    {"tcp*src", "gstreamer1.0-plugins-base"},
    {"compositor", "gstreamer1.0-plugins-base"},
    {"playbin*", "gstreamer1.0-plugins-base"},
    {"theoradec", "gstreamer1.0-plugins-base"},
}};

constexpr std::array<std::string_view, 22> kBad{
    "h264parse",  "h265parse",        "jpegparse",        "mpeg4videoparse", "tsdemux",     "tsparse",
    "srtsrc",     "srtclientsrc",     "rtmpsrc",          "rtmp2src",        "hlsdemux",    "shmsrc",
    "uvch264src", "uvch264mjpgdemux", "decklinkvideosrc", "bayer2rgb",       "openh264dec", "webrtcbin",
    "rtpsrc",     "sdpdemux",         "vajpegdec",        "vapostproc"};

// `pattern` has at most two stars.
bool fits(std::string_view pattern, std::string_view name) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (name.substr(0, star) != pattern.substr(0, star)) return false;
  const std::string_view rest = pattern.substr(star + 1);
  if (rest.empty()) return true;
  for (size_t from = star; from <= name.size(); ++from) {
    if (fits(rest, name.substr(from))) return true;
  }
  return false;
}

std::string package_of(std::string_view element) {
  if (std::find(kBad.begin(), kBad.end(), element) != kBad.end()) return "gstreamer1.0-plugins-bad";
  const auto place = std::find_if(kPlaces.begin(), kPlaces.end(),
                                  [&](const Place& known) { return fits(known.element, element); });
  return place == kPlaces.end() ? "" : std::string(place->package);
}

bool is_element_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char letter) {
    return std::isalnum(letter) || letter == '_' || letter == '-';
  });
}

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts;
  for (size_t from = 0; from <= list.size();) {
    const size_t comma = std::min(list.find(',', from), list.size());
    if (comma > from) parts.push_back(list.substr(from, comma - from));
    from = comma + 1;
  }
  return parts;
}

std::string advice_for(const std::string& name) {
  if (!is_element_name(name)) {
    return "What is missing (" + name +
           ") is most likely in gstreamer1.0-libav or gstreamer1.0-plugins-bad: `apt-get install "
           "gstreamer1.0-libav gstreamer1.0-plugins-bad`.";
  }
  if (name.rfind("nv", 0) == 0) {
    return "`" + name +
           "` comes from NVIDIA: on a Jetson with JetPack (nvidia-l4t-gstreamer), elsewhere with DeepStream.";
  }
  if (const std::string package = package_of(name); !package.empty())
    return "`" + name + "` is in the Debian package " + package + ": `apt-get install " + package + "`.";
  return "No package is known here for `" + name +
         "`; `apt-cache dumpavail | grep -e ^Package: -e ^Gstreamer-Elements: | grep -w -B1 " + name +
         "` looks for one. Is the name written as `gst-inspect-1.0` lists it?";
}

}  // namespace

std::string install_advice(const std::string& missing) {
  // A decoder's description may have commas of its own.
  const std::vector<std::string> names = parts_of(missing);
  if (!std::all_of(names.begin(), names.end(), is_element_name)) return advice_for(missing);
  std::string advice;
  for (const std::string& name : names) advice += (advice.empty() ? "" : " ") + advice_for(name);
  return advice;
}

}  // namespace camstream
