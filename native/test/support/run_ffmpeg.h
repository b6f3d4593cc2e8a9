// ffmpeg as a measure for our own conversions.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "pixels/pixel_format.h"
#include "support/temporary_root.h"

namespace camstream {

inline const char* pix_fmt(PixelFormat format) {
  switch (format) {
    case PixelFormat::kYuyv: return "yuyv422";
    case PixelFormat::kUyvy: return "uyvy422";
    case PixelFormat::kNv12: return "nv12";
    case PixelFormat::kNv21: return "nv21";
    case PixelFormat::kI420:
    case PixelFormat::kYv12: return "yuv420p";
    case PixelFormat::kRgb24: return "rgb24";
    case PixelFormat::kBgr24: return "bgr24";
    case PixelFormat::kGray8: return "gray";
  }
  return "";
}

// ffmpeg knows no YV12, so it gets and gives I420: this makes the one of the other.
inline std::vector<uint8_t> exchanged_if_yv12(std::vector<uint8_t> bytes, const FrameLayout& layout) {
  if (layout.fourcc != static_cast<uint32_t>(PixelFormat::kYv12)) return bytes;
  const auto& planes = layout.planes;
  std::swap_ranges(bytes.data() + planes[1].offset, bytes.data() + planes[2].offset,
                   bytes.data() + planes[2].offset);
  return bytes;
}

inline std::vector<uint8_t> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Wanted {
  std::string filter;
  FrameLayout layout;  // of what comes out
};

// One run of ffmpeg on one picture; a result for each filter.
inline std::vector<std::vector<uint8_t>> ffmpeg(const FrameLayout& from, const std::vector<uint8_t>& bytes,
                                                const std::vector<Wanted>& wanted) {
  const TemporaryRoot folder;
  const std::string in = folder.path() + "/in";
  const std::vector<uint8_t> known = exchanged_if_yv12(bytes, from);
  std::ofstream(in, std::ios::binary)
      .write(reinterpret_cast<const char*>(known.data()), static_cast<std::streamsize>(known.size()));
  std::string command = "ffmpeg -nostdin -v error -f rawvideo -pix_fmt ";
  command += pix_fmt(static_cast<PixelFormat>(from.fourcc));
  command += " -s " + std::to_string(from.width) + "x" + std::to_string(from.height) + " -i " + in;
  for (size_t n = 0; n < wanted.size(); ++n) {
    const char* format = pix_fmt(static_cast<PixelFormat>(wanted[n].layout.fourcc));
    command += " -vf '" + wanted[n].filter + ",format=" + format + "' -f rawvideo -pix_fmt " + format + " " +
               folder.path() + "/out" + std::to_string(n);
  }
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::vector<std::vector<uint8_t>> results;
  for (size_t n = 0; n < wanted.size(); ++n) {
    results.push_back(read_file(folder.path() + "/out" + std::to_string(n)));
    EXPECT_EQ(results.back().size(), wanted[n].layout.payload_size) << wanted[n].filter;
    results.back().resize(wanted[n].layout.payload_size);
    results.back() = exchanged_if_yv12(std::move(results.back()), wanted[n].layout);
  }
  return results;
}

}  // namespace camstream
