// EVERY byte that producer and readers share, as docs/ring-format.md describes it.
//
// Little-endian, fixed-width integers. A change here is a change of the format: raise kMinor when
// old readers can go on (fields in reserved places), kMajor when they cannot.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ring/atomics.h"

namespace camstream {

constexpr char kMagic[8] = {'C', 'A', 'M', 'S', 'R', 'I', 'N', 'G'};
constexpr uint16_t kMajor = 1;
constexpr uint16_t kMinor = 0;
constexpr uint32_t kHeaderSize = 4096;
constexpr uint32_t kSlotHeaderSize = 128;
constexpr uint32_t kMaxSlots = 1024;
constexpr uint32_t kMaxPlanes = 4;
constexpr uint32_t kPageSize = 4096;

enum class RingState : uint32_t { kStarting = 0, kLive = 1, kStalled = 2, kClosed = 3, kPaused = 4 };
// ISO/IEC 23091-2 (H.273) code points, so that a stream can copy them into its SPS.
enum class Matrix : uint32_t { kRgb = 0, kBt709 = 1, kUnspecified = 2, kBt601 = 6, kBt2020 = 9 };
enum class Primaries : uint32_t { kBt709 = 1, kUnspecified = 2, kBt470bg = 5, kSmpte170m = 6, kBt2020 = 9 };
enum class Range : uint32_t { kUnspecified = 0, kLimited = 1, kFull = 2 };

// What a slot's `flags` say of its frame.
enum FrameFlag : uint32_t {
  kFrameCorrupt = 1u << 0,        // the driver flagged the buffer (V4L2_BUF_FLAG_ERROR), or a decoder did
  kFrameDiscontinuity = 1u << 1,  // the source was restarted before this frame
  kFrameEstimatedTime = 1u << 2,  // captured_ns is the dequeue time, not the driver's
};

struct PlaneLayout {
  uint64_t offset;  // bytes from the start of the slot's payload
  uint32_t stride;  // bytes from one row to the next
  uint32_t rows;

