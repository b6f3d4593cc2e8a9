// Makes a picture lower, a few rows at a time, so that what comes after finds them in the cache.
#pragma once

#include <cstdint>
#include <vector>

#include "pixels/plane_buffer.h"

namespace camstream {

class RowScaler {
 public:
  // `to_rows` is at most `from_rows`.
  RowScaler(int from_rows, int to_rows);

  // `count` rows of the result from `first` on, written from the beginning of `to`. `from` is the whole
  // plane; `row_bytes` may hold pixels of any kind.
  void run(ConstPlane from, int first, int count, Plane to, int row_bytes) const;
  // All of them.
  void run(ConstPlane from, Plane to, int row_bytes) const;

 private:
  struct Row {
    int first;
    std::vector<uint32_t> weights;  // together 256, or 65536 where there are many
  };
  std::vector<Row> rows_;
};

}  // namespace camstream
