#include "capture/frame_pipe.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "base/retry_eintr.h"
#include "base/system_error.h"

namespace camstream {
namespace {

constexpr int kPipeSize = 1 << 20;  // an ordinary user's limit (/proc/sys/fs/pipe-max-size)

Error reader_gone() { return {"FEED_READER_GONE", "The encoder does not read any more."}; }

Error pipe_failed() { return system_error("FEED_SYSTEM", "the pipe to the encoder failed"); }

}  // namespace

Status FramePipe::open() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return system_error("FEED_SYSTEM", "no pipe to be had for an encoder's pictures");
  }
  read_ = UniqueFd(ends[0]);
  write_ = UniqueFd(ends[1]);
  // Only our end: the child's is another open file, and waits when it reads.
  fcntl(write_.get(), F_SETFL, O_NONBLOCK);
  // Refused where the user's pipes have used up their memory: then it is slower and works as well.
  fcntl(write_.get(), F_SETPIPE_SZ, kPipeSize);
  return ok();
}

Result<size_t> FramePipe::put(const uint8_t* bytes, size_t count, By by, int patience_ms) {
  if (by == By::kLoan && lends_) {
    const iovec part{const_cast<uint8_t*>(bytes), count};
    const ssize_t put = retry_eintr([&] { return vmsplice(write_.get(), &part, 1, SPLICE_F_NONBLOCK); });
    if (put >= 0) return static_cast<size_t>(put);
    // Some sandboxes do not have the call, some not for everybody.
    if (errno != EAGAIN && errno != EPIPE) lends_ = false;
  }
  if (by == By::kCopy || !lends_) {
    const ssize_t put = retry_eintr([&] { return write(write_.get(), bytes, count); });
    if (put >= 0) return static_cast<size_t>(put);
  }
  if (errno == EPIPE) return reader_gone();
  if (errno != EAGAIN) return pipe_failed();
  pollfd room{write_.get(), POLLOUT, 0};
  poll(&room, 1, patience_ms);
  return size_t{0};
}

Result<size_t> FramePipe::left() const {
  int bytes = 0;
  if (ioctl(write_.get(), FIONREAD, &bytes) != 0) return pipe_failed();
  // What a child left behind that has ended is not going to be read.
  pollfd end{write_.get(), 0, 0};
  if (bytes > 0 && poll(&end, 1, 0) > 0) return reader_gone();
  return static_cast<size_t>(bytes);
}

}  // namespace camstream
