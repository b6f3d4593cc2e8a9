#include "capture/child_decoder.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/block_signals.h"
#include "base/clock.h"
#include "base/system_error.h"
#include "capture/child_process.h"
#include "capture/nut_writer.h"
#include "capture/v4l2_agreement.h"
#include "pixels/jpeg_decoder.h"

namespace camstream {
namespace {

constexpr uint64_t kFirstNs = 10'000'000'000;  // a program that loads drivers first
constexpr uint64_t kSilenceNs = 1'000'000'000;

std::vector<std::string> filled_in(std::vector<std::string> argv, const FrameLayout& layout) {
  const auto fill = [](std::string& text, const std::string& name, uint32_t value) {
    for (size_t at; (at = text.find(name)) != std::string::npos;) {
      text.replace(at, name.size(), std::to_string(value));
    }
  };
  for (std::string& argument : argv) {
    fill(argument, "{width}", layout.width);
    fill(argument, "{height}", layout.height);
  }
  return argv;
}

class ChildDecoder final : public PictureDecoder {
 public:
  ChildDecoder(const DecoderProgram& program, const FrameLayout& layout)
      : program_(program), layout_(layout), fallback_(layout) {}

  ~ChildDecoder() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  Status start() override {
    ready_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!ready_) return system_error("RING_SYSTEM", "no eventfd for the decoder's thread", errno);
    auto child = ChildProcess::start(filled_in(program_.argv, layout_), ChildProcess::Input::kPipe);
    if (!child) return child.error();
    child_ = std::move(*child);
    const BlockSignals inherited;  // SIGPIPE as well: a child that is gone is told by EPIPE
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
      return Error{"RING_SYSTEM", std::string("cannot start the decoder's thread: ") + error.what()};
    }
    return ok();
  }

  bool room() const override { return !under_way_; }
  void give(const Picture& picture) override {
    under_way_ = true;
    {
      const std::lock_guard lock(mutex_);
      given_ = picture;
    }
    changed_.notify_all();
  }
  int ready() const override { return ready_.get(); }

  std::optional<Status> take() override {
    uint64_t told = 0;
    if (read(ready_.get(), &told, sizeof told) < 0 && errno != EAGAIN) return std::nullopt;
    const std::lock_guard lock(mutex_);
    return pop();
  }
  std::optional<Status> wait() override {
    if (!under_way_) return std::nullopt;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return result_.has_value(); });
    return pop();
  }
  std::optional<Error> failure() override {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  std::optional<Status> pop() {
    if (!result_) return std::nullopt;
    under_way_ = false;
    return std::exchange(result_, std::nullopt);
  }

  void run() {
    pthread_setname_np(pthread_self(), "decode");
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return given_ || ending_; });
      if (!given_) break;
      const Picture picture = *given_;
      given_.reset();
      const bool by_child = !failure_;
      lock.unlock();
      std::optional<Error> wrong;
      if (by_child) wrong = decode(picture);
      const bool done = by_child && !wrong;
      Status result = done ? ok() : fallback_.decode(picture.jpeg, picture.size, picture.slot);
      lock.lock();
      if (wrong) failure_ = wrong;
      result_ = std::move(result);
      changed_.notify_all();
      const uint64_t one = 1;
      [[maybe_unused]] const ssize_t told = write(ready_.get(), &one, sizeof one);
    }
    lock.unlock();
    child_.reset();
  }

  // Writes the picture and reads its answer, both as far as the pipes allow.
  std::optional<Error> decode(const Picture& picture) {
    head_ = header_for(picture);
    sent_ = 0;
    size_t received = 0;
    const uint64_t patience_ns = first_ ? kFirstNs : kSilenceNs;
    uint64_t heard_ns = monotonic_ns();
    const size_t to_send = head_.size() + picture.size;
    while (sent_ < to_send || received < layout_.payload_size) {
      pollfd pipes[] = {{child_->output(), POLLIN, 0}, {sent_ < to_send ? child_->input() : -1, POLLOUT, 0}};
      constexpr int kLookMs = 50;
      poll(pipes, 2, kLookMs);
      const size_t before = sent_ + received;
      if (!send(picture)) return gone();
      const size_t wanted = layout_.payload_size - received;
      const ssize_t got = wanted ? read(child_->output(), picture.slot + received, wanted) : 0;
      if (wanted && (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))) return gone();
      if (got > 0) received += static_cast<size_t>(got);
      const uint64_t now_ns = monotonic_ns();
      if (sent_ + received > before) heard_ns = now_ns;
      if (now_ns - heard_ns > patience_ns) return silent();
    }
    first_ = false;
    return std::nullopt;
  }

  std::vector<uint8_t> header_for(const Picture& picture) {
    if (program_.framing == DecoderProgram::Framing::kNone) return {};
    std::vector<uint8_t> head;
    const uint64_t time_us = pictures_++ * 1000;
    const FrameLayout jpeg =
        compressed_layout(fourcc('M', 'J', 'P', 'G'), layout_.width, layout_.height, picture.size);
    if (first_) head = nut_header(jpeg, {}, time_us);
    const std::vector<uint8_t> frame = nut_frame_header(time_us, picture.size, first_);
    head.insert(head.end(), frame.begin(), frame.end());
    return head;
  }

  // False: nobody reads there.
  bool send(const Picture& picture) {
    while (sent_ < head_.size() + picture.size) {
      const bool of_head = sent_ < head_.size();
      const uint8_t* from = of_head ? head_.data() + sent_ : picture.jpeg + (sent_ - head_.size());
      const size_t count = of_head ? head_.size() - sent_ : picture.size - (sent_ - head_.size());
      const ssize_t sent = write(child_->input(), from, count);
      if (sent < 0) return errno == EAGAIN || errno == EINTR;
      sent_ += static_cast<size_t>(sent);
    }
    return true;
  }

  Error gone() {
    const std::string said = child_->complaints();
    child_->kill();
    return {"JPEG_DECODER", program_.name + " ended" + (said.empty() ? "" : ": " + said)};
  }
  Error silent() {
    const std::string said = child_->complaints();
    child_->kill();
    return {"JPEG_DECODER",
            program_.name + " gave no picture for one that it was given" + (said.empty() ? "" : ": " + said)};
  }

  const DecoderProgram program_;
  const FrameLayout layout_;
  JpegDecoder fallback_;
  UniqueFd ready_;
  std::optional<ChildProcess> child_;
  bool under_way_ = false;  // the owner's

  // The thread's.
  std::vector<uint8_t> head_;
  size_t sent_ = 0;
  bool first_ = true;
  uint64_t pictures_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Picture> given_;
  std::optional<Status> result_;
  std::optional<Error> failure_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<PictureDecoder> make_child_decoder(const DecoderProgram& program, const FrameLayout& layout) {
  return std::make_unique<ChildDecoder>(program, layout);
}

}  // namespace camstream
