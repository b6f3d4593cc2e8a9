// Makes rows narrower with SSSE3: eight pixels at a time are gathered from sixteen bytes by a table.
//
// Why not with libyuv: docs/decisions/0031-columns-gathered-by-a-table.md.
#pragma once

#include <cstdint>
#include <vector>

#include "pixels/plane_buffer.h"

namespace camstream {

class ColumnGather {
 public:
  // Rows that shrink by at most 3, or by 4: four neighbours a pixel. At least 16 bytes become at least 8,
  // on a processor with SSSE3.
  static bool can(int from_width, int to_width);

  // Only where can().
  ColumnGather(int from_width, int to_width);

  // Reads nothing outside the `from_width` bytes of a row and writes nothing outside the `to_width`.
  void run(ConstPlane from, Plane to, int rows) const;

  // Eight pixels of the result.
  struct Group {
    alignas(16) int8_t places[2][16];   // of the bytes to take, counted from `from`; below 0: a zero
    alignas(16) int8_t weights[2][16];  // of those bytes
    alignas(16) int16_t scale[8];       // of their sums, in 32768ths
    int from[2];                        // where the sixteen bytes begin
    int to;
  };

 private:
  bool means_;  // four places and both halves of a group for a pixel; otherwise two places and the first half
  std::vector<Group> groups_;
};

}  // namespace camstream
