// camstream-gst PIPELINE: runs a GStreamer pipeline and writes its pictures to standard output, as
// capture/carrier.h describes. A program of its own, so that no plugin of anybody's can harm the producer: it
// crashes, hangs and leaks by itself, and dies with the thread that started it (capture/child_process.h).
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "gstreamer/pipeline.h"

namespace {

constexpr unsigned kLeavingSeconds = 1;

std::atomic<bool> stopping{false};

// An element that does not let itself be stopped has a second.
void stop(int) {
  stopping = true;
  alarm(kLeavingSeconds);
}

// Plugins print to standard output as they like; the pictures have a descriptor of their own.
camstream::UniqueFd take_output() {
  camstream::UniqueFd output(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  dup2(STDERR_FILENO, STDOUT_FILENO);
  return output;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace camstream;
  if (argc != 2) {
    std::fputs("usage: camstream-gst PIPELINE (its pictures go to standard output, for camstream)\n", stderr);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  struct sigaction ending {};
  ending.sa_handler = stop;
  sigaction(SIGTERM, &ending, nullptr);
  sigaction(SIGINT, &ending, nullptr);
  CarrierWriter writer(take_output());
  if (const std::string missing = gst::load(); !missing.empty()) {
    writer.fault(GstFault::kNoLibrary, "", missing);
    return 1;
  }
  gst::Error* error = nullptr;
  if (!gst::api().gst_init_check(nullptr, nullptr, &error)) {
    writer.fault(GstFault::kNoLibrary, "", error ? error->message : "gst_init_check() failed");
    return 1;
  }
  return Pipeline(writer, stopping).play(argv[1]) ? 0 : 1;
}
