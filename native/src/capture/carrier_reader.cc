#include "capture/carrier_reader.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/retry_eintr.h"
#include "base/system_error.h"
#include "capture/carrier_format.h"

namespace camstream {
namespace {

Error no_carrier(const std::string& found) {
  return {"GST_CARRIER", "wanted pictures from the GStreamer child, found " + found +
                             ". The pipeline is started anew; if this comes again, report it."};
}

}  // namespace

Result<CarrierReader::Got> CarrierReader::read(uint8_t* room) {
  for (;;) {
    if (!head_whole_) {
      const auto head = fill(reinterpret_cast<uint8_t*>(&head_), sizeof head_);
      if (!head) return head.error();
      if (*head == Filled::kNotYet) return Got::kNothing;
      if (*head == Filled::kClosed)
        return taken_ == 0 ? Result<Got>(Got::kClosed) : no_carrier("half a head");
      if (const auto wrong = wrong_head()) return *wrong;
      head_whole_ = true;
      taken_ = 0;
      text_.assign(is_frame() ? 0 : head_.body_size, '\0');
    }
    if (is_frame() && !dropping_ && room == nullptr) return Got::kNoRoom;
    const auto body = fill_body(room);
    if (!body) return body.error();
    if (*body == Filled::kNotYet) return Got::kNothing;
    if (*body == Filled::kClosed) return no_carrier("the end of the pipe inside a message");
    head_whole_ = false;
    taken_ = 0;
    if (std::exchange(dropping_, false)) continue;
    return finish();
  }
}

std::optional<Error> CarrierReader::wrong_head() const {
  if (head_.magic != kCarrierMagic) return no_carrier("other bytes");
  const uint64_t size = head_.body_size;
  switch (head_.kind) {
    case CarrierKind::kFormat:
      if (size == sizeof format_) return std::nullopt;
      break;
    case CarrierKind::kFrame:
      if (size > 0 && size == layout_.payload_size) return std::nullopt;
      break;
    case CarrierKind::kFault:
    case CarrierKind::kNotice:
      if (size <= kMostCarrierText) return std::nullopt;
      break;
    case CarrierKind::kEnd:
      if (size == 0) return std::nullopt;
      break;
    default: return no_carrier("a message of kind " + std::to_string(static_cast<uint32_t>(head_.kind)));
  }
  return no_carrier("a message of " + std::to_string(size) + " bytes where pictures have " +
                    std::to_string(layout_.payload_size));
}

Result<CarrierReader::Filled> CarrierReader::fill_body(uint8_t* room) {
  if (dropping_) return skip(head_.body_size);
  if (head_.kind == CarrierKind::kFrame) return fill(room, head_.body_size);
  if (head_.kind == CarrierKind::kFormat) return fill(reinterpret_cast<uint8_t*>(&format_), sizeof format_);
  return fill(reinterpret_cast<uint8_t*>(text_.data()), head_.body_size);
}

Result<CarrierReader::Filled> CarrierReader::fill(uint8_t* into, uint64_t size) {
  while (taken_ < size) {
    const ssize_t got = retry_eintr([&] { return ::read(fd_, into + taken_, size - taken_); });
    if (got == 0) return Filled::kClosed;
    if (got < 0 && errno == EAGAIN) return Filled::kNotYet;
    if (got < 0) return system_error("GST_SYSTEM", "the pipe from the GStreamer child failed");
    taken_ += static_cast<uint64_t>(got);
  }
  return Filled::kWhole;
}

Result<CarrierReader::Filled> CarrierReader::skip(uint64_t size) {
  std::array<uint8_t, 65536> nowhere;
  while (taken_ < size) {
    const uint64_t before = taken_;
    taken_ = 0;
    const uint64_t part = std::min<uint64_t>(size - before, nowhere.size());
    const auto filled = fill(nowhere.data(), part);
    taken_ += before;
    if (!filled || *filled != Filled::kWhole) return filled;
  }
  return Filled::kWhole;
}

Result<CarrierReader::Got> CarrierReader::finish() {
  switch (head_.kind) {
    case CarrierKind::kFrame: return Got::kFrame;
    case CarrierKind::kFault: return Got::kFault;
    case CarrierKind::kNotice: return Got::kNotice;
    case CarrierKind::kEnd: return Got::kEnd;
    case CarrierKind::kFormat: break;
  }
  const auto layout = layout_of(format_);
  if (!layout) return no_carrier("the description of a picture that there cannot be");
  layout_ = *layout;
  return Got::kFormat;
}

}  // namespace camstream
