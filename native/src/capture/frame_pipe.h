// The pipe that is an encoder's standard input.
//
// What is lent is not copied into it: the pipe holds the very pages (vmsplice(2)), and the child reads them
// where they lie. They must stay as they are until left() says that the child has read everything.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "base/unique_fd.h"

namespace camstream {

class FramePipe {
 public:
  enum class By { kCopy, kLoan };

  Status open();
  // The child's end of file, once it has read the rest.
  void close() { write_.reset(); }

  // The child's end; -1 after hand_over(), which closes ours, so that the end of the child is noticed.
  int reading_end() const { return read_.get(); }
  void hand_over() { read_.reset(); }

  // How many of the bytes there was room for within `patience_ms`. By loan where the kernel has it, else by
  // copy. Errors: FEED_READER_GONE, FEED_SYSTEM.
  Result<size_t> put(const uint8_t* bytes, size_t count, By by, int patience_ms);

  // The kernel has not refused a loan so far.
  bool lends() const { return lends_; }

  // Bytes in it that the child has not read. Errors as above.
  Result<size_t> left() const;

 private:
  UniqueFd read_;
  UniqueFd write_;
  bool lends_ = true;
};

}  // namespace camstream
