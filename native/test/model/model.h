// What a model is made of: the real headers on Relacy's atomics, a ring small enough to try all that
// matters, outcomes of which each must be seen, and ways to break the code of which each must fail.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "ring/lease_table.h"
#include "ring/ring_reader.h"
#include "ring/ring_writer.h"
#include "ring/slot_lock.h"

namespace camstream {

// What one execution may end in. A model asserts that nothing else happens, and every outcome listed
// must have been seen, or else the model shows nothing.
struct Outcome {
  const char* what;
  uint64_t seen = 0;
};

// Index of the break that is in force, from 1; 0: the code as it is.
inline unsigned broken = 0;

struct ModelResult {
  bool held = false;
  uint64_t executions = 0;
  uint64_t searched = 0;  // of them, in the search through all schedules with few switches
  std::string failure;  // what Relacy found, with the history of the execution if it was asked for
};

struct ModelRun {
  uint64_t executions = 0;
  bool history = false;
};

struct Model {
  const char* name;
  const char* shows;
  uint64_t executions;
  std::vector<Outcome*> outcomes;
  std::vector<const char*> breaks;
  ModelResult (*run)(const ModelRun&);
};

std::vector<Model>& models();

template <typename Suite>
ModelResult run_search(const ModelRun& run, rl::scheduler_type_e search) {
  rl::ostringstream output;
  rl::test_params params;
  params.search_type = search;
  params.context_bound = 2;
  params.iteration_count = run.executions;
  params.output_stream = &output;
  params.progress_stream = &output;
  params.execution_depth_limit = 5000;
  params.output_history = false;
  const bool held = rl::simulate<Suite>(params);
  ModelResult result;
  result.held = held;
  result.executions = params.stop_iteration;
  if (!held) {
    const std::string text(output.str().c_str());
    const auto start = text.find('\n');
    result.failure = run.history ? text : text.substr(start + 1, text.find('\n', start + 1) - start - 1);
  }
  return result;
}

// Random schedules; then, where a model says so, as many again of those with at most two preemptions.
template <typename Suite>
ModelResult run_suite(const ModelRun& run) {
  ModelResult random = run_search<Suite>(run, rl::random_scheduler_type);
  if constexpr (requires { Suite::kSearched; }) {
    if (!random.held) return random;
    ModelResult searched = run_search<Suite>(run, rl::fair_context_bound_scheduler_type);
    searched.searched = searched.executions;
    searched.executions += random.executions;
    return searched;
  }
  return random;
}

template <typename Suite>
struct RegisterModel {
  RegisterModel() {
    Model model{Suite::kName, Suite::kShows, Suite::kExecutions, {}, {}, &run_suite<Suite>};
    for (Outcome& outcome : Suite::outcomes) model.outcomes.push_back(&outcome);
    for (const char* what : Suite::kBreaks) model.breaks.push_back(what);
    models().push_back(model);
  }
};

// A payload of two words, so that a torn one can be told. Plain for what a lease protects: Relacy then
// reports a missing order as a data race. Atomic for what a reader may read while it is overwritten.
struct PlainPayload {
  Plain<uint64_t> first, second;
  void write(uint64_t value) { first = value, second = value; }
  uint64_t read_first() const { return first; }
  uint64_t read_second() const { return second; }
};
struct AtomicPayload {
  Atomic<uint64_t> first, second;
  void write(uint64_t value) { first.store_relaxed(value), second.store_relaxed(value); }
  uint64_t read_first() const { return first.load_relaxed(); }
  uint64_t read_second() const { return second.load_relaxed(); }
};

// Stands in for a mapped ring.
template <uint32_t kSlots, typename Payload>
struct ModelRing {
  RingLive live;
  SlotHeader headers[kSlots];
  Payload payload[kSlots];
};
struct ModelMemory {
  RingLive* live = nullptr;
  SlotHeader* headers = nullptr;
  uint32_t slot_count = 0;
  SlotHeader& header(uint32_t slot) const { return headers[slot]; }
};
template <uint32_t kSlots, typename Payload>
ModelMemory memory_of(ModelRing<kSlots, Payload>& ring) {
  return {&ring.live, ring.headers, kSlots};
}

using ModelReader = BasicRingReader<ModelMemory>;
template <uint32_t kMembers>
using ModelWriter = BasicRingWriter<BasicLeaseTable<kMembers>, ModelMemory>;

// Lets the others run for a while, so that random schedules also hold long undisturbed stretches. The
// search through all schedules has those anyway.
class ModelPause {
 public:
  void any(unsigned limit) const {
    if (!rl::ctx().is_random_sched()) return;
    for (unsigned steps = rl::rand(limit); steps > 0; --steps) (void)nothing_.load(rl::mo_relaxed, $);
  }

 private:
  rl::atomic<int> nothing_{0};
};

// A message through the kernel (a socket, a hang-up): orders what was before it for whoever gets it.
class ModelMessage {
 public:
  void send() { sent_.store(1, rl::mo_release, $); }
  bool arrived() const { return sent_.load(rl::mo_acquire, $) != 0; }
  // No yield: to Relacy that is a promise that later loads are fresh, and would hide stale ones.
  void wait() const {
    while (!arrived()) {
    }
  }

 private:
  rl::atomic<int> sent_{0};
};

// FUTEX_WAIT and FUTEX_WAKE of one word: the kernel compares the word and goes to sleep in one step
// with regard to a wake. A lost wake-up is a deadlock, which Relacy reports.
class ModelFutex {
 public:
  void wait(const Atomic<uint32_t>& word, uint32_t seen) {
    mutex_.lock($);
    if (word.load_relaxed() == seen) sleepers_.wait(mutex_, $);
    mutex_.unlock($);
  }
  void wake() {
    mutex_.lock($);
    sleepers_.notify_all($);
    mutex_.unlock($);
  }

 private:
  rl::mutex mutex_;
  rl::condition_variable sleepers_;
};

}  // namespace camstream
