#include "shm/segment_name.h"

#include <gtest/gtest.h>

namespace camstream {
namespace {

TEST(SegmentName, AcceptsWhatFileSystemsAndPeopleLike) {
  for (const char* name : {"a", "camera", "left-camera", "Cam_2.high", "0", "a..b"}) {
    EXPECT_TRUE(check_ring_name(name)) << name;
  }
  EXPECT_TRUE(check_ring_name(std::string(63, 'x')));
}

TEST(SegmentName, RefusesWhatLeadsElsewhere) {
  for (const char* name :
       {"", ".", "..", ".hidden", "-r", "_a", "a/b", "/a", "a b", "\xc3\xa4", "a\n", "a:b"}) {
    const auto checked = check_ring_name(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, "RING_NAME");
  }
  EXPECT_FALSE(check_ring_name(std::string(64, 'x')));
  EXPECT_FALSE(check_ring_name(std::string("a\0b", 3)));
}

TEST(SegmentName, ShowsAWildNameTamed) {
  const auto checked = check_ring_name("\x1b[2J" + std::string(10'000, 'x'));
  ASSERT_FALSE(checked);
  EXPECT_LT(checked.error().message.size(), 300u);
  EXPECT_EQ(checked.error().message.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace camstream
