// What a conversion thread counts while it runs. Numbers for people; each may be read at any time.
#pragma once

#include <atomic>
#include <cstdint>

namespace camstream {

struct ConversionCounters {
  std::atomic<uint64_t> converted{0};
  std::atomic<uint64_t> skipped{0};     // source frames that the rate does not want
  std::atomic<uint64_t> missed{0};      // wanted, but overtaken by a newer one or overwritten
  std::atomic<uint64_t> convert_ns{0};  // processor time of all conversions
};

}  // namespace camstream
