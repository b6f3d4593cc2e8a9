#include "capture/file_source.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>

#include "base/clock.h"
#include "base/retry_eintr.h"
#include "base/system_error.h"
#include "capture/child_process.h"
#include "capture/file_probe.h"

namespace camstream {
namespace {

constexpr uint32_t kMaxSide = 8192;
constexpr uint64_t kSilenceNs = 10'000'000'000;  // ffmpeg that says nothing for as long is stuck
constexpr uint32_t kLeavingMs = 1000;            // from the end of its output to ffmpeg's own
constexpr uint64_t kLateNs = 500'000'000;        // further behind is not made up for

struct FfmpegFormat {
  PixelFormat format;
  const char* name;
};
constexpr std::array<FfmpegFormat, 9> kFfmpegFormats{{
    {PixelFormat::kYuyv, "yuyv422"},
    {PixelFormat::kUyvy, "uyvy422"},
    {PixelFormat::kNv12, "nv12"},
    {PixelFormat::kNv21, "nv21"},
    {PixelFormat::kI420, "yuv420p"},
    {PixelFormat::kI420, "yuvj420p"},
    {PixelFormat::kRgb24, "rgb24"},
    {PixelFormat::kBgr24, "bgr24"},
    {PixelFormat::kGray8, "gray"},
}};

PixelFormat format_of_file(const std::string& pixels) {
  for (const auto& entry : kFfmpegFormats) {
    if (pixels == entry.name) return entry.format;
  }
  return PixelFormat::kI420;
}

const char* ffmpeg_name(PixelFormat format) {
  for (const auto& entry : kFfmpegFormats) {
    if (entry.format == format) return entry.name;
  }
  return "";
}

const char* matrix_name(Matrix matrix) {
  switch (matrix) {
    case Matrix::kBt709: return "bt709";
    case Matrix::kBt2020: return "bt2020";
    default: return "bt601";
  }
}

const char* range_name(Range range) { return range == Range::kFull ? "pc" : "tv"; }

// Ours in, ours out: a picture keeps its matrix and range; RGB becomes BT.601, limited.
FrameLayout layout_of(const FileProbe& probe, const FileOptions& options) {
  const PixelFormat format = options.format.value_or(format_of_file(probe.pixels));
  FrameLayout layout = packed_layout(format, options.width ? options.width : probe.width,
                                     options.height ? options.height : probe.height);
  const FrameRate rate = options.rate.numerator ? options.rate : probe.rate;
  layout.rate_numerator = rate.numerator;
  layout.rate_denominator = rate.denominator;
  layout.primaries = probe.primaries;
  if (is_rgb(format)) return layout;
  layout.matrix = probe.rgb ? Matrix::kBt601 : probe.matrix;
  layout.range = probe.rgb ? Range::kLimited : probe.range;
  return layout;
}

// What ffmpeg is told, so that it converts nothing by guess.
std::string filters_of(const FileProbe& probe, const FrameLayout& layout, PixelFormat format) {
  std::string scale = "scale=" + std::to_string(layout.width) + ":" + std::to_string(layout.height);
  if (!probe.rgb) {
    scale +=
        std::string(":in_color_matrix=") + matrix_name(probe.matrix) + ":in_range=" + range_name(probe.range);
  }
  if (!is_rgb(format)) {
    scale += std::string(":out_color_matrix=") + matrix_name(layout.matrix) +
             ":out_range=" + range_name(layout.range);
  }
  return scale + ":flags=bicubic+accurate_rnd+full_chroma_int,format=" + ffmpeg_name(format);
}

class FileSource final : public Source {
 public:
  explicit FileSource(FileOptions options) : options_(std::move(options)) {}

  Status open() override {
    auto probe = probe_file(options_.ffmpeg, options_.path, given_up());
    if (!probe) return probe.error();
    probe_ = *probe;
    layout_ = layout_of(probe_, options_);
    if (*ffmpeg_name(format()) == '\0') {
      return Error{"SOURCE_OPTION", "a file source cannot give " + std::string(name_of(format())) +
                                        ", which ffmpeg does not know. Wanted is another format, for "
                                        "instance i420."};
    }
    if (layout_.width > kMaxSide || layout_.height > kMaxSide) {
      return Error{"SOURCE_OPTION", "a file source gives pictures of up to 8192x8192; this one would have " +
                                        std::to_string(layout_.width) + "x" +
                                        std::to_string(layout_.height) +
                                         ". Give a smaller width and height."};
    }
    return ok();
  }

  FrameLayout layout() const override { return layout_; }

  std::string description() const override {
    char shape[96];
    std::snprintf(shape, sizeof shape, ", %ux%u %s %.6g/s", layout_.width, layout_.height,
                  std::string(name_of(format())).c_str(), rate().hertz());
    return "file " + options_.path + shape;
  }

  Status start(RingHost&) override {
    char rate_text[32];
    std::snprintf(rate_text, sizeof rate_text, "%u/%u", rate().numerator, rate().denominator);
    auto child = ChildProcess::start({options_.ffmpeg,
                                      "-nostdin",
                                      "-hide_banner",
                                      "-v",
                                      "error",
                                      "-stream_loop",
                                      "-1",
                                      "-i",
                                      "file:" + options_.path,
                                      "-map",
                                      "0:V:0",
                                      "-vf",
                                      filters_of(probe_, layout_, format()),
                                      "-fps_mode",
                                      "cfr",
                                      "-r",
                                      rate_text,
                                      "-f",
                                      "rawvideo",
                                      "pipe:1"});
    if (!child) return child.error();
    child_ = std::move(*child);
    frames_ = 0;
    heard_ns_ = monotonic_ns();
    behind_ = false;
    return ok();
  }

