#include "capture/track_keeper.h"

namespace camstream {
namespace {

const char* suffix_of(TrackCodec codec) { return codec == TrackCodec::kJpeg ? "-jpeg" : "-h264"; }

}  // namespace

Status TrackKeeper::ensure(const std::optional<Source::Track>& track) {
  if (keeper_ && (!track || track->codec != codec_)) close();
  if (!track) return ok();
  if (!keeper_) {
    RingHostOptions options = options_;
    options.name += suffix_of(track->codec);
    options.local_leases = 0;  // nobody converts what is compressed
    codec_ = track->codec;
    keeper_ = std::make_unique<RingKeeper>(options);
  }
  const auto kept = keeper_->ensure(track->layout, track->queue);
  if (!kept) return kept.error();
  const std::lock_guard lock(mutex_);
  rings_.assign(1, {codec_, keeper_->ring()});
  return ok();
}

void TrackKeeper::set_state(RingState state) {
  if (keeper_) keeper_->set_state(state);
}

void TrackKeeper::close() {
  if (!keeper_) return;
  {
    const std::lock_guard lock(mutex_);
    rings_.clear();
  }
  keeper_->close();
  keeper_.reset();
}

std::vector<TrackRing> TrackKeeper::rings() const {
  const std::lock_guard lock(mutex_);
  return rings_;
}

}  // namespace camstream
