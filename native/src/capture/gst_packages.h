// Which Debian package a GStreamer element is in.
#pragma once

#include <string>

namespace camstream {

// What to do for elements or decoders that are not there, as "x264enc" or "H.264 (Main Profile) decoder";
// several with commas between them.
std::string install_advice(const std::string& missing);

}  // namespace camstream
