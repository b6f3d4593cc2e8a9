// Which pixels of a row, or rows of a plane, become one of the result: the filter of all shrinking.
#pragma once

#include <vector>

namespace camstream {

struct ScaleStep {
  int first;
  std::vector<double> shares;  // of `first` and those after it; together 1
};

// More than 2: the mean of the area. Otherwise two neighbours, in 256ths and where libyuv has them.
constexpr bool shrinks_to_means(int from, int to) { return from > 2 * to; }

// One step for each of `to`, which is at most `from`. None reaches beyond `from`.
std::vector<ScaleStep> scale_steps(int from, int to);

}  // namespace camstream
