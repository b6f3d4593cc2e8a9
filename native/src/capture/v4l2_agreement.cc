#include "capture/v4l2_agreement.h"

#include <algorithm>

#include "capture/v4l2_colour.h"
#include "pixels/jpeg_decoder.h"
#include "pixels/jpeg_huffman_tables.h"

namespace camstream {
namespace {

constexpr uint64_t next_page(uint64_t bytes) { return (bytes + kPageSize - 1) / kPageSize * kPageSize; }

bool has_three_planes(uint32_t fourcc) {
  return fourcc == V4L2_PIX_FMT_YUV420 || fourcc == V4L2_PIX_FMT_YVU420;
}

// bytesperline of one piece is the luma's; the chroma planes of YU12 have half of it, that of NV12 the same.
uint32_t stride_of(const DriverFormat& format, const FrameLayout& packed, uint32_t plane) {
  const bool own = format.memory_count > 1;
  uint32_t given = format.memory[own ? plane : 0].bytes_per_line;
  if (!own && plane > 0 && has_three_planes(packed.fourcc)) given /= 2;
  return std::max(packed.planes[plane].stride, given);
}

void place_known(const DriverFormat& format, const FrameLayout& packed, Agreement& agreement) {
  FrameLayout& layout = agreement.layout;
  layout = packed;
  uint64_t offset = 0;
  uint64_t needed = 0;
  for (uint32_t index = 0; index < layout.plane_count; ++index) {
    PlaneLayout& plane = layout.planes[index];
    const uint32_t width_bytes = plane.stride;
    plane.offset = offset;
    plane.stride = stride_of(format, packed, index);
    const uint64_t begin = format.memory_count > 1 ? offset : 0;
    needed = offset - begin + uint64_t{plane.stride} * (plane.rows - 1) + width_bytes;
    offset += uint64_t{plane.stride} * plane.rows;
    if (format.memory_count == 1) continue;
    const uint32_t size = std::max(format.memory[index].size, static_cast<uint32_t>(offset - begin));
    agreement.memory.push_back({begin, size, static_cast<uint32_t>(needed)});
    layout.payload_size = begin + size;
    offset = next_page(layout.payload_size);
  }
  if (format.memory_count > 1) return;
  layout.payload_size = std::max<uint64_t>(offset, format.memory[0].size);
  agreement.memory.push_back(
      {0, static_cast<uint32_t>(layout.payload_size), static_cast<uint32_t>(needed)});
}

void place_opaque(const DriverFormat& format, Agreement& agreement) {
  FrameLayout& layout = agreement.layout;
  layout = {};
  layout.width = format.width;
  layout.height = format.height;
  uint64_t offset = 0;
  for (uint32_t index = 0; index < std::min(format.memory_count, kMaxPlanes); ++index) {
    const DriverFormat::Memory& memory = format.memory[index];
    const uint32_t stride = memory.bytes_per_line ? memory.bytes_per_line : memory.size;
    const uint32_t rows = stride ? memory.size / stride : 0;
    // What is whole can be said of the rows of the picture alone: sizes are rounded up by many drivers.
    const uint64_t rows_bytes = uint64_t{stride} * std::min(rows, format.height);
    layout.planes[layout.plane_count++] = {offset, stride, rows};
    agreement.memory.push_back({offset, memory.size, static_cast<uint32_t>(rows_bytes)});
    layout.payload_size = offset + memory.size;
    offset = next_page(layout.payload_size);
  }
}

void set_colour(const DriverFormat& format, FrameLayout& layout) {
  const Colour colour = colour_of(format);
  layout.matrix = colour.matrix;
  layout.primaries = colour.primaries;
  layout.range = colour.range;
}

}  // namespace

Agreement raw_agreement(const DriverFormat& format) {
  Agreement agreement;
  const DriverCoding coding = coding_of(format.fourcc, false);
  const auto known = format_of_fourcc(coding.ring_fourcc);
  const FrameLayout packed = known ? packed_layout(*known, format.width, format.height) : FrameLayout{};
  const bool as_we_think = known && (format.memory_count == 1 || format.memory_count == packed.plane_count);
  if (as_we_think) {
    place_known(format, packed, agreement);
  } else {
    place_opaque(format, agreement);
  }
  agreement.layout.fourcc = as_we_think ? coding.ring_fourcc : format.fourcc;
  set_colour(format, agreement.layout);
  return agreement;
}

Agreement compressed_agreement(const DriverFormat& format, Coding coding) {
  Agreement agreement;
  // A driver that does not say how large its pictures get has room for raw ones.
  const uint32_t guess = format.width * format.height * 2;
  const uint32_t size = format.memory[0].size ? format.memory[0].size : guess;
  agreement.memory.push_back({0, size, 1});
  FrameLayout kept =
      compressed_layout(coding_of(format.fourcc, true).ring_fourcc, format.width, format.height, size);
  set_colour(format, kept);
  if (coding == Coding::kJpeg) {
    agreement.layout = decoded_jpeg_layout(format.width, format.height);
    agreement.layout.primaries = kept.primaries;
    kept.matrix = agreement.layout.matrix;
    kept.range = agreement.layout.range;
    kept.payload_size += kHuffmanTableBytes;
    agreement.track = kept;
  } else {
    agreement.layout = kept;
  }
  agreement.choice.mode.coding = coding;
  return agreement;
}

FrameLayout compressed_layout(uint32_t fourcc, uint32_t width, uint32_t height, uint64_t most_bytes) {
  FrameLayout layout;
  layout.fourcc = fourcc;
  layout.width = width;
  layout.height = height;
  layout.plane_count = 1;
  layout.payload_size = most_bytes;
  return layout;
}

}  // namespace camstream
