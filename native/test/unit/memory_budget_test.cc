#include "shm/memory_budget.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temporary_root.h"

namespace camstream {
namespace {

class CgroupTree : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    const std::filesystem::path full = root_.path() + '/' + path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
  }
  std::optional<MemoryBudget> budget() {
    return cgroup_budget({root_.path() + "/cgroup", root_.path() + "/v2", root_.path() + "/v1"});
  }
  TemporaryRoot root_;
};

TEST_F(CgroupTree, Version2TakesTheTightestOfAllLevels) {
  write("cgroup", "0::/system.slice/camstream.service\n");
  write("v2/system.slice/memory.max", "1000000\n");
  write("v2/system.slice/memory.current", "400000\n");
  write("v2/system.slice/camstream.service/memory.max", "max\n");
  write("v2/system.slice/camstream.service/memory.current", "100\n");
  const auto found = budget();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->available, 600000u);
  EXPECT_NE(found->where.find("/system.slice"), std::string::npos);
}

TEST_F(CgroupTree, PageCacheCountsAsFree) {
  write("cgroup", "0::/\n");
  write("v2/memory.max", "1000\n");
  write("v2/memory.current", "900\n");
  write("v2/memory.stat", "anon 300\nfile 600\nshmem 100\ninactive_file 250\nactive_file 250\n");
  ASSERT_TRUE(budget());
  EXPECT_EQ(budget()->available, 600u);
}

TEST_F(CgroupTree, Version1InAContainerFindsItsOwnRoot) {
  write("cgroup", "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n");
  write("v1/memory.limit_in_bytes", "67108864\n");
  write("v1/memory.usage_in_bytes", "7108864\n");
  ASSERT_TRUE(budget());
  EXPECT_EQ(budget()->available, 60'000'000u);
}

TEST_F(CgroupTree, UsageAboveTheLimitLeavesNothing) {
  write("cgroup", "4:memory:/a\n");
  write("v1/a/memory.limit_in_bytes", "100\n");
  write("v1/a/memory.usage_in_bytes", "200\n");
  ASSERT_TRUE(budget());
  EXPECT_EQ(budget()->available, 0u);
}

TEST_F(CgroupTree, NoLimitIsNone) {
  EXPECT_FALSE(budget());
  write("cgroup", "4:memory:/a\n0::/b\n");
  write("v1/a/memory.limit_in_bytes", "9223372036854771712\n");
  write("v1/a/memory.usage_in_bytes", "1000\n");
  write("v2/b/memory.max", "max\n");
  write("v2/b/memory.current", "1000\n");
  EXPECT_FALSE(budget());
}

}  // namespace
}  // namespace camstream
