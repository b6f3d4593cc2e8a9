// Sleeping until there is a frame: a futex word that the writer counts up.
//
// Reader: load the word, look at head, then sleep on the word as loaded. Writer: head, then the word,
// then wake. Shared futexes even inside one process (a lease page has two mappings), never
// std::atomic::wait (private). It works on a read-only mapping.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

#include "ring/layout.h"

namespace camstream {

// Returns when woken, when the word is not `seen` (any more), at a signal, or after the timeout.
inline void futex_wait(const Atomic<uint32_t>& word, uint32_t seen, uint64_t timeout_ns) {
  timespec timeout{};
  timeout.tv_sec = static_cast<time_t>(timeout_ns / 1'000'000'000u);
  timeout.tv_nsec = static_cast<long>(timeout_ns % 1'000'000'000u);
  syscall(SYS_futex, &word, FUTEX_WAIT, seen, &timeout, nullptr, 0);
}

// Returns how many were asleep there.
inline long futex_wake(Atomic<uint32_t>& word, int count) {
  return syscall(SYS_futex, &word, FUTEX_WAKE, count, nullptr, nullptr, 0);
}

// SYNC W7 (partner R4): who sees the new word sees the head stored before it.
inline void count_up(Atomic<uint32_t>& word) { word.add_release<Sync::kWriterWake>(1); }

// A member's own page: one thread sleeps on it, so one is woken, however many a hostile member parks.
inline void wake_member(LeasePage& page) {
  count_up(page.wake);
  futex_wake(page.wake, 1);
}

// SYNC R4 (partner W7): look at head only after this.
inline uint32_t wake_seen(const Atomic<uint32_t>& word) { return word.load_acquire<Sync::kReaderWake>(); }

}  // namespace camstream
