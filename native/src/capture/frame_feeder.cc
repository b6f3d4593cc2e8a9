#include "capture/frame_feeder.h"

#include <chrono>

#include "base/clock.h"
#include "capture/nut_writer.h"

namespace camstream {
namespace {

constexpr uint32_t kSliceMs = 50;   // how soon a stop is noticed
constexpr size_t kLeastLent = 1 << 19;  // smaller ones are cheap to copy, and some of them may queue
constexpr uint64_t kApartUs = 1000; // FLV counts milliseconds: two frames in one could not be told apart

FrameRate rate_of(const FrameLayout& layout) { return {layout.rate_numerator, layout.rate_denominator}; }

FrameRate slower_of(FrameRate wanted, FrameRate source) {
  if (wanted.numerator == 0) return source;
  return source.numerator == 0 || wanted.hertz() < source.hertz() ? wanted : source;
}

// Everything but the rate, which is only nominal.
bool same_pictures(FrameLayout a, const FrameLayout& b) {
  a.rate_numerator = b.rate_numerator;
  a.rate_denominator = b.rate_denominator;
  return a == b;
}

Status torn() {
  return Error{"FEED_TORN", "A frame was taken away from an encoder that did not read it in time."};
}

uint32_t flv_ms(uint64_t time_us) { return static_cast<uint32_t>((time_us + 500) / 1000) & 0x7FFFFFFF; }

}  // namespace

FrameFeeder::FrameFeeder(std::shared_ptr<const SharedRing> source, const FeedRequest& request, Began began,
                         Over over)
    : source_(std::move(source)),
      grid_ns_(request.grid_ns),
      began_(std::move(began)),
      over_(std::move(over)),
      rate_(request.rate),
      since_ns_(monotonic_ns()) {
  Status up = pipe_.open();
  if (up) up = thread_.start("feeder", [this] { run(); });
  if (!up) over_(up.error());
}

FrameFeeder::~FrameFeeder() = default;

void FrameFeeder::set_rate(FrameRate rate) {
  const std::lock_guard lock(mutex_);
  rate_ = rate;
  rate_changed_ = true;
}

FrameRate FrameFeeder::rate() const {
  const std::lock_guard lock(mutex_);
  return rate_;
}

void FrameFeeder::run() {
  Status going = ok();
  while (going && !stopping()) going = step();
  pipe_.close();  // the child's end of file
  picker_.reset();
  if (!going) over_(going.error());
}

Status FrameFeeder::step() {
  if (in_pipe_) return wait_until_read();
  if (picker_ && (picker_->closed() || rate_changed_.exchange(false))) {
    seen_ = picker_->seen();
    picker_.reset();
  }
  if (!picker_) return attach();
  picker_->wait(kSliceMs);
  if (fed_.full()) {  // wakes up again with the next frame
    thread_.wait(1);
    return ok();
  }
  auto picked = picker_->pick();
  return picked ? feed(*picked) : ok();
}

Status FrameFeeder::attach() {
  if (source_->finished()) return Error{"FEED_SOURCE_GONE", "The ring to encode from was closed."};
  auto attachment = source_->attach(0, std::chrono::milliseconds(kSliceMs));
  if (attachment.generation == 0) return ok();  // being rebuilt
  if (!attachment.reader) {
    return Error{"FEED_SYSTEM", "The ring to encode from has no place for another encoder."};
  }
  const FrameLayout& layout = attachment.layout;
  if (!nut_fourcc(layout)) {
    return Error{"FEED_FORMAT", "Encoders are fed with i420 or nv12 without padding; the ring has " +
                                    std::to_string(layout.width) + "x" + std::to_string(layout.height) + " " +
                                    std::string(name_of(static_cast<PixelFormat>(layout.fourcc))) + "."};
  }
  if (start_ && !same_pictures(layout_, layout)) {
    return Error{"FEED_LAYOUT", "The pictures have another size or other colours now."};
  }
  layout_ = layout;
  if (attachment.generation != generation_) {
    generation_ = attachment.generation;
    seen_ = 0;
  }
  picker_.emplace(std::move(attachment.reader), seen_, FramePicker::Rates{rate(), rate_of(layout)},
                  counters_.picked);
  return ok();
}

Status FrameFeeder::feed(FramePicker::Picked& picked) {
  const FrameMeta meta = picked.frame.meta;
  // What was published before anybody looked may be old.
  const bool stale = meta.published_ns < since_ns_;
  const bool too_close = last_us_ && (meta.captured_ns < start_->epoch_ns ||
                                      (meta.captured_ns - start_->epoch_ns) / 1000 < *last_us_ + kApartUs);
  if (stale || too_close) {
    picker_->release(picked);
    if (too_close) counters_.picked.missed += 1;
    return ok();
  }
  const size_t bytes = packed_layout(static_cast<PixelFormat>(layout_.fourcc), layout_.width, layout_.height)
                           .payload_size;
  const uint8_t* payload = picker_->payload(picked);
  const bool leased = picked.frame.lease >= 0;
  if (!leased) {
    // Half of it may be in the pipe when the writer comes by: only a whole copy is sure to be this frame.
    copy_.assign(payload, payload + bytes);
    payload = copy_.data();
    if (!picker_->release(picked)) return ok();
  }
  if (leased && bytes >= kLeastLent) {
    in_pipe_ = picked;
    return write_frame(meta, payload, bytes, FramePipe::By::kLoan);
  }
  const Status written = write_frame(meta, payload, bytes, FramePipe::By::kCopy);
  if (leased && !picker_->release(picked) && written) return torn();
  return written;
}

// The child reads a leased frame out of its slot: the slot is not given back before.
Status FrameFeeder::wait_until_read() {
  const auto left = pipe_.left();
  if (!left) return left.error();
  if (*left > 0) {
    thread_.wait(1);
    return ok();
  }
  FramePicker::Picked read = *std::exchange(in_pipe_, std::nullopt);
  return picker_->release(read) ? ok() : torn();
}

Status FrameFeeder::write_frame(const FrameMeta& meta, const uint8_t* payload, size_t bytes,
                                FramePipe::By by) {
  const bool first = !start_;
  if (first) begin(meta);
  const uint64_t time_us = (meta.captured_ns - start_->epoch_ns) / 1000;
  std::vector<uint8_t> head;
  if (first) head = nut_header(layout_, start_->rate, time_us);
  const auto frame_header = nut_frame_header(time_us, bytes, first);
  head.insert(head.end(), frame_header.begin(), frame_header.end());
  last_us_ = time_us;
  const uint64_t now_ns = monotonic_ns();
  fed_.add({meta.sequence, meta.captured_ns, now_ns, flv_ms(time_us)});
  counters_.fed += 1;
  counters_.writing_since_ns = now_ns;
  Status written = write_all(head.data(), head.size(), FramePipe::By::kCopy);
  if (written) written = write_all(payload, bytes, by);
  counters_.writing_since_ns = 0;
  counters_.loans_refused = !pipe_.lends();
  return written;
}

void FrameFeeder::begin(const FrameMeta& meta) {
  start_ = FeedStart{layout_, slower_of(rate(), rate_of(layout_)), meta.captured_ns,
                     meta.captured_ns - meta.captured_ns % grid_ns_};
  began_(*start_);
}

Status FrameFeeder::write_all(const uint8_t* bytes, size_t count, FramePipe::By by) {
  while (count > 0 && !stopping()) {
    const auto put = pipe_.put(bytes, count, by, static_cast<int>(kSliceMs));
    if (!put) return put.error();
    bytes += *put;
    count -= *put;
  }
  return ok();
}

}  // namespace camstream
