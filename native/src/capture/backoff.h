// How long to wait after a failure: 0.2 s, twice as long after each further one, 2 s at most.
#pragma once

#include <algorithm>
#include <cstdint>

namespace camstream {

class Backoff {
 public:
  uint32_t next_ms() { return last_ms_ = last_ms_ == 0 ? kFirstMs : std::min(2 * last_ms_, kLongestMs); }
  // Something has worked.
  void reset() { last_ms_ = 0; }

 private:
  static constexpr uint32_t kFirstMs = 200;
  static constexpr uint32_t kLongestMs = 2000;
  uint32_t last_ms_ = 0;
};

}  // namespace camstream
