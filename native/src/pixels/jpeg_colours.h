// Brings planar YUV of any matrix and range to what a JPEG means: BT.601, full range (JFIF 1.02).
//
// Grey stays grey whatever the matrix, so chroma depends on chroma alone, and luma on luma and a shift that
// comes from chroma (none where only the range differs). 16-bit fixed point in plain loops: the compiler
// makes SIMD of them. libyuv has nothing for it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pixels/picture_view.h"

namespace camstream {

class JpegColours {
 public:
  JpegColours(Matrix matrix, Range range);

  // The pictures mean it already: there is nothing to do.
  bool none() const { return none_; }

  // Both i420 and of the same size; they may be the same picture.
  void convert(const ConstView& from, const View& to);

 private:
  // Of chroma differences and luma above black, as factors of 2^16 of what is 2^8 times as large, to 1/64ths.
  struct Factors {
    int16_t u_of_u, u_of_v, v_of_u, v_of_v;
    int16_t luma_of_u, luma_of_v;
    uint16_t luma;
    uint8_t black;
  };
  static Factors factors_of(Matrix matrix, Range range);
  void convert_chroma(const ConstView& from, const View& to, int row);
  void convert_luma(const ConstView& from, const View& to, int row) const;

  bool none_;
  bool shifts_;
  Factors factors_;
  std::vector<int16_t> shift_;  // of a row of luma, for each pair of columns; then for each column
};

}  // namespace camstream
