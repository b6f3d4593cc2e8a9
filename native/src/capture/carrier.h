// How pictures travel from a child program to us through a pipe: what native/src/gstreamer writes and
// CarrierReader reads. Both come from one build, so numbers are as the machine has them.
//
//   head, body; head, body ...     A format comes before the first frame, and again whenever it changes.
//
//   kFormat   body: CarrierFormat
//   kFrame    body: the picture as the last format says; head: its time, number and flags
//   kFault    body: what is at fault (elements, comma between them), a line feed, GStreamer's own words
//   kNotice   body: words for people; the pictures go on
//   kEnd      no body: the pipeline came to its end
#pragma once

#include <cstdint>

#include "pixels/pixel_format.h"

namespace camstream {

enum class CarrierKind : uint32_t { kFormat = 1, kFrame, kFault, kNotice, kEnd };

// What went wrong with a pipeline, in `flags` of a kFault.
enum class GstFault : uint32_t {
  kNoLibrary = 1,  // GStreamer itself is not installed
  kSyntax,         // the text is no pipeline
  kNoElement,      // an element (or, found out later, a decoder) is not installed
  kNotLinked,      // two elements do not fit; most often the end gives no raw video
  kNotNegotiated,  // they fit, but not in size, rate or format
  kInterlaced,
  kFailed,  // anything else, while it ran
};

constexpr uint32_t kCarrierMagic = 0x31474343;  // "CCG1"
constexpr uint32_t kMostCarrierText = 4096;

enum CarrierFrameFlag : uint32_t {
  kCarrierCorrupt = 1u << 0,  // GStreamer's own flag: a decoder or driver doubts the picture
  kCarrierNoTime = 1u << 1,   // the buffer had no time: `captured_ns` is when it came
};

constexpr uint64_t kNoCarrierNumber = ~uint64_t{0};

struct CarrierHead {
  uint32_t magic = kCarrierMagic;
  CarrierKind kind = CarrierKind::kEnd;
  uint64_t body_size = 0;
  uint64_t captured_ns = 0;            // kFrame: CLOCK_MONOTONIC
  uint64_t number = kNoCarrierNumber;  // kFrame: the source's own count, where it has one
  uint32_t flags = 0;                  // kFrame: CarrierFrameFlag; kFault: GstFault
  uint32_t reserved = 0;
};
static_assert(sizeof(CarrierHead) == 40);

struct CarrierFormat {
  uint32_t fourcc;  // one of PixelFormat
  uint32_t width;
  uint32_t height;
  uint32_t plane_count;
  PlaneLayout planes[kMaxPlanes];
  uint64_t payload_size;
  uint32_t matrix;
  uint32_t primaries;
  uint32_t range;
  uint32_t rate_numerator;  // 0: unknown, or not a fixed one
  uint32_t rate_denominator;
  uint32_t reserved;
};
static_assert(sizeof(CarrierFormat) == 112);

}  // namespace camstream
