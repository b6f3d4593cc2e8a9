#include "pixels/row_scaler.h"

#include <libyuv/planar_functions.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "pixels/scale_step.h"

namespace camstream {
namespace {

constexpr int kBlock = 64;       // sums at a time: they stay in registers, or near
constexpr size_t kFewRows = 8;  // for which weights in 256ths are fine enough

// Whole numbers that make `total` together, or flat planes would not stay flat.
std::vector<uint32_t> weights_of(const std::vector<double>& shares, uint32_t total) {
  std::vector<uint32_t> weights;
  double shares_so_far = 0;
  uint32_t so_far = 0;
  for (const double share : shares) {
    shares_so_far += share;
    weights.push_back(static_cast<uint32_t>(std::lround(shares_so_far * total)) - so_far);
    so_far += weights.back();
  }
  return weights;
}

template <typename Sum>
[[gnu::always_inline]] inline void weighted_block(ConstPlane from, std::span<const uint32_t> weights,
                                                  int size, uint8_t* to) {
  constexpr int kShift = sizeof(Sum) == 2 ? 8 : 16;
  Sum sums[kBlock];
  for (int n = 0; n < size; ++n) sums[n] = static_cast<Sum>(1 << (kShift - 1));
  const uint8_t* source = from.data;
  for (const uint32_t each : weights) {
    const auto weight = static_cast<Sum>(each);
    for (int n = 0; n < size; ++n) sums[n] = static_cast<Sum>(sums[n] + source[n] * weight);
    source += from.stride;
  }
  for (int n = 0; n < size; ++n) to[n] = static_cast<uint8_t>(sums[n] >> kShift);
}

// Blocks of a size that the compiler knows, so that it makes SIMD of them.
template <typename Sum>
[[gnu::always_inline]] inline void weighted_row(ConstPlane from, std::span<const uint32_t> weights,
                                                uint8_t* to, int row_bytes) {
  int at = 0;
  for (; at + kBlock <= row_bytes; at += kBlock) {
    weighted_block<Sum>({from.data + at, from.stride}, weights, kBlock, to + at);
  }
  weighted_block<Sum>({from.data + at, from.stride}, weights, row_bytes - at, to + at);
}

void mean_row(ConstPlane from, std::span<const uint32_t> weights, uint8_t* to, int row_bytes) {
  if (weights.size() <= kFewRows) {
    weighted_row<uint16_t>(from, weights, to, row_bytes);
  } else {
    weighted_row<uint32_t>(from, weights, to, row_bytes);
  }
}

#if defined(__x86_64__)
// The same, 32 bytes at a time: half the time.
__attribute__((target("avx2"))) void mean_row_avx2(ConstPlane from, std::span<const uint32_t> weights,
                                                   uint8_t* to, int row_bytes) {
  if (weights.size() <= kFewRows) {
    weighted_row<uint16_t>(from, weights, to, row_bytes);
  } else {
    weighted_row<uint32_t>(from, weights, to, row_bytes);
  }
}

const auto kMeanRow = __builtin_cpu_supports("avx2") ? mean_row_avx2 : mean_row;
#else
constexpr auto kMeanRow = mean_row;
#endif

}  // namespace

RowScaler::RowScaler(int from_rows, int to_rows) {
  for (const ScaleStep& step : scale_steps(from_rows, to_rows)) {
    rows_.push_back({step.first, weights_of(step.shares, step.shares.size() <= kFewRows ? 256 : 65536)});
  }
}

void RowScaler::run(ConstPlane from, int first, int count, Plane to, int row_bytes) const {
  for (int n = 0; n < count; ++n) {
    const Row& row = rows_[static_cast<size_t>(first + n)];
    const uint8_t* source = from.data + static_cast<ptrdiff_t>(row.first) * from.stride;
    uint8_t* target = to.data + static_cast<ptrdiff_t>(n) * to.stride;
    if (row.weights.size() == 1) {
      libyuv::CopyPlane(source, from.stride, target, to.stride, row_bytes, 1);
    } else if (row.weights.size() == 2) {
      libyuv::InterpolatePlane(source, from.stride, source + from.stride, from.stride, target, to.stride,
                               row_bytes, 1, static_cast<int>(row.weights[1]));
    } else {
      kMeanRow({source, from.stride}, row.weights, target, row_bytes);
    }
  }
}

void RowScaler::run(ConstPlane from, Plane to, int row_bytes) const {
  run(from, 0, static_cast<int>(rows_.size()), to, row_bytes);
}

}  // namespace camstream
