// The clocks we use, in nanoseconds.
#pragma once

#include <cerrno>
#include <cstdint>
#include <ctime>

namespace camstream {

inline uint64_t clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}
inline uint64_t monotonic_ns() { return clock_ns(CLOCK_MONOTONIC); }
inline uint64_t realtime_ns() { return clock_ns(CLOCK_REALTIME); }

// Absolute, so that what is paced by it does not drift.
inline void sleep_until(uint64_t moment_ns) {
  const timespec moment{static_cast<time_t>(moment_ns / 1'000'000'000),
                        static_cast<long>(moment_ns % 1'000'000'000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, nullptr) == EINTR) {
  }
}

}  // namespace camstream
