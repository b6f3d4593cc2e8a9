// A conversion that nobody wants: it rests, its ring says so, and who joins the ring is told of.
#include "capture/conversion_loop.h"

#include <gtest/gtest.h>

#include "support/child.h"
#include "support/conversion_rig.h"
#include "support/raw_member.h"

namespace camstream {
namespace {

TEST_F(RunningConversion, PausedItConvertsNothingAndResumesWithTheNewestFrame) {
  derived.loop().set_active(false);
  // It has let go of the source's ring: the one local lease is to be had again.
  ASSERT_TRUE(eventually([&] { return camera.ring().add_local_reader()->reader().quota() == 1; }));
  for (uint64_t n = 2; n < 40; ++n) camera.publish(n);
  EXPECT_EQ(derived.published(), 1u);
  ASSERT_TRUE(derived.newest());
  EXPECT_EQ(derived.newest()->meta.source_sequence, 1u);  // its last frame is still there
  derived.loop().set_active(true);
  ASSERT_TRUE(eventually([&] { return derived.published() == 2; }));
  EXPECT_EQ(derived.newest()->meta.source_sequence, 39u);
  EXPECT_EQ(derived.newest()->meta.dropped_before, 0u);  // nobody wanted what was passed over
  derived.loop().set_active(false);
  derived.loop().set_active(true);
  camera.publish(40);
  ASSERT_TRUE(eventually([&] { return derived.newest()->meta.source_sequence == 40; }));
  EXPECT_EQ(derived.newest()->meta.sequence, 3u);  // frame 39 was not converted a second time
}

TEST_F(RunningConversion, PausedItSaysSoAndTellsOfReadersInOtherProcesses) {
  derived.loop().set_active(false);
  ASSERT_TRUE(eventually([&] { return derived.state() == RingState::kPaused; }));
  const auto status = [&] {
    return derived.loop().ring()->with([](RingHost* host) { return host->status(); });
  };
  const UniqueFd own = connect_to(root.path() + "/derived");
  ASSERT_TRUE(eventually([&] { return status().members == 1; }));
  EXPECT_EQ(status().visitors, 0u);  // an encoder of the producer's own
  {
    const Child reader([&] {
      const UniqueFd joined = connect_to(root.path() + "/derived");
      pause();
    });
    ASSERT_TRUE(eventually([&] { return derived.visitors() == 1; }));
    EXPECT_EQ(derived.state(), RingState::kPaused);  // to wake it is the owner's business
    derived.loop().set_active(true);
    EXPECT_EQ(derived.state(), RingState::kPaused);  // until it has a frame to give
    uint64_t next = 2;
    ASSERT_TRUE(eventually([&] {
      camera.publish(next++);
      return derived.state() == RingState::kLive;
    }));
  }
  ASSERT_TRUE(eventually([&] { return derived.count(LoopEvent::Kind::kVisited) == 2; }));
  EXPECT_EQ(derived.visitors(), 0u);
}

}  // namespace
}  // namespace camstream
