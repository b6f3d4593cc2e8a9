#include "pixels/yuv_constants.h"

#include <libyuv/row.h>

namespace camstream {
namespace {

// What blue gets of U, in 64ths. libyuv takes at most 128 (an 8-bit register of old), which is right for
// full range and up to 13 levels too little for saturated blue in limited-range BT.709 and 16 in BT.2020.
// Its code has long been able to do with more.
constexpr uint8_t kBlue601 = 129;   // 2.018
constexpr uint8_t kBlue709 = 135;   // 2.112
constexpr uint8_t kBlue2020 = 137;  // 2.142

enum class Order { kBgr, kRgb };  // in kRgb, U and V and with them blue and red are exchanged

libyuv::YuvConstants with_blue(libyuv::YuvConstants constants, uint8_t blue, Order order) {
#if defined(__aarch64__) || defined(__arm__)
  const int at = order == Order::kBgr ? 0 : 1, bias_at = order == Order::kBgr ? 1 : 3;
  constants.kRGBCoeffBias[bias_at] =
      static_cast<int16_t>(constants.kRGBCoeffBias[bias_at] + (blue - constants.kUVCoeff[at]) * 128);
  for (int n = at; n < 16; n += 4) constants.kUVCoeff[n] = blue;
#else
  uint8_t* row = order == Order::kBgr ? constants.kUVToB : constants.kUVToR + 1;
  for (int n = 0; n < 32; n += 2) row[n] = blue;
#endif
  return constants;
}

const libyuv::YuvConstants kBgr601 = with_blue(libyuv::kYuvI601Constants, kBlue601, Order::kBgr);
const libyuv::YuvConstants kRgb601 = with_blue(libyuv::kYvuI601Constants, kBlue601, Order::kRgb);
const libyuv::YuvConstants kBgr709 = with_blue(libyuv::kYuvH709Constants, kBlue709, Order::kBgr);
const libyuv::YuvConstants kRgb709 = with_blue(libyuv::kYvuH709Constants, kBlue709, Order::kRgb);
const libyuv::YuvConstants kBgr2020 = with_blue(libyuv::kYuv2020Constants, kBlue2020, Order::kBgr);
const libyuv::YuvConstants kRgb2020 = with_blue(libyuv::kYvu2020Constants, kBlue2020, Order::kRgb);

}  // namespace

YuvToRgb yuv_to_rgb(Matrix matrix, Range range) {
  const bool full = range == Range::kFull;
  switch (matrix) {
    case Matrix::kBt709:
      return full ? YuvToRgb{&libyuv::kYuvF709Constants, &libyuv::kYvuF709Constants, false}
                  : YuvToRgb{&kBgr709, &kRgb709, false};
    case Matrix::kBt2020:
      return full ? YuvToRgb{&libyuv::kYuvV2020Constants, &libyuv::kYvuV2020Constants, false}
                  : YuvToRgb{&kBgr2020, &kRgb2020, false};
    case Matrix::kBt601:
    case Matrix::kUnspecified:
    case Matrix::kRgb: break;
  }
  return full ? YuvToRgb{&libyuv::kYuvJPEGConstants, &libyuv::kYvuJPEGConstants, false}
              : YuvToRgb{&kBgr601, &kRgb601, true};
}

}  // namespace camstream
