// A source that shall take the place of the one that runs: handed over by any thread, tried by the capture
// thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "capture/source.h"

namespace camstream {

struct SourceChange {
  std::shared_ptr<Source> source;
  std::function<void(Status)> changed;  // on the capture thread; what came of it
};

class WaitingChange {
 public:
  // Any thread. One that waits already is told CAPTURE_CHANGED; after close() this one CAPTURE_CLOSED.
  void put(SourceChange change) {
    std::optional<SourceChange> refused;
    const char* code = "CAPTURE_CHANGED";
    {
      std::lock_guard lock(mutex_);
      refused = std::exchange(waiting_, std::move(change));
      if (closed_) refused = std::exchange(waiting_, std::nullopt);
      if (closed_) code = "CAPTURE_CLOSED";
    }
    if (refused) refused->changed(Error{code, "another source, or none, is wanted by now"});
  }

  // Capture thread.
  std::optional<SourceChange> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(waiting_, std::nullopt);
  }
  bool any() const {
    std::lock_guard lock(mutex_);
    return waiting_.has_value();
  }
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    if (auto late = take()) late->changed(Error{"CAPTURE_CLOSED", "the capture was closed"});
  }

 private:
  mutable std::mutex mutex_;
  std::optional<SourceChange> waiting_;
  bool closed_ = false;
};

}  // namespace camstream
