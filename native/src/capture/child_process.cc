#include "capture/child_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "base/retry_eintr.h"

namespace camstream {
namespace {

constexpr size_t kKeptComplaints = 2000;
constexpr int kPipeSize = 1 << 20;
constexpr uint32_t kLeavingMs = 1000;  // between the end of its output and its own
constexpr uint64_t kLookNs = 5'000'000;
constexpr int kGivenUpLookMs = 50;

Error system_failure(const char* what) {
  return {"CHILD_SYSTEM",
          std::string("a child process cannot be started: ") + what + ": " + std::strerror(errno)};
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return system_failure("pipe2");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Between fork and exec, in a process with one thread of a program with many: system calls only.
[[noreturn]] void become(pid_t parent, char* const* argv, int input, int output, int errors, int report) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before prctl() could tie us to it
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
#if defined(SYS_close_range)
  // All of ours are CLOEXEC; a library of the host program may be less careful.
  syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
#endif
  execvp(argv[0], argv);
  const int reason = errno;
  [[maybe_unused]] const ssize_t told = write(report, &reason, sizeof reason);
  _exit(127);
}

Error exec_failure(const std::string& program, int reason) {
  if (reason == ENOENT) {
    return {"FFMPEG_MISSING",
            "the program `" + program +
                "` was not found. File sources need it; install it with `apt-get install ffmpeg`."};
  }
  return {"CHILD_SYSTEM", "`" + program + "` cannot be run: " + std::strerror(reason)};
}

void set_nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

// False at the end of the stream.
bool drain(int fd, std::string& into) {
  char buffer[16384];
  for (;;) {
    const ssize_t got = retry_eintr([&] { return read(fd, buffer, sizeof buffer); });
    if (got <= 0) return got < 0 && errno == EAGAIN;
    into.append(buffer, static_cast<size_t>(got));
  }
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& argv, Input input) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  auto output = make_pipe();
  auto errors = make_pipe();
  auto report = make_pipe();  // closed by a successful exec, else the reason comes out of it
  if (!output) return output.error();
  if (!errors) return errors.error();
  if (!report) return report.error();
  Pipe fed;
  if (input == Input::kPipe) {
    auto made = make_pipe();
    if (!made) return made.error();
    fed = std::move(*made);
    fcntl(fed.write.get(), F_SETPIPE_SZ, kPipeSize);
    set_nonblocking(fed.write.get());
  } else {
    fed.read = UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!fed.read) return system_failure("/dev/null");
  }
  // Refused where the user's pipes have used up their memory: then it is slower and works as well.
  fcntl(output->read.get(), F_SETPIPE_SZ, kPipeSize);

  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return system_failure("fork");
  if (pid == 0) {
    become(parent, arguments.data(), fed.read.get(), output->write.get(), errors->write.get(),
           report->write.get());
  }
  report->write.reset();
  set_nonblocking(output->read.get());
  set_nonblocking(errors->read.get());
  ChildProcess child(pid, std::move(output->read), std::move(errors->read));
  child.input_ = std::move(fed.write);
  int reason = 0;
  if (retry_eintr([&] { return read(report->read.get(), &reason, sizeof reason); }) == sizeof reason) {
    child.reap();
    return exec_failure(argv[0], reason);
  }
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)),
      input_(std::move(other.input_)),
      said_(std::move(other.said_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this == &other) return *this;
  kill();
  pid_ = std::exchange(other.pid_, -1);
  output_ = std::move(other.output_);
  errors_ = std::move(other.errors_);
  input_ = std::move(other.input_);
  said_ = std::move(other.said_);
  return *this;
}

std::string ChildProcess::complaints() {
  drain(errors_.get(), said_);
  if (said_.size() > kKeptComplaints) said_.erase(0, said_.size() - kKeptComplaints);
  const size_t end = said_.find_last_not_of(" \n\r");
  return end == std::string::npos ? "" : said_.substr(0, end + 1);
}

int ChildProcess::wait(uint32_t patience_ms) {
  if (pid_ < 0) return 0;
  const uint64_t until_ns = monotonic_ns() + uint64_t{patience_ms} * 1'000'000;
  siginfo_t ended{};
  const auto look = [&] {
    return waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0;
  };
  while (look() && ended.si_pid == 0) {
    if (monotonic_ns() >= until_ns) {
      ::kill(pid_, SIGKILL);
      break;
    }
    sleep_until(monotonic_ns() + kLookNs);
  }
  return reap();
}

int ChildProcess::finish(uint32_t patience_ms) {
  output_.reset();
  if (pid_ > 0) ::kill(pid_, SIGTERM);
  return wait(patience_ms);
}

int ChildProcess::reap() {
  int status = 0;
  const pid_t got = retry_eintr([&] { return waitpid(pid_, &status, 0); });
  pid_ = -1;
  if (got < 0) return 127;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void ChildProcess::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  reap();
}

Result<ChildResult> run_child(const std::vector<std::string>& argv, uint32_t timeout_ms,
                              const std::atomic<bool>* given_up) {
  auto child = ChildProcess::start(argv);
  if (!child) return child.error();
  ChildResult result;
  const uint64_t deadline = monotonic_ns() + uint64_t{timeout_ms} * 1'000'000;
  while (drain(child->output(), result.output)) {
    result.complaints = child->complaints();
    if (given_up && *given_up) {
      return Error{"CHILD_SYSTEM", "`" + argv[0] + "` was ended before its answer: it is wanted no more"};
    }
    if (monotonic_ns() > deadline) {
      return Error{"CHILD_SYSTEM",
                   "`" + argv[0] + "` gave no answer within " + std::to_string(timeout_ms) + " ms"};
    }
    pollfd ready{child->output(), POLLIN, 0};
    poll(&ready, 1, kGivenUpLookMs);
  }
  result.status = child->wait(kLeavingMs);
  result.complaints = child->complaints();
  return result;
}

}  // namespace camstream
