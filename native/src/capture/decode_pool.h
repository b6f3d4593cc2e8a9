// Decodes JPEGs on threads of its own, as many at once as are needed; results come in the order in which
// the pictures were given. One thread is started first, another whenever all are busy and a picture comes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "capture/picture_decoder.h"
#include "pixels/jpeg_decoder.h"

namespace camstream {

// How many pictures may be under way on this machine: no more than it has cores, and no more than 4, each of
// which has a slot of two rings. 1080p60 takes one thread of a desktop processor and two of a small one.
uint32_t decode_threads();

class DecodePool final : public PictureDecoder {
 public:
  // `layout`: of what is decoded into.
  DecodePool(const FrameLayout& layout, uint32_t most_threads)
      : layout_(layout), most_threads_(most_threads) {}
  ~DecodePool() override;

  Status start() override;  // error: RING_SYSTEM
  bool room() const override { return given_.size() < most_threads_; }
  void give(const Picture& picture) override;
  int ready() const override { return ready_.get(); }
  std::optional<Status> take() override;
  std::optional<Status> wait() override;

 private:
  struct Job {
    Picture picture;
    bool begun = false;
    std::optional<Status> result{};
  };
  void run();
  Job* next_job();
  std::optional<Status> pop();  // under mutex_
  void add_thread();

  const FrameLayout layout_;
  const uint32_t most_threads_;
  UniqueFd ready_;
  std::deque<Job> given_;  // changed by the owner alone; a deque's entries stay where they are
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable wake_;  // for the threads
  std::condition_variable done_;  // for wait()
  bool ending_ = false;           // under mutex_, as are the jobs' entries
};

}  // namespace camstream
