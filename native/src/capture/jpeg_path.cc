#include "capture/jpeg_path.h"

#include <utility>

#include "pixels/jpeg_huffman_tables.h"

namespace camstream {
JpegPath::JpegPath(RingHost& pictures, RingHost& track, DecoderChoice& decoders, SourceCounters& counters)
    : pictures_(pictures), track_(track), decoders_(decoders), counters_(counters) {}

JpegPath::~JpegPath() {
  while (decoder_ && decoder_->wait()) continue;
  for (const Picture& picture : decoding_) {
    pictures_.cancel_dirty(picture.slot);
    track_.cancel_dirty(picture.track_slot);
  }
  if (waiting_) track_.cancel_dirty(waiting_->track_slot);
}

Status JpegPath::start() {
  auto decoder = decoders_.start(pictures_.options().layout);
  if (!decoder) return decoder.error();
  decoder_ = std::move(*decoder);
  return ok();
}

Status JpegPath::give(uint32_t slot, const FrameMeta& meta) {
  Picture picture{.track_slot = slot, .meta = meta};
  if (const std::string why = prepare(picture); !why.empty()) {
    track_.cancel_dirty(slot);
    before_decoding_.add(meta);
    count_damaged(why);
    return ok();
  }
  if (waiting_) {
    track_.cancel_dirty(waiting_->track_slot);
    before_decoding_.add(waiting_->meta);
    count(counters_.dropped);
  }
  before_decoding_.tell(picture.meta);
  waiting_ = picture;
  return decode_waiting();
}

Result<bool> JpegPath::publish() {
  const std::optional<Status> decoded = decoder_->take();
  if (!decoded) return false;
  Picture picture = decoding_.front();
  decoding_.pop_front();
  if (*decoded) {
    FrameMeta& meta = picture.meta;
    before_publishing_.tell(meta);
    track_.publish(picture.track_slot, meta);
    meta.bytes_used = static_cast<uint32_t>(pictures_.options().layout.payload_size);
    pictures_.publish(picture.slot, meta);
  } else {
    track_.cancel_dirty(picture.track_slot);
    pictures_.cancel_dirty(picture.slot);
    before_publishing_.add(picture.meta);
    count_damaged(decoded->error().message);
  }
  if (const auto failed = decoder_->failure(); failed && decoding_.empty()) {
    decoders_.refuse(*failed);
    if (Status other = start(); !other) return other.error();
  }
  if (Status next = decode_waiting(); !next) return next.error();
  return static_cast<bool>(*decoded);
}

// Makes of the driver's bytes what others can read; what is wrong with them otherwise.
std::string JpegPath::prepare(Picture& picture) const {
  uint8_t* const bytes = track_.payload(picture.track_slot);
  const FrameLayout& wanted = pictures_.options().layout;
  const JpegStructure found = inspect_jpeg(bytes, picture.meta.bytes_used);
  if (picture.meta.flags & kFrameCorrupt) return "the driver says that it is damaged";
  if (found.fault != JpegFault::kNone) return text_of(found.fault);
  if (found.width != wanted.width || found.height != wanted.height) {
    return "it is " + std::to_string(found.width) + "x" + std::to_string(found.height) + " and not " +
           std::to_string(wanted.width) + "x" + std::to_string(wanted.height);
  }
  const size_t room = track_.options().layout.payload_size;
  const size_t size = found.has_huffman_tables ? found.size : add_huffman_tables(bytes, found, room);
  picture.meta.bytes_used = static_cast<uint32_t>(size);
  return size > 0 ? "" : "it is larger than the driver's buffers";
}

Status JpegPath::decode_waiting() {
  if (!waiting_ || !decoder_->room()) return ok();
  const auto slot = pictures_.begin();
  if (!slot) return Error{"RING_NO_SLOT", "No slot of the ring is free for the next frame."};
  waiting_->slot = *slot;
  decoder_->give({track_.payload(waiting_->track_slot), waiting_->meta.bytes_used, pictures_.payload(*slot)});
  decoding_.push_back(*std::exchange(waiting_, std::nullopt));
  return ok();
}

void JpegPath::count_damaged(const std::string& why) {
  count(counters_.corrupt);
  count(counters_.dropped);
  damage_ = why;
}

}  // namespace camstream
