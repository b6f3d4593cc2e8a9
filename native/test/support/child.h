// A part of a test in a process of its own: as another user, in another mount namespace, to be killed.
#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

namespace camstream {

// ThreadSanitizer starts no threads in a child that was forked off a program with threads.
#if defined(__SANITIZE_THREAD__)
constexpr bool kThreadsInAChild = false;
#else
constexpr bool kThreadsInAChild = true;
#endif

// Runs `body` in a forked child and returns the text that it returned.
template <typename Body>
std::string in_child(Body&& body) {
  int ends[2];
  if (pipe(ends) < 0) return "no pipe";
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    const std::string text = body();
    const ssize_t written = write(ends[1], text.data(), text.size());
    _exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t count; (count = read(ends[0], buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? text : "died by signal " + std::to_string(WTERMSIG(status));
}

// A child that goes on beside the test until it is killed.
class Child {
 public:
  template <typename Body>
  explicit Child(Body&& body) : pid_(fork()) {
    if (pid_ == 0) {
      body();
      _exit(0);
    }
  }
  ~Child() { kill_and_wait(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  // Somebody else has waited for it.
  void forget() { pid_ = -1; }
  void kill_and_wait() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_;
};

}  // namespace camstream
