// How the threads of captures and conversions start.
#include "capture/loop_thread.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <string>

namespace camstream {
namespace {

int niceness_of_this_thread() { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }

// CAP_SYS_NICE, which root in a container often has not.
bool has_nice_capability() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("CapEff:")) return (std::stoull(line.substr(7), nullptr, 16) >> 23 & 1) != 0;
  }
  return false;
}

// What the kernel takes from this user: 20 less the limit is the lowest niceness.
bool may_be(ThreadPriority priority) {
  rlimit limit{};
  getrlimit(RLIMIT_NICE, &limit);
  return has_nice_capability() ||
         limit.rlim_cur >= static_cast<rlim_t>(20 - static_cast<int>(priority));
}

int niceness(ThreadPriority priority) {
  std::promise<int> found;
  LoopThread thread;
  const Status started =
      thread.start("test", [&found] { found.set_value(niceness_of_this_thread()); }, priority);
  EXPECT_TRUE(started);
  return found.get_future().get();
}

TEST(LoopThreadTest, GoesBeforeOthersWhereTheUserMayAndStartsAllTheSameWhereNot) {
  const int before = niceness_of_this_thread();
  for (const ThreadPriority priority : {ThreadPriority::kCapture, ThreadPriority::kConversion}) {
    const int wanted = may_be(priority) ? static_cast<int>(priority) : before;
    EXPECT_EQ(niceness(priority), wanted);
  }
  EXPECT_EQ(niceness(ThreadPriority::kOrdinary), before);
  EXPECT_EQ(niceness_of_this_thread(), before) << "nobody else is moved";
}

}  // namespace
}  // namespace camstream
