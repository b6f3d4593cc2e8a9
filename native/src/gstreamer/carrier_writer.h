// Writes the carrier into the pipe to the producer. Any thread; one message at a time.
#pragma once

#include <mutex>
#include <string>

#include "base/unique_fd.h"
#include "capture/carrier.h"

namespace camstream {

class CarrierWriter {
 public:
  explicit CarrierWriter(UniqueFd fd) : fd_(std::move(fd)) {}

  // Each waits until the producer has taken it, and gives false when there is no producer any more.
  bool format(const CarrierFormat& format);
  // `size` bytes of picture and zeros up to `body_size`.
  bool frame(CarrierHead head, const uint8_t* picture, uint64_t size);
  bool fault(GstFault fault, const std::string& subject, const std::string& words);
  bool notice(const std::string& words);
  bool end();

 private:
  bool message(CarrierHead head, const void* body, uint64_t size);
  bool all(const void* bytes, uint64_t size);

  UniqueFd fd_;
  std::mutex mutex_;
};

}  // namespace camstream
