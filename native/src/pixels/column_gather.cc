#include "pixels/column_gather.h"

#include <algorithm>
#include <cmath>

#include "pixels/scale_step.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace camstream {
namespace {

constexpr int kLoad = 16;  // bytes
constexpr int kPixels = 8;
constexpr int kWeights = 128;  // together at most: 255 * 128 still fits the 16 bits of a sum

// Where a load begins that has the bytes from `first` on and ends within the row.
int load_at(int first, int from_width) { return std::min(first, from_width - kLoad); }

// One byte twice, as 128 does not fit a weight.
void set_one(int first, int8_t* places, int8_t* weights) {
  places[0] = places[1] = static_cast<int8_t>(first);
  weights[0] = weights[1] = kWeights / 2;
}

void set_two(int first, double second_share, int8_t* places, int8_t* weights) {
  const auto second = std::clamp(std::lround(kWeights * second_share), 1L, kWeights - 1L);
  places[0] = static_cast<int8_t>(first);
  places[1] = static_cast<int8_t>(first + 1);
  weights[0] = static_cast<int8_t>(kWeights - second);
  weights[1] = static_cast<int8_t>(second);
}

// The weight of a whole pixel is a whole number, so that means of 3 and 4 are exact. Returns their sum.
int set_mean(int first, const std::vector<double>& shares, int8_t* places, int8_t* weights) {
  const auto most = std::max_element(shares.begin(), shares.end());
  const double one = std::floor(kWeights * *most) / *most;
  int sum = 0;
  for (size_t n = 0; n < 4; ++n) {
    places[n] = static_cast<int8_t>(n < shares.size() ? first + static_cast<int>(n) : -1);
    weights[n] = static_cast<int8_t>(n < shares.size() ? std::lround(one * shares[n]) : 0);
    sum += weights[n];
  }
  const int excess = std::max(0, sum - kWeights);
  weights[most - shares.begin()] = static_cast<int8_t>(weights[most - shares.begin()] - excess);
  return sum - excess;
}

#if defined(__x86_64__)

__attribute__((target("ssse3"))) __m128i gathered(const uint8_t* row, const ColumnGather::Group& group,
                                                  int half) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + group.from[half]));
  const __m128i places = _mm_load_si128(reinterpret_cast<const __m128i*>(group.places[half]));
  const __m128i weights = _mm_load_si128(reinterpret_cast<const __m128i*>(group.weights[half]));
  return _mm_maddubs_epi16(_mm_shuffle_epi8(bytes, places), weights);
}

template <bool kMeans>
__attribute__((target("ssse3"))) void gather_row(const std::vector<ColumnGather::Group>& groups,
                                                 const uint8_t* from, uint8_t* to) {
  for (const ColumnGather::Group& group : groups) {
    __m128i sums = gathered(from, group, 0);
    if constexpr (kMeans) sums = _mm_hadd_epi16(sums, gathered(from, group, 1));
    const __m128i scale = _mm_load_si128(reinterpret_cast<const __m128i*>(group.scale));
    const __m128i pixels = _mm_mulhrs_epi16(sums, scale);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to + group.to), _mm_packus_epi16(pixels, pixels));
  }
}

#endif

}  // namespace

bool ColumnGather::can(int from_width, int to_width) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("ssse3") && from_width >= kLoad && to_width >= kPixels &&
         to_width < from_width && (from_width <= 3 * to_width || from_width == 4 * to_width);
#else
  return false;
#endif
}

ColumnGather::ColumnGather(int from_width, int to_width)
    : means_(shrinks_to_means(from_width, to_width)),
      groups_(static_cast<size_t>((to_width + kPixels - 1) / kPixels)) {
  const std::vector<ScaleStep> steps = scale_steps(from_width, to_width);
  const int taps = means_ ? 4 : 2;
  const int pixels_of_load = kLoad / taps;
  int to = 0;
  for (Group& group : groups_) {
    group = {};
    group.to = std::min(to, to_width - kPixels);  // the last one may repeat pixels of the one before
    to += kPixels;
    for (int pixel = 0; pixel < kPixels; ++pixel) {
      const ScaleStep& step = steps[static_cast<size_t>(group.to + pixel)];
      const int half = pixel / pixels_of_load, tap = pixel % pixels_of_load * taps;
      if (tap == 0) group.from[half] = load_at(step.first, from_width);
      const int first = step.first - group.from[half];
      int8_t* places = group.places[half] + tap;
      int8_t* weights = group.weights[half] + tap;
      int sum = kWeights;
      if (means_) {
        sum = set_mean(first, step.shares, places, weights);
      } else if (step.shares.size() == 1) {
        set_one(first, places, weights);
      } else {
        set_two(first, step.shares[1], places, weights);
      }
      group.scale[pixel] = static_cast<int16_t>((32768 + sum / 2) / sum);
    }
  }
}

void ColumnGather::run(ConstPlane from, Plane to, int rows) const {
#if defined(__x86_64__)
  for (int row = 0; row < rows; ++row) {
    const uint8_t* source = from.data + static_cast<ptrdiff_t>(row) * from.stride;
    uint8_t* target = to.data + static_cast<ptrdiff_t>(row) * to.stride;
    means_ ? gather_row<true>(groups_, source, target) : gather_row<false>(groups_, source, target);
  }
#endif
}

}  // namespace camstream