  Result<Next> next(RingHost& ring, uint32_t timeout_ms) override {
    const uint64_t deadline_ns = monotonic_ns() + uint64_t{timeout_ms} * 1'000'000;
    if (!slot_) {
      slot_ = ring.begin();
      filled_ = 0;
      if (!slot_) return Error{"RING_NO_SLOT", "No slot of the ring is free for the next frame."};
    }
    if (auto outcome = fill(ring.payload(*slot_), deadline_ns); !outcome || *outcome != Next::kFrame)
      return outcome;
    const uint64_t due_ns = due();
    sleep_until(std::min(due_ns, deadline_ns));
    if (due_ns > deadline_ns) return Next::kTimeout;
    publish(ring);
    return Next::kFrame;
  }

  void stop(RingHost& ring) override {
    if (slot_) filled_ > 0 ? ring.cancel_dirty(*slot_) : ring.cancel_untouched(*slot_);
    slot_.reset();
    child_.reset();
  }
  void close() override {}

 private:
  PixelFormat format() const { return static_cast<PixelFormat>(layout_.fourcc); }
  FrameRate rate() const { return {layout_.rate_numerator, layout_.rate_denominator}; }

  // Reads what there is of the picture. kFrame: it is whole.
  Result<Next> fill(uint8_t* payload, uint64_t deadline_ns) {
    while (filled_ < layout_.payload_size) {
      const ssize_t got = retry_eintr(
          [&] { return read(child_->output(), payload + filled_, layout_.payload_size - filled_); });
      if (got == 0) return at_end();
      if (got < 0 && errno != EAGAIN) return system_error("FILE_SYSTEM", "the pipe from ffmpeg failed");
      const uint64_t now = monotonic_ns();
      if (got > 0) {
        filled_ += static_cast<uint64_t>(got);
        heard_ns_ = now;
        continue;
      }
      if (now - heard_ns_ > kSilenceNs) return stalled();
      if (now >= deadline_ns) return Next::kTimeout;
      pollfd ready{child_->output(), POLLIN, 0};
      poll(&ready, 1, static_cast<int>((deadline_ns - now) / 1'000'000) + 1);
    }
    child_->complaints();  // read now and then, so that a full pipe of complaints cannot block ffmpeg
    return Next::kFrame;
  }

  // When the picture in the slot is to be seen. The first one sets the clock.
  uint64_t due() {
    const uint64_t now = monotonic_ns();
    if (frames_ == 0) start_ns_ = now;
    const uint64_t due_ns = start_ns_ + rate().offset_ns(frames_);
    if (now < due_ns + kLateNs) return due_ns;
    start_ns_ += now - due_ns;
    if (!std::exchange(behind_, true)) {
      give_notice({"FILE_SLOW", "`" + options_.path +
                                    "` cannot be decoded at its own rate on this machine; it plays "
                                    "slower. Use a smaller picture or a codec that costs less."});
    }
    return now;
  }

  void publish(RingHost& ring) {
    FrameMeta meta;
    meta.captured_ns = monotonic_ns();
    meta.flags = initial_flags();
    meta.bytes_used = static_cast<uint32_t>(layout_.payload_size);
    meta.source_sequence = static_cast<uint32_t>(frames_++);
    ring.publish(*slot_, meta);
    slot_.reset();
    heard_ns_ = monotonic_ns();  // ffmpeg was waiting for us, not we for it
  }

  // ffmpeg loops by itself where it can seek. Where it cannot (a named pipe), the end is a new beginning.
  Result<Next> at_end() {
    const int status = child_->wait(kLeavingMs);
    const std::string complaints = child_->complaints();
    if (status == 0 && frames_ > 0) return Next::kEnded;
    const std::string why = complaints.empty() ? "" : ": " + complaints;
    if (frames_ == 0) {
      return Error{"FILE_NO_VIDEO", "ffmpeg found no picture in `" + options_.path + "`" + why};
    }
    return Error{"FILE_ENDED", "ffmpeg gave up on `" + options_.path + "` after " + std::to_string(frames_) +
                                   " frames (exit status " + std::to_string(status) + ")" + why};
  }

  Error stalled() {
    return {"FILE_STALLED", "ffmpeg has given no picture of `" + options_.path +
                                "` for 10 s; it is started anew. " + child_->complaints()};
  }

  FileOptions options_;
  FileProbe probe_;
  FrameLayout layout_;
  std::optional<ChildProcess> child_;
  std::optional<uint32_t> slot_;  // being filled, or full and not yet due
  uint64_t filled_ = 0;
  uint64_t frames_ = 0;    // published since start()
  uint64_t start_ns_ = 0;  // when frame 0 was due
  uint64_t heard_ns_ = 0;  // when ffmpeg last gave a byte
  bool behind_ = false;
};

}  // namespace

std::unique_ptr<Source> make_file_source(FileOptions options) {
  return std::make_unique<FileSource>(std::move(options));
}

}  // namespace camstream
