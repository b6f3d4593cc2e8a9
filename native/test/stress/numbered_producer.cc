#include "stress/numbered_producer.h"

#include <unistd.h>

#include <cstdio>

#include "base/clock.h"
#include "base/crash_point.h"
#include "stress/numbered_frame.h"
#include "support/process_facts.h"

namespace camstream {
namespace {

constexpr uint64_t kReportEvery = 64;

bool publish_numbered(RingHost& ring, ProducerReport& report) {
  const auto slot = ring.begin();
  if (!slot) {
    ++report.starved;
    return false;
  }
  const size_t size = ring.options().layout.payload_size;
  const uint64_t word = frame_word(static_cast<uint64_t>(getpid()), ring.status().published + 1);
  fill_words(ring.payload(*slot), size / 2, word);
  crash_point("half_written");
  fill_words(ring.payload(*slot) + size / 2, size - size / 2, word);
  FrameMeta meta;
  meta.bytes_used = static_cast<uint32_t>(size);
  const uint64_t sequence = ring.publish(*slot, meta);
  if (sequence == 1) {
    report.first_frame_ns = monotonic_ns();
    report.pid = static_cast<uint64_t>(getpid());
  }
  report.published = sequence;
  return true;
}

void tell(const RingHost& ring, ProducerReport& report) {
  const RingHostStatus status = ring.status();
  report.members = status.members;
  report.leased = status.leased;
  report.revoked = status.revoked;
  report.descriptors = open_descriptors("self");
  report.mappings = ring_mappings("self");
}

}  // namespace

RingHostOptions numbered_ring(const std::string& root) {
  RingHostOptions options;
  options.root = root;
  options.name = "camera";
  options.layout = packed_layout(PixelFormat::kGray8, 256, 128);
  options.layout.rate_numerator = 60;
  options.readers = 12;
  options.lease_timeout_ms = 5000;
  return options;
}

void run_numbered_producer(const RingHostOptions& options, uint32_t rate, ProducerReport& report) {
  while (true) {
    auto ring = RingHost::open(options);
    if (!ring) {
      std::fprintf(stderr, "%s: %s\n", ring.error().code.c_str(), ring.error().message.c_str());
      return;
    }
    (*ring)->set_state(RingState::kLive);
    for (uint64_t count = 0; !(*ring)->path_lost(); ++count) {
      publish_numbered(**ring, report);
      (*ring)->tick();
      if (count % kReportEvery == 0) tell(**ring, report);
      if (rate > 0) usleep(1'000'000 / rate);
    }
    ++report.rebuilt;
  }
}

}  // namespace camstream
