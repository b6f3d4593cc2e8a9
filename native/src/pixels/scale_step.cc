#include "pixels/scale_step.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace camstream {
namespace {

constexpr double kLeastShare = 1.0 / 512;  // of a pixel; less is left out

ScaleStep mean_step(int from, int to, int at) {
  const double size = static_cast<double>(from) / to;
  const double begin = at * size, end = std::min(begin + size, static_cast<double>(from));
  ScaleStep step{static_cast<int>(begin), {}};
  if (step.first + 1 - begin < kLeastShare) ++step.first;
  for (int n = step.first; end - n >= kLeastShare; ++n) {
    step.shares.push_back(std::min(n + 1.0, end) - std::max<double>(n, begin));
  }
  double sum = 0;
  for (const double share : step.shares) sum += share;
  for (double& share : step.shares) share /= sum;
  return step;
}

// In 65536ths, as libyuv reckons.
ScaleStep linear_step(int from, int to, int at) {
  const int64_t size = (static_cast<int64_t>(from) << 16) / to;
  const int64_t place = at * size + (size >> 1) - 32768;  // the middle of a pixel of the result
  const int fraction = static_cast<int>((place >> 8) & 255);
  if (fraction == 0) return {static_cast<int>(place >> 16), {1}};
  return {static_cast<int>(place >> 16), {(256 - fraction) / 256.0, fraction / 256.0}};
}

}  // namespace

std::vector<ScaleStep> scale_steps(int from, int to) {
  std::vector<ScaleStep> steps;
  steps.reserve(static_cast<size_t>(to));
  for (int at = 0; at < to; ++at) {
    steps.push_back(shrinks_to_means(from, to) ? mean_step(from, to, at) : linear_step(from, to, at));
  }
  return steps;
}

}  // namespace camstream
