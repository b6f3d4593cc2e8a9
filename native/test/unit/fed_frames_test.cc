// Which picture an encoder's output is of.
#include "capture/fed_frames.h"

#include <gtest/gtest.h>

namespace camstream {
namespace {

TEST(FedFrames, TimesThatWrapAreFoundAndThoseThatNeverCameOutAreCounted) {
  FedFrames fed;
  constexpr uint32_t kLast = 0x7FFFFFFF;
  fed.add({1, 10, 1, kLast - 20});
  fed.add({2, 20, 2, kLast - 1});
  fed.add({3, 30, 3, 20});  // past the wrap
  EXPECT_FALSE(fed.take(kLast - 40));
  EXPECT_EQ(fed.take(kLast)->sequence, 2u);  // a rounding apart
  EXPECT_EQ(fed.pending().lost, 1u);
  EXPECT_EQ(fed.take(20)->sequence, 3u);
  EXPECT_FALSE(fed.take(20));
}

}  // namespace
}  // namespace camstream
