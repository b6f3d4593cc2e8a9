#include "pixels/jpeg_structure.h"

#include <array>
#include <cstring>
#include <optional>

namespace camstream {
namespace {

// The second byte of a marker.
constexpr uint8_t kSof0 = 0xc0, kSof1 = 0xc1, kSof2 = 0xc2;  // baseline, extended, progressive
constexpr uint8_t kDht = 0xc4, kJpg = 0xc8, kDac = 0xcc;
constexpr uint8_t kRst0 = 0xd0, kRst7 = 0xd7, kSoi = 0xd8, kEoi = 0xd9, kSos = 0xda, kDqt = 0xdb;
constexpr uint8_t kDri = 0xdd, kApp0 = 0xe0, kApp15 = 0xef, kCom = 0xfe;

constexpr uint32_t kMostComponents = 3;

bool is_frame_header(uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != kDht && marker != kJpg && marker != kDac;
}

// Those that may stand in a picture, SOI, EOI and restarts aside.
bool begins_segment(uint8_t marker) {
  return is_frame_header(marker) || marker == kDht || marker == kDqt || marker == kSos || marker == kDri ||
         marker == kCom || (marker >= kApp0 && marker <= kApp15);
}

struct Component {
  uint8_t id;
  uint8_t quantization;
};

// One segment's bytes behind its length, read from front to back.
class Segment {
 public:
  Segment(const uint8_t* data, size_t size) : data_(data), left_(size) {}

  size_t left() const { return left_; }
  bool skip(size_t count) {
    if (count > left_) return false;
    data_ += count;
    left_ -= count;
    return true;
  }
  std::optional<uint8_t> byte() {
    if (left_ == 0) return std::nullopt;
    --left_;
    return *data_++;
  }

