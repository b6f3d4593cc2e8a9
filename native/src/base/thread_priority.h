// Who comes first when there is not enough processor for all. Frames that are not fetched in time are lost to
// everybody; an encoder that waits is late for its own viewers only.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace camstream {

enum class ThreadPriority {
  kCapture = -10,    // fetches frames: loses them when it comes too late
  kConversion = -5,  // fills a ring of raw frames
  kOrdinary = 0,
};

// For the calling thread, and those and the children that it starts from now on. False where the user may not
// (neither root nor CAP_SYS_NICE nor RLIMIT_NICE): it then stays as it is, and all are equal.
inline bool set_thread_priority(ThreadPriority priority) {
  if (priority == ThreadPriority::kOrdinary) return true;
  return setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), static_cast<int>(priority)) == 0;
}

}  // namespace camstream
