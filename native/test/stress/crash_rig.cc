#include "stress/crash_rig.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "support/ring_options.h"

namespace camstream {
namespace {

constexpr uint32_t kRate = 500;
constexpr uint32_t kTenTimesTheAimMs = 10'000;  // we aim at a second

// The table of one run of this program.
std::ofstream& table(const std::string& folder) {
  static std::ofstream file = [&] {
    std::filesystem::create_directories(folder);
    std::ofstream made(folder + "/crash.md");
    char date[16];
    const time_t now = time(nullptr);
    std::strftime(date, sizeof(date), "%F", std::gmtime(&now));
    made
        << "# kill -9, at full numbers\n\n"
        << "Made on " << date
        << " by `CAMSTREAM_LONG=1 make -C native/test stress` (in `npm run test:long`). "
        << "Waits are those of\nfour surviving readers, from the new producer's first frame to the reader's: "
        << "we aim at 1000 ms.\n\n"
        << "| killed | rounds | wait p50, ms | p99 | max | not served | torn frames |\n"
        << "|---|---|---|---|---|---|---|\n";
    return made;
  }();
  return file;
}

}  // namespace

double Recovery::percentile(double share) const {
  if (waits_ms.empty()) return 0;
  std::vector<double> sorted = waits_ms;
  std::sort(sorted.begin(), sorted.end());
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

CrashRig::CrashRig() {
  // Different readers: members of both policies, one that holds its frames, one that has not joined.
  const std::array<ReaderHabits, kSurvivors> habits{{
      {.join = true, .every = false, .seed = 1},
      {.join = true, .every = true, .seed = 2},
      {.join = true, .every = true, .hold_us = 20'000, .seed = 3},
      {.join = false, .every = false, .seed = 4},
  }};
  for (size_t index = 0; index < kSurvivors; ++index) {
    ReaderReport& report = (*reader_reports_)[index];
    readers_.push_back(std::make_unique<Child>([&] { run_numbered_reader(root(), habits[index], report); }));
  }
}

CrashRig::~CrashRig() = default;

std::vector<ReaderReport*> CrashRig::survivors() {
  std::vector<ReaderReport*> reports;
  for (size_t index = 0; index < kSurvivors; ++index) reports.push_back(&(*reader_reports_)[index]);
  return reports;
}

void CrashRig::start_producer(const std::string& crash_at) {
  producer_report_->pid = 0;
  producer_ = std::make_unique<Child>([&] {
    if (!crash_at.empty()) setenv("CAMSTREAM_CRASH_AT", crash_at.c_str(), 1);
    run_numbered_producer(numbered_ring(root()), kRate, *producer_report_);
  });
}

void CrashRig::kill_producer() { producer_->kill_and_wait(); }

bool CrashRig::producer_died(uint32_t timeout_ms) {
  int status = 0;
  const bool died = eventually([&] { return waitpid(producer_->pid(), &status, WNOHANG) != 0; }, timeout_ms);
  if (!died) return false;
  producer_->forget();
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

std::unique_ptr<Child> CrashRig::start_victim(const std::string& crash_at, uint32_t seed) {
  ReaderReport& report = (*reader_reports_)[kSurvivors];
  report.frames = 0;
  report.holding = false;
  return std::make_unique<Child>([&] {
    if (!crash_at.empty()) setenv("CAMSTREAM_CRASH_AT", crash_at.c_str(), 1);
    run_numbered_reader(root(), {.join = true, .every = true, .hold_us = 3'000, .seed = seed}, report);
  });
}

void CrashRig::expect_service(Recovery& recovery) {
  ++recovery.rounds;
  const auto pid = static_cast<uint64_t>(producer_->pid());
  const bool served = eventually(
      [&] {
        const auto all = survivors();
        return producer_report_->pid == pid &&
               std::all_of(all.begin(), all.end(), [&](auto* report) { return report->producer == pid; });
      },
      2 * kTenTimesTheAimMs);
  if (!served) {
    ++recovery.not_served;
    return;
  }
  for (const ReaderReport* report : survivors()) {
    const double first = static_cast<double>(producer_report_->first_frame_ns.load());
    const double wait_ms = std::max(0.0, (static_cast<double>(report->served_ns.load()) - first) / 1e6);
    recovery.waits_ms.push_back(wait_ms);
    if (wait_ms > kTenTimesTheAimMs) ++recovery.not_served;
  }
}

uint64_t CrashRig::torn() {
  uint64_t sum = 0;
  for (const auto& report : *reader_reports_) sum += report.torn;
  return sum;
}

size_t CrashRig::strange_files() const {
  size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root())) {
    const std::string name = entry.path().filename();
    const bool known = name == "camera" || name == "ring" || name == "socket" || name == "lock";
    if (!known) ++count;
  }
  return count;
}

bool long_run() { return std::getenv("CAMSTREAM_LONG") != nullptr; }

void report_row(const std::string& what, const Recovery& recovery, uint64_t torn) {
  char row[256];
  std::snprintf(row, sizeof(row), "| %-52s | %5u | %6.1f | %6.1f | %6.1f | %u | %lu |\n", what.c_str(),
                recovery.rounds, recovery.percentile(0.5), recovery.percentile(0.99),
                recovery.percentile(1.0), recovery.not_served, static_cast<unsigned long>(torn));
  std::fputs(row, stdout);
  if (const char* folder = std::getenv("CAMSTREAM_RESULTS"); folder != nullptr && long_run()) {
    table(folder) << row << std::flush;
  }
}

}  // namespace camstream
