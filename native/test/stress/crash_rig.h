// A producer that dies and readers that must not notice for long.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "stress/numbered_producer.h"
#include "stress/numbered_reader.h"
#include "stress/shared_report.h"
#include "support/child.h"
#include "support/temporary_root.h"

namespace camstream {

// How long the survivors waited, in ms, from a new producer's first frame to theirs.
struct Recovery {
  std::vector<double> waits_ms;
  uint32_t rounds = 0;
  uint32_t not_served = 0;  // rounds in which somebody got no frame within ten seconds
  double percentile(double share) const;
};

class CrashRig {
 public:
  CrashRig();
  ~CrashRig();

  const std::string& root() const { return root_.path(); }
  ProducerReport& producer() { return *producer_report_; }
  std::vector<ReaderReport*> survivors();

  // `crash_at` as in CAMSTREAM_CRASH_AT; empty: lives until killed.
  void start_producer(const std::string& crash_at = "");
  void kill_producer();
  pid_t producer_pid() const { return producer_->pid(); }
  // Waits until it has died of its crash point. False: it lives on after `timeout_ms`.
  bool producer_died(uint32_t timeout_ms = 10'000);
  // A joining reader from outside, so that the producer hands over a page.
  std::unique_ptr<Child> start_victim(const std::string& crash_at, uint32_t seed);

  // The last victim, when it died.
  bool victim_held_a_lease() { return (*reader_reports_)[kSurvivors].holding != 0; }

  // Waits until each survivor has a frame of the running producer, and notes how long that took.
  void expect_service(Recovery& recovery);
  uint64_t torn();
  // Files other than the ring's own four, which nobody would clean up.
  size_t strange_files() const;

 private:
  static constexpr size_t kSurvivors = 4;
  TemporaryRoot root_;
  SharedReport<ProducerReport> producer_report_;
  SharedReport<std::array<ReaderReport, kSurvivors + 1>> reader_reports_;
  std::unique_ptr<Child> producer_;
  std::vector<std::unique_ptr<Child>> readers_;
};

// Numbers for people: as many rounds as `npm run test:long` does, or few.
bool long_run();

// Prints a row; in a long run also into the table CAMSTREAM_RESULTS/crash.md.
void report_row(const std::string& what, const Recovery& recovery, uint64_t torn);

}  // namespace camstream
