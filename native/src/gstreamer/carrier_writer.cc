#include "gstreamer/carrier_writer.h"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/retry_eintr.h"

namespace camstream {

bool CarrierWriter::format(const CarrierFormat& format) {
  return message({.kind = CarrierKind::kFormat, .body_size = sizeof format}, &format, sizeof format);
}

bool CarrierWriter::frame(CarrierHead head, const uint8_t* picture, uint64_t size) {
  head.kind = CarrierKind::kFrame;
  return message(head, picture, std::min(size, head.body_size));
}

bool CarrierWriter::fault(GstFault fault, const std::string& subject, const std::string& words) {
  const std::string text = (subject + "\n" + words).substr(0, kMostCarrierText);
  return message(
      {.kind = CarrierKind::kFault, .body_size = text.size(), .flags = static_cast<uint32_t>(fault)},
      text.data(), text.size());
}

bool CarrierWriter::notice(const std::string& words) {
  const std::string text = words.substr(0, kMostCarrierText);
  return message({.kind = CarrierKind::kNotice, .body_size = text.size()}, text.data(), text.size());
}

bool CarrierWriter::end() { return message({.kind = CarrierKind::kEnd}, nullptr, 0); }

// Head and body in one call where the pipe takes it; what the body lacks is made up with zeros.
bool CarrierWriter::message(CarrierHead head, const void* body, uint64_t size) {
  const std::lock_guard lock(mutex_);
  iovec parts[2] = {{&head, sizeof head}, {const_cast<void*>(body), size}};
  const ssize_t written = retry_eintr([&] { return writev(fd_.get(), parts, size > 0 ? 2 : 1); });
  if (written < 0) return false;
  uint64_t done = static_cast<uint64_t>(written);
  if (done < sizeof head) {
    if (!all(reinterpret_cast<const char*>(&head) + done, sizeof head - done)) return false;
    done = sizeof head;
  }
  done -= sizeof head;
  if (!all(static_cast<const char*>(body) + done, size - done)) return false;
  constexpr std::array<char, 4096> kZeros{};
  for (uint64_t lack = head.body_size - size; lack > 0;) {
    const uint64_t part = std::min<uint64_t>(lack, kZeros.size());
    if (!all(kZeros.data(), part)) return false;
    lack -= part;
  }
  return true;
}

bool CarrierWriter::all(const void* bytes, uint64_t size) {
  const char* at = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t written = retry_eintr([&] { return write(fd_.get(), at, size); });
    if (written <= 0) return false;
    at += written;
    size -= static_cast<uint64_t>(written);
  }
  return true;
}

}  // namespace camstream
