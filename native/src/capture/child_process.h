// A child program whose standard output we read as bytes and whose complaints we keep.
//
// The child dies with the THREAD that started it (PR_SET_PDEATHSIG is tied to it), so also at kill -9 of
// the producer: start it on a thread that lives as long as the child is wanted. It is in a process group
// of its own, so that Ctrl-C at the terminal reaches the producer alone, which then ends it.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace camstream {

class ChildProcess {
 public:
  enum class Input { kNone, kPipe };
  // argv[0] is looked up in PATH. Errors: FFMPEG_MISSING (not found), CHILD_SYSTEM.
  static Result<ChildProcess> start(const std::vector<std::string>& argv, Input input = Input::kNone);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess() { kill(); }

  int output() const { return output_.get(); }  // non-blocking, a pipe of 1 MiB where that is allowed
  int input() const { return input_.get(); }    // non-blocking; -1 without Input::kPipe
  pid_t pid() const { return pid_; }

  // The last lines of its standard error so far.
  std::string complaints();

  // Waits for its end, and after `patience_ms` brings it about. The exit status, or 128 + signal.
  int wait(uint32_t patience_ms);
  // Asks it to end (SIGTERM; nobody reads its output any more) and then waits as wait() does.
  int finish(uint32_t patience_ms);
  // Ends it at once if it still runs.
  void kill();

 private:
  ChildProcess(pid_t pid, UniqueFd output, UniqueFd errors)
      : pid_(pid), output_(std::move(output)), errors_(std::move(errors)) {}

  int reap();

  pid_t pid_ = -1;  // -1: gone
  UniqueFd output_;
  UniqueFd errors_;
  UniqueFd input_;
  std::string said_;
};

// Runs a program to its end, or until `given_up`. Error: CHILD_SYSTEM, FFMPEG_MISSING.
struct ChildResult {
  int status = 0;
  std::string output;
  std::string complaints;
};
Result<ChildResult> run_child(const std::vector<std::string>& argv, uint32_t timeout_ms,
                              const std::atomic<bool>* given_up = nullptr);

}  // namespace camstream
