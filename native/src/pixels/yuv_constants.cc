#include "pixels/yuv_constants.h"

namespace camstream {

YuvToRgb yuv_to_rgb(Matrix matrix, Range range) {
  const bool full = range == Range::kFull;
  switch (matrix) {
    case Matrix::kBt709:
      return full ? YuvToRgb{&libyuv::kYuvF709Constants, &libyuv::kYvuF709Constants, false}
                  : YuvToRgb{&libyuv::kYuvH709Constants, &libyuv::kYvuH709Constants, false};
    case Matrix::kBt2020:
      return full ? YuvToRgb{&libyuv::kYuvV2020Constants, &libyuv::kYvuV2020Constants, false}
                  : YuvToRgb{&libyuv::kYuv2020Constants, &libyuv::kYvu2020Constants, false};
    case Matrix::kBt601:
    case Matrix::kUnspecified:
    case Matrix::kRgb: break;
  }
  return full ? YuvToRgb{&libyuv::kYuvJPEGConstants, &libyuv::kYvuJPEGConstants, false}
              : YuvToRgb{&libyuv::kYuvI601Constants, &libyuv::kYvuI601Constants, true};
}

}  // namespace camstream
