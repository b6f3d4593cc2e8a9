#include "base/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace camstream {
namespace {

// Insertions, deletions and replacements between the two (Levenshtein).
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t before = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = before + (a[i] == b[j] ? 0 : 1);
      before = std::exchange(row[j + 1], std::min({row[j + 1] + 1, row[j] + 1, replaced}));
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_name(const std::string& name, const std::vector<std::string>& known) {
  const auto best = std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
    return edit_distance(name, a) < edit_distance(name, b);
  });
  if (best == known.end()) return {};
  // A word that stands whole in one name is meant by it: `exposure` of `auto_exposure`.
  if (edit_distance(name, *best) <= std::max<size_t>(2, best->size() / 3)) return *best;
  const auto holding = std::find_if(known.begin(), known.end(), [&](const std::string& candidate) {
    return name.size() > 2 && candidate.find(name) != std::string::npos;
  });
  return holding == known.end() ? std::string() : *holding;
}

}  // namespace camstream
