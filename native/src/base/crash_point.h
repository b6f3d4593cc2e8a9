// Places at which the crash tests kill the process: CAMSTREAM_CRASH_AT=name:count dies by SIGKILL when
// the name is passed for the count-th time. Compiled to nothing unless CAMSTREAM_CRASH_POINTS is set.
#pragma once

#if defined(CAMSTREAM_CRASH_POINTS)

#include <csignal>
#include <cstdlib>
#include <string_view>

namespace camstream {

// One count for all names: the environment names only one of them.
inline void crash_point(std::string_view name) {
  static const std::string_view wanted = [] {
    const char* text = std::getenv("CAMSTREAM_CRASH_AT");
    return std::string_view(text == nullptr ? "" : text);
  }();
  const size_t colon = wanted.rfind(':');
  if (colon == std::string_view::npos || wanted.substr(0, colon) != name) return;
  static int left = std::atoi(wanted.data() + colon + 1);
  if (__atomic_sub_fetch(&left, 1, __ATOMIC_RELAXED) == 0) std::raise(SIGKILL);
}

}  // namespace camstream

#else

namespace camstream {
inline void crash_point(const char*) {}
}  // namespace camstream

#endif