  bool operator==(const PlaneLayout&) const = default;
};
static_assert(sizeof(PlaneLayout) == 16);

// What a reader copies once and checks; written before the ring gets its name, then never again.
struct RingGeometry {
  char magic[8];
  uint16_t major;
  uint16_t minor;
  uint32_t header_size;
  uint8_t ring_id[16];  // random, new at each start
  uint32_t slot_count;
  uint32_t slot_header_size;
  uint64_t slot_headers_offset;
  uint64_t data_offset;
  uint64_t slot_stride;       // whole pages
  uint64_t payload_capacity;  // bytes a frame may have, <= slot_stride
  uint64_t file_size;
  uint32_t fourcc;  // V4L2 fourcc
  uint32_t width;
  uint32_t height;
  uint32_t plane_count;
  PlaneLayout planes[kMaxPlanes];
  uint32_t matrix;
  uint32_t primaries;
  uint32_t range;
  uint32_t rate_numerator;  // nominal frames per second = numerator / denominator
  uint32_t rate_denominator;
  uint32_t producer_pid;
  uint32_t lease_slots;  // L: leases promised in all
  uint32_t lease_quota;  // leases a member may hold at once
  uint64_t monotonic_ns;  // CLOCK_MONOTONIC and CLOCK_REALTIME of one moment: a time namespace
  uint64_t realtime_ns;   // shifts the first
  char name[64];          // zero-terminated
  uint32_t lease_timeout_ms;  // a lease held for longer may be revoked; 0: never
  uint32_t reserved;
};
static_assert(offsetof(RingGeometry, major) == 8);
static_assert(offsetof(RingGeometry, header_size) == 12);
static_assert(offsetof(RingGeometry, ring_id) == 16);
static_assert(offsetof(RingGeometry, slot_count) == 32);
static_assert(offsetof(RingGeometry, slot_header_size) == 36);
static_assert(offsetof(RingGeometry, slot_headers_offset) == 40);
static_assert(offsetof(RingGeometry, data_offset) == 48);
static_assert(offsetof(RingGeometry, slot_stride) == 56);
static_assert(offsetof(RingGeometry, payload_capacity) == 64);
static_assert(offsetof(RingGeometry, file_size) == 72);
static_assert(offsetof(RingGeometry, fourcc) == 80);
static_assert(offsetof(RingGeometry, width) == 84);
static_assert(offsetof(RingGeometry, height) == 88);
static_assert(offsetof(RingGeometry, plane_count) == 92);
static_assert(offsetof(RingGeometry, planes) == 96);
static_assert(offsetof(RingGeometry, matrix) == 160);
static_assert(offsetof(RingGeometry, primaries) == 164);
static_assert(offsetof(RingGeometry, range) == 168);
static_assert(offsetof(RingGeometry, rate_numerator) == 172);
static_assert(offsetof(RingGeometry, rate_denominator) == 176);
static_assert(offsetof(RingGeometry, producer_pid) == 180);
static_assert(offsetof(RingGeometry, lease_slots) == 184);
static_assert(offsetof(RingGeometry, lease_quota) == 188);
static_assert(offsetof(RingGeometry, monotonic_ns) == 192);
static_assert(offsetof(RingGeometry, realtime_ns) == 200);
static_assert(offsetof(RingGeometry, name) == 208);
static_assert(offsetof(RingGeometry, lease_timeout_ms) == 272);
static_assert(sizeof(RingGeometry) == 280);

// What changes while the ring lives. Each group has a cache line of its own.
struct RingLive {
  alignas(64) Atomic<uint32_t> state;  // RingState
  Atomic<uint32_t> state_reserved;
  Atomic<uint64_t> heartbeat_ns;       // CLOCK_MONOTONIC, every 200 ms
  alignas(64) Atomic<uint64_t> head;   // sequence << 16 | slot; 0 = nothing yet
  alignas(64) Atomic<uint32_t> wake;   // futex word for readers that have not registered
  alignas(64) Atomic<uint32_t> members;  // for people: as of the last heartbeat, by the service thread
  Atomic<uint32_t> leased;
  Atomic<uint64_t> revoked;
};

struct SlotHeader {
  alignas(64) Atomic<uint32_t> version;  // odd while it is being written
  Atomic<uint32_t> flags;                // FrameFlag
  Atomic<uint64_t> sequence;             // starts at 1; 0 = no frame here
  Atomic<uint64_t> captured_ns;          // CLOCK_MONOTONIC
  Atomic<uint64_t> published_ns;         // CLOCK_MONOTONIC
  Atomic<uint32_t> bytes_used;
  Atomic<uint32_t> dropped_before;       // frames lost between this one and the one before (driver, source)
  Atomic<uint32_t> source_sequence;      // the driver's own count, v4l2_buffer.sequence
  Atomic<uint32_t> reserved;
};

constexpr uint32_t kMaxMembers = 64;
constexpr uint32_t kMaxMembersPerUser = 16;
#if defined(CAMSTREAM_MODEL)
constexpr uint32_t kMaxQuota = 2;  // a model pays for every atomic
#else
constexpr uint32_t kMaxQuota = 64;
#endif
constexpr uint32_t kLeasePageSize = 4096;

// A member's own page: a memfd that only it and the producer have. The producer trusts nothing in it.
struct LeasePage {
  alignas(64) Atomic<uint32_t> wake;               // futex word of this member
  alignas(64) Atomic<uint64_t> words[kMaxQuota];   // generation << 16 | slot + 1; 0 = free
};
constexpr uint64_t kLeaseFree = 0;
constexpr uint64_t kLeaseRevoked = ~uint64_t{0};
constexpr uint64_t lease_word(uint64_t generation, uint32_t slot) { return generation << 16 | (slot + 1); }
// The slot a word names, or kMaxSlots and above for none; whoever wrote it is not to be trusted.
constexpr uint32_t leased_slot(uint64_t word) {
  if (word == kLeaseFree || word == kLeaseRevoked) return ~uint32_t{0};
  return static_cast<uint32_t>(word & 0xffff) - 1;
}

constexpr uint64_t head_of(uint64_t sequence, uint32_t slot) { return sequence << 16 | slot; }
constexpr uint64_t head_sequence(uint64_t head) { return head >> 16; }
constexpr uint32_t head_slot(uint64_t head) { return static_cast<uint32_t>(head & 0xffff); }

#if !defined(CAMSTREAM_MODEL)
constexpr size_t kLiveOffset = 512;
static_assert(offsetof(RingLive, state) == 0);
static_assert(offsetof(RingLive, heartbeat_ns) == 8);
static_assert(offsetof(RingLive, head) == 64);
static_assert(offsetof(RingLive, wake) == 128);
static_assert(offsetof(RingLive, members) == 192);
static_assert(offsetof(RingLive, leased) == 196);
static_assert(offsetof(RingLive, revoked) == 200);
static_assert(sizeof(RingGeometry) <= kLiveOffset && kLiveOffset + sizeof(RingLive) <= kHeaderSize);
static_assert(offsetof(SlotHeader, flags) == 4);
static_assert(offsetof(SlotHeader, sequence) == 8);
static_assert(offsetof(SlotHeader, captured_ns) == 16);
static_assert(offsetof(SlotHeader, published_ns) == 24);
static_assert(offsetof(SlotHeader, bytes_used) == 32);
static_assert(offsetof(SlotHeader, dropped_before) == 36);
static_assert(offsetof(SlotHeader, source_sequence) == 40);
static_assert(sizeof(SlotHeader) <= kSlotHeaderSize);
static_assert(offsetof(LeasePage, wake) == 0);
static_assert(offsetof(LeasePage, words) == 64);
static_assert(sizeof(LeasePage) <= kLeasePageSize);
#endif

// The message that comes with the two descriptors (ring file read-only, lease page) on joining.
struct JoinReply {
  char magic[8];
  uint16_t major;
  uint16_t minor;
  uint32_t status;  // 0 joined; otherwise JoinRefusal, and no descriptors come
  uint8_t ring_id[16];
  uint32_t quota;   // lease words the writer looks at; 0: all promised leases are taken
  uint32_t member;
};
static_assert(sizeof(JoinReply) == 40);
enum class JoinRefusal : uint32_t { kNone = 0, kTooManyMembers = 1, kTooManyForUser = 2, kNoMemory = 3 };

}  // namespace camstream
