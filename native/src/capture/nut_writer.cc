#include "capture/nut_writer.h"

#include <string_view>

namespace camstream {
namespace {

// Startcodes of docs/nut.txt. The main header's packet begins with the first, and so on.
constexpr uint64_t kMainStartcode = 0x4E4D7A561F5F04ADull;
constexpr uint64_t kStreamStartcode = 0x4E5311405BF2F9DBull;
constexpr uint64_t kSyncpointStartcode = 0x4E4BE4ADEECA4569ull;
constexpr uint64_t kInfoStartcode = 0x4E49AB68B596BA78ull;
constexpr std::string_view kFileId("nut/multimedia container\0", 25);

// Flags of a frame, as coded with each one.
constexpr uint64_t kKey = 1;
constexpr uint64_t kCodedTime = 8;
constexpr uint64_t kStreamId = 16;
constexpr uint64_t kCodedSize = 32;
constexpr uint64_t kChecksum = 64;
constexpr uint64_t kFlagsFollow = 4096;

constexpr uint64_t kVersion = 4;
constexpr uint64_t kMinorVersion = 0;
constexpr uint64_t kMainFlagPipe = 2;
constexpr uint64_t kMaxDistance = 65536;     // between a frame's header and a checksum: ours all have one
constexpr uint64_t kMicroseconds = 1000000;  // the one time base
constexpr uint64_t kTableLeft = 255;         // frame codes but 'N', which begins startcodes

// CRC-32 with polynomial 0x04C11DB7, most significant bit first, beginning with 0.
uint32_t checksum(const uint8_t* bytes, size_t count) {
  uint32_t crc = 0;
  for (size_t n = 0; n < count; ++n) {
    crc ^= uint32_t{bytes[n]} << 24;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ (crc & 0x80000000u ? 0x04C11DB7u : 0u);
  }
  return crc;
}

class Bytes {
 public:
  void byte(uint8_t value) { bytes_.push_back(value); }
  void text(std::string_view text) { bytes_.insert(bytes_.end(), text.begin(), text.end()); }
  void append(const Bytes& other) { bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end()); }
  void big_endian(uint64_t value, int width) {
    for (int n = width - 1; n >= 0; --n) byte(static_cast<uint8_t>(value >> (8 * n)));
  }
  // v: seven bits a byte, most significant first.
  void number(uint64_t value) {
    int more = 0;
    while (value >> (7 * (more + 1)) != 0) ++more;
    for (; more > 0; --more) byte(static_cast<uint8_t>(0x80 | ((value >> (7 * more)) & 0x7F)));
    byte(static_cast<uint8_t>(value & 0x7F));
  }
  // s: 0, 1, -1, 2, -2, ... as 0, 1, 2, 3, 4, ...
  void signed_number(int64_t value) {
    number(value > 0 ? 2 * static_cast<uint64_t>(value) - 1 : 2 * static_cast<uint64_t>(-value));
  }
  // vb: length and bytes.
  void string(std::string_view value) {
    number(value.size());
    text(value);
  }
  void seal(size_t from) { big_endian(checksum(bytes_.data() + from, bytes_.size() - from), 4); }
  size_t size() const { return bytes_.size(); }
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

constexpr size_t kChecksumBytes = 4;

// startcode | forward_ptr | content | checksum of the content. Ours are all shorter than 4096 bytes, from
// where on the first two would have a checksum of their own.
void packet(Bytes& out, uint64_t startcode, const Bytes& content) {
  out.big_endian(startcode, 8);
  out.number(content.size() + kChecksumBytes);
  const size_t begin = out.size();
  out.append(content);
  out.seal(begin);
}

Bytes main_header() {
  Bytes main;
  main.number(kVersion);
  main.number(kMinorVersion);
  main.number(1);  // streams
  main.number(kMaxDistance);
  main.number(1);  // time bases
  main.number(1);
  main.number(kMicroseconds);
  // One line for all frame codes: what a frame is like follows with each.
  main.number(kFlagsFollow);
  main.number(6);           // fields that follow
  main.signed_number(0);    // time
  main.number(1);           // multiplier of sizes
  main.number(0);           // stream
  main.number(0);           // size
  main.number(0);           // reserved
  main.number(kTableLeft);  // frame codes that are so
  main.number(0);           // elision headers
  main.number(kMainFlagPipe);
  return main;
}

Bytes stream_header(const FrameLayout& layout) {
  Bytes stream;
  stream.number(0);  // its id
  stream.number(0);  // video
  stream.string(*nut_fourcc(layout));
  stream.number(0);  // time base
  stream.number(0);  // bits of a short time: none, all times are whole
  stream.number(0);  // distance in time without a checksum
  stream.number(0);  // decode delay
  stream.number(0);  // flags
  stream.string("");
  stream.number(layout.width);
  stream.number(layout.height);
  stream.number(1);  // square pixels
  stream.number(1);
  stream.number(0);  // colour: ffmpeg is told nothing, so that it converts nothing
  return stream;
}

// Without it ffmpeg takes the time base for the rate, and a million frames a second for a level.
Bytes rate_info(FrameRate rate) {
  Bytes info;
  info.number(1);         // of stream 0
  info.signed_number(0);  // no chapter
  info.number(0);
  info.number(0);
  info.number(1);  // fields
  info.string("r_frame_rate");
  info.signed_number(-1);  // a text
  info.string(std::to_string(rate.numerator) + "/" + std::to_string(rate.denominator));
  return info;
}

Bytes syncpoint(uint64_t time_us) {
  Bytes sync;
  sync.number(time_us);  // times the number of time bases, 1, plus the index of this one, 0
  sync.number(0);        // nothing before it
  return sync;
}

}  // namespace

std::optional<const char*> nut_fourcc(const FrameLayout& layout) {
  if (layout.fourcc == fourcc('M', 'J', 'P', 'G')) return "MJPG";
  const auto format = format_of_fourcc(layout.fourcc);
  if (!format) return std::nullopt;
  const FrameLayout packed = packed_layout(*format, layout.width, layout.height);
  if (layout.planes != packed.planes) return std::nullopt;
  if (*format == PixelFormat::kI420) return "I420";
  if (*format == PixelFormat::kNv12) return "NV12";
  return std::nullopt;
}

std::vector<uint8_t> nut_header(const FrameLayout& layout, FrameRate rate, uint64_t first_us) {
  Bytes out;
  out.text(kFileId);
  packet(out, kMainStartcode, main_header());
  packet(out, kStreamStartcode, stream_header(layout));
  if (rate.numerator != 0) packet(out, kInfoStartcode, rate_info(rate));
  packet(out, kSyncpointStartcode, syncpoint(first_us));
  return out.take();
}

std::vector<uint8_t> nut_frame_header(uint64_t time_us, uint64_t bytes, bool first) {
  Bytes out;
  out.byte(0);  // frame code
  out.number(kFlagsFollow ^ (kCodedTime | kStreamId | kCodedSize | kChecksum | (first ? kKey : 0)));
  out.number(0);            // stream
  out.number(time_us + 1);  // 0 would be a short time of no bits
  out.number(bytes);
  out.seal(0);
  return out.take();
}

}  // namespace camstream
