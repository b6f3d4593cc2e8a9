// What is lent to the pipe and what is copied into it, and what a kernel or a child does that refuses.
#include "capture/frame_pipe.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>

namespace camstream {
namespace {

using By = FramePipe::By;

// A page of its own, as a slot of a ring has them.
class Page {
 public:
  static constexpr size_t kSize = 4096;
  explicit Page(uint8_t value)
      : bytes_(static_cast<uint8_t*>(
            mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    fill(value);
  }
  ~Page() { munmap(bytes_, kSize); }
  void fill(uint8_t value) { std::memset(bytes_, value, kSize); }
  const uint8_t* data() const { return bytes_; }

 private:
  uint8_t* bytes_;
};

// The first byte of the page that is in the pipe.
int read_page(const FramePipe& pipe) {
  uint8_t bytes[Page::kSize];
  return read(pipe.reading_end(), bytes, sizeof(bytes)) == sizeof(bytes) ? bytes[0] : -1;
}

TEST(FramePipe, WhatIsLentIsReadWhereItLiesAndWhatIsCopiedIsNot) {
  FramePipe pipe;
  ASSERT_TRUE(pipe.open());
  Page page(1);
  ASSERT_EQ(*pipe.put(page.data(), Page::kSize, By::kLoan, 0), Page::kSize);
  page.fill(2);
  EXPECT_EQ(*pipe.left(), Page::kSize);
  EXPECT_EQ(read_page(pipe), 2);
  EXPECT_EQ(*pipe.left(), 0u);
  ASSERT_EQ(*pipe.put(page.data(), Page::kSize, By::kCopy, 0), Page::kSize);
  page.fill(3);
  EXPECT_EQ(read_page(pipe), 2);
  EXPECT_TRUE(pipe.lends());
}

TEST(FramePipe, AFullPipeTakesNothingAndSaysSo) {
  FramePipe pipe;
  ASSERT_TRUE(pipe.open());
  const Page page(1);
  for (const By by : {By::kLoan, By::kCopy}) {
    for (int n = 0; n < 4096 && *pipe.put(page.data(), Page::kSize, by, 0) > 0; ++n) continue;
    EXPECT_EQ(*pipe.put(page.data(), Page::kSize, by, 1), 0u);
  }
  EXPECT_TRUE(pipe.lends());
}

TEST(FramePipe, AReaderThatHasGoneIsToldOfWhatIsLeftToo) {
  std::signal(SIGPIPE, SIG_IGN);
  FramePipe pipe;
  ASSERT_TRUE(pipe.open());
  const Page page(1);
  ASSERT_TRUE(pipe.put(page.data(), Page::kSize, By::kLoan, 0));
  pipe.hand_over();
  EXPECT_EQ(pipe.left().error().code, "FEED_READER_GONE");
  EXPECT_EQ(pipe.put(page.data(), Page::kSize, By::kLoan, 0).error().code, "FEED_READER_GONE");
  EXPECT_EQ(pipe.put(page.data(), Page::kSize, By::kCopy, 0).error().code, "FEED_READER_GONE");
}

// A sandbox's filter: no vmsplice in this process from now on.
bool refuse_loans(int error) {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_vmsplice, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{sizeof(code) / sizeof(*code), code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// In a process of its own, as a filter stays.
int copied_where_refused(int error) {
  FramePipe pipe;
  if (!refuse_loans(error) || !pipe.open()) return 1;
  Page page(1);
  const auto put = pipe.put(page.data(), Page::kSize, By::kLoan, 0);
  page.fill(2);
  return put && *put == Page::kSize && read_page(pipe) == 1 && !pipe.lends() ? 0 : 2;
}

TEST(FramePipe, WhereTheKernelRefusesLoansItCopiesAndSaysSo) {
  for (const int error : {ENOSYS, EPERM}) {
    const pid_t child = fork();
    if (child == 0) _exit(copied_where_refused(error));
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0) << std::strerror(error);
  }
}

}  // namespace
}  // namespace camstream
