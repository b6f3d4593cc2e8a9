// What a driver's fourcc is to us.
#pragma once

#include <cstdint>
#include <string>

namespace camstream {

enum class Coding {
  kConvertible,  // raw, and one of our pixel formats
  kOpaque,       // raw, and passed on as it is: nothing is made from it here
  kJpeg,
  kH264,
  kOther,  // compressed, and of no use here
};

struct DriverCoding {
  Coding coding = Coding::kOther;
  uint32_t ring_fourcc = 0;  // what the ring says: NV12 of a driver's NM12, MJPG of a driver's JPEG
};

// `compressed`: V4L2_FMT_FLAG_COMPRESSED, for those that we do not know.
DriverCoding coding_of(uint32_t fourcc, bool compressed);

// As configuration and messages spell it: "nv12", "mjpeg", "h264", or the four letters.
std::string coding_name(uint32_t fourcc);
std::string fourcc_text(uint32_t fourcc);

}  // namespace camstream
