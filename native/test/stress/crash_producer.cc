// crash_producer ROOT [RATE]: a producer of numbered frames for tests in other languages. Prints
// `first NANOSECONDS` (CLOCK_MONOTONIC) once its first frame is out. Compiled with crash points:
// CAMSTREAM_CRASH_AT=name:count kills it there.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "stress/numbered_producer.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: crash_producer ROOT [RATE]\n");
    return 2;
  }
  camstream::ProducerReport report{};
  std::thread telling([&report] {
    while (report.pid == 0) usleep(1'000);
    std::printf("first %lu\n", static_cast<unsigned long>(report.first_frame_ns));
    std::fflush(stdout);
  });
  telling.detach();
  const uint32_t rate = argc > 2 ? static_cast<uint32_t>(std::atoi(argv[2])) : 200;
  camstream::run_numbered_producer(camstream::numbered_ring(argv[1]), rate, report);
  return 1;
}