 private:
  const uint8_t* data_;
  size_t left_;
};

class Inspection {
 public:
  Inspection(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  JpegStructure run() {
    found_.fault = walk();
    return found_;
  }

 private:
  JpegFault walk() {
    if (size_ < 4 || data_[0] != 0xff || data_[1] != kSoi) return JpegFault::kNoStart;
    at_ = 2;
    for (;;) {
      const auto marker = next_marker();
      if (!marker) return at_ >= size_ ? JpegFault::kTruncated : JpegFault::kMarker;
      if (*marker == kEoi) {
        found_.size = at_;
        return found_.scan ? JpegFault::kNone : JpegFault::kTruncated;
      }
      if (!begins_segment(*marker)) return JpegFault::kMarker;
      const size_t begin = at_ - 2;
      if (size_ - at_ < 2) return JpegFault::kTruncated;
      const size_t length = size_t{data_[at_]} << 8 | data_[at_ + 1];
      if (length < 2) return JpegFault::kMarker;
      if (length > size_ - at_) return JpegFault::kTruncated;
      const JpegFault fault = segment(*marker, Segment(data_ + at_ + 2, length - 2));
      if (fault != JpegFault::kNone) return fault;
      at_ += length;
      if (*marker != kSos) continue;
      if (!found_.scan) found_.scan = begin;
      skip_entropy_coded();
    }
  }

  // At a marker, which may have fill bytes before it.
  std::optional<uint8_t> next_marker() {
    if (at_ >= size_ || data_[at_] != 0xff) return std::nullopt;
    while (at_ < size_ && data_[at_] == 0xff) ++at_;
    if (at_ >= size_) return std::nullopt;
    return data_[at_++];
  }

  // Up to the next marker that is no restart, or to the end.
  void skip_entropy_coded() {
    while (at_ < size_) {
      const void* found = std::memchr(data_ + at_, 0xff, size_ - at_);
      if (!found) break;
      const size_t here = static_cast<size_t>(static_cast<const uint8_t*>(found) - data_);
      if (here + 1 >= size_) break;
      const uint8_t next = data_[here + 1];
      if (next != 0 && next != 0xff && (next < kRst0 || next > kRst7)) {
        at_ = here;
        return;
      }
      at_ = here + (next == 0xff ? 1 : 2);
    }
    at_ = size_;
  }

  JpegFault segment(uint8_t marker, Segment body) {
    if (marker == kDqt) return quantization_tables(body);
    if (marker == kDht) return huffman_tables(body);
    if (marker == kSos) return scan(body);
    return is_frame_header(marker) ? frame(marker, body) : JpegFault::kNone;
  }

  JpegFault quantization_tables(Segment body) {
    while (body.left() > 0) {
      const uint8_t head = *body.byte();
      if (head >> 4 > 1 || (head & 15) > 3) return JpegFault::kMarker;
      if (!body.skip(64u << (head >> 4))) return JpegFault::kMarker;
      quantization_ |= 1u << (head & 15);
    }
    return JpegFault::kNone;
  }

  JpegFault huffman_tables(Segment body) {
    while (body.left() > 0) {
      const uint8_t head = *body.byte();
      if (head >> 4 > 1 || (head & 15) > 3) return JpegFault::kMarker;
      size_t symbols = 0;
      for (int bits = 1; bits <= 16; ++bits) {
        const auto count = body.byte();
        if (!count) return JpegFault::kMarker;
        symbols += *count;
      }
      if (symbols > 256 || !body.skip(symbols)) return JpegFault::kMarker;
      (head >> 4 ? ac_ : dc_) |= 1u << (head & 15);
      if (!found_.scan) found_.has_huffman_tables = true;
    }
    return JpegFault::kNone;
  }

  JpegFault frame(uint8_t marker, Segment body) {
    if (marker != kSof0 && marker != kSof1 && marker != kSof2) return JpegFault::kCoding;
    if (component_count_ != 0 || body.left() < 6) return JpegFault::kMarker;
    progressive_ = marker == kSof2;
    if (*body.byte() != 8) return JpegFault::kCoding;
    found_.height = word(body);
    found_.width = word(body);
    const uint8_t count = *body.byte();
    if (count != 1 && count != kMostComponents) return JpegFault::kCoding;
    if (body.left() != size_t{3} * count || found_.width == 0 || found_.height == 0) {
      return JpegFault::kMarker;
    }
    for (uint32_t index = 0; index < count; ++index) {
      const uint8_t id = *body.byte();
      body.skip(1);
      components_[index] = {id, *body.byte()};
      if (components_[index].quantization > 3) return JpegFault::kMarker;
    }
    component_count_ = count;
    return JpegFault::kNone;
  }

  // A decoder keeps the tables of the picture before: what this one does not bring would be decoded with
  // those.
  JpegFault scan(Segment body) {
    const auto count = body.byte();
    if (component_count_ == 0 || !count || *count == 0 || *count > component_count_)
      return JpegFault::kMarker;
    if (body.left() != size_t{2} * *count + 3) return JpegFault::kMarker;
    const bool standard = !progressive_ && dc_ == 0 && ac_ == 0;
    std::array<uint8_t, kMostComponents> tables{};
    for (uint32_t index = 0; index < *count; ++index) {
      const Component* component = find(*body.byte());
      if (!component) return JpegFault::kMarker;
      if (!(quantization_ >> component->quantization & 1)) return JpegFault::kTables;
      tables[index] = *body.byte();
    }
    const bool first_band = *body.byte() == 0;
    const bool more_bands = *body.byte() != 0;
    const bool refines = *body.byte() >> 4 != 0;
    for (uint32_t index = 0; index < *count; ++index) {
      const uint8_t dc = tables[index] >> 4, ac = tables[index] & 15;
      if (dc > 3 || ac > 3) return JpegFault::kMarker;
      if (standard && (dc > 1 || ac > 1)) return JpegFault::kTables;
      if (standard) continue;
      if (first_band && !refines && !(dc_ >> dc & 1)) return JpegFault::kTables;
      if (more_bands && !(ac_ >> ac & 1)) return JpegFault::kTables;
    }
    return JpegFault::kNone;
  }

  const Component* find(uint8_t id) const {
    for (uint32_t index = 0; index < component_count_; ++index) {
      if (components_[index].id == id) return &components_[index];
    }
    return nullptr;
  }

  static uint32_t word(Segment& body) {
    const uint32_t high = *body.byte();
    return high << 8 | *body.byte();
  }

  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
  JpegStructure found_;
  bool progressive_ = false;
  uint32_t component_count_ = 0;
  std::array<Component, kMostComponents> components_{};
  uint32_t quantization_ = 0;  // tables that it has brought so far, a bit each
  uint32_t dc_ = 0;
  uint32_t ac_ = 0;
};

}  // namespace

JpegStructure inspect_jpeg(const uint8_t* data, size_t size) { return Inspection(data, size).run(); }

const char* text_of(JpegFault fault) {
  switch (fault) {
    case JpegFault::kNone: return "it is whole";
    case JpegFault::kNoStart: return "it does not begin as a JPEG";
    case JpegFault::kMarker: return "its headers are damaged";
    case JpegFault::kCoding: return "it is of a kind of JPEG that cameras do not give";
    case JpegFault::kTables: return "it lacks a table";
    case JpegFault::kTruncated: return "it is cut off";
  }
  return "";
}

}  // namespace camstream
