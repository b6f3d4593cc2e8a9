// A camera's JPEGs on their way into two rings: the track, as they are, and the raw pictures.
//
//   slot of the track -> inspected, tables added -> decoder -> slot of the raw ring -> both published
//
// What is damaged is in neither ring. Pictures are published in their order. If they come faster than they
// are decoded, one waits, the newest, in place of those before it.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "capture/decode_pool.h"
#include "capture/decoder_choice.h"
#include "capture/source_counters.h"
#include "ring/ring_host.h"

namespace camstream {

// Slots that one path holds at once: of the raw ring, and of the track (one waits, one is being filled).
inline uint32_t jpeg_picture_slots() { return decode_threads(); }
inline uint32_t jpeg_track_slots() { return decode_threads() + 2; }

// Capture thread only.
class JpegPath {
 public:
  // The rings stay until this is gone.
  JpegPath(RingHost& pictures, RingHost& track, DecoderChoice& decoders, SourceCounters& counters);
  ~JpegPath();  // what is under way is finished and thrown away

  // Errors: those of DecoderChoice::start().
  Status start();

  // A slot of the track with a picture as the driver gave it, meta.bytes_used long; the slot is ours now.
  // Error: RING_NO_SLOT.
  Status give(uint32_t slot, const FrameMeta& meta);
  // Readable when publish() has something to do.
  int ready() const { return decoder_->ready(); }
  // Publishes the oldest picture if it is decoded; false: it is not yet, or was damaged. Error: RING_NO_SLOT,
  // for the one that waits.
  Result<bool> publish();

  // Why the last damaged picture was dropped; empty: none was.
  const std::string& damage() const { return damage_; }

 private:
  // Pictures that were lost, and what the next one has to say of them.
  class Lost {
   public:
    void add(const FrameMeta& lost) {
      frames_ += 1u + lost.dropped_before;
      flags_ |= lost.flags & kFrameDiscontinuity;
    }
    void tell(FrameMeta& next) {
      next.dropped_before += std::exchange(frames_, 0);
      next.flags |= std::exchange(flags_, 0);
    }

   private:
    uint32_t frames_ = 0;
    uint32_t flags_ = 0;
  };
  struct Picture {
    uint32_t track_slot = 0;
    uint32_t slot = 0;  // of the raw ring
    FrameMeta meta;
  };
  std::string prepare(Picture& picture) const;
  Status decode_waiting();
  void count_damaged(const std::string& why);

  RingHost& pictures_;
  RingHost& track_;
  DecoderChoice& decoders_;
  SourceCounters& counters_;
  std::unique_ptr<PictureDecoder> decoder_;  // after start()
  std::deque<Picture> decoding_;             // in the decoder's order
  std::optional<Picture> waiting_;
  Lost before_decoding_;
  Lost before_publishing_;
  std::string damage_;
};

}  // namespace camstream
