// The ring of a camera's compressed pictures (`camera-jpeg`, `camera-h264`), kept beside that of its raw
// ones: the same owner, state and care, and there only while the source has such pictures.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "capture/ring_keeper.h"
#include "capture/source.h"

namespace camstream {

struct TrackRing {
  TrackCodec codec = TrackCodec::kJpeg;
  std::shared_ptr<const SharedRing> ring;
};

class TrackKeeper {
 public:
  // `ring`: that of the raw pictures; the track's name is made from its name.
  explicit TrackKeeper(RingHostOptions ring) : options_(std::move(ring)) {}

  // Capture thread, as in RingKeeper. ensure() also closes the ring of a track that there is no more.
  Status ensure(const std::optional<Source::Track>& track);
  RingHost* host() const { return keeper_ ? keeper_->host() : nullptr; }
  bool needs_care() const { return keeper_ && keeper_->needs_care(); }
  bool restore() { return keeper_ && keeper_->restore(); }
  void set_state(RingState state);
  uint32_t look_after() { return keeper_ ? keeper_->look_after() : 0; }
  void close();

  // Any thread.
  std::vector<TrackRing> rings() const;

 private:
  RingHostOptions options_;
  TrackCodec codec_ = TrackCodec::kJpeg;
  std::unique_ptr<RingKeeper> keeper_;
  mutable std::mutex mutex_;
  std::vector<TrackRing> rings_;  // under mutex_
};

}  // namespace camstream
