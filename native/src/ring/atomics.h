// The only file that names std::atomic.
//
// Every ordered access of the ring goes through here and carries the name of its sync point.
// A name has a partner and a proof: docs/memory-model.md lists them all. In a model build
// (CAMSTREAM_MODEL) the same code runs on Relacy's atomics, and CAMSTREAM_MUTANT=<name> takes
// the order away from that one point, upon which the model has to fail.
#pragma once

#include <cstdint>

#if defined(CAMSTREAM_MODEL)
#include <relacy/relacy.hpp>
#else
#include <atomic>
#endif

namespace camstream {

// Writer: W, reader: R, lease: L, membership: M. docs/memory-model.md explains each.
enum class Sync {
  kNone = 0,
  kWriterOddFence,       // W1 fence between odd version and lease scan / payload writes
  kWriterScanWord,       // W2 load of a lease word
  kWriterPublishVersion, // W3 even version after the payload
  kWriterPublishHead,    // W4 head after the version
  kWriterRevoke,         // W5 CAS of a hung lease word
  kWriterRevokeFence,    // W6 fence between revocation and odd version
  kWriterWake,           // W7 futex word after head
  kReaderHead,           // R1 load of head
  kReaderVersion,        // R2 load of the version before the bytes
  kReaderCheckFence,     // R3 fence between the bytes and the second look at the version
  kReaderWake,           // R4 load of the futex word before looking at head
  kLeaseStore,           // L1 store of the lease word
  kLeaseFence,           // L2 fence between lease word and the second look at the version
  kLeaseClear,           // L3 CAS that gives the lease back
  kMemberAdd,            // M1 page into the table before the descriptor is sent
  kMemberScan,           // M2 load of the table's entry, after the fence W1
  kMemberQuiet,          // M3 the writer has left the table
};

#if defined(CAMSTREAM_MUTANT)
constexpr bool weakened(Sync point) { return point == Sync::CAMSTREAM_MUTANT; }
#else
constexpr bool weakened(Sync) { return false; }
#endif

#if defined(CAMSTREAM_MODEL)
#define CAMSTREAM_ORDER(point, order) (weakened(point) ? rl::mo_relaxed : rl::mo_##order)
#else
#define CAMSTREAM_ORDER(point, order) (weakened(point) ? std::memory_order_relaxed : std::memory_order_##order)
#endif

// One atomic integer. On shared memory it must be lock-free and have the size of T; a reader uses
// it through a read-only mapping, which plain loads allow.
template <typename T>
class Atomic {
 public:
  T load_relaxed() const { return load(CAMSTREAM_ORDER(Sync::kNone, relaxed)); }
  template <Sync P>
  T load_acquire() const { return load(CAMSTREAM_ORDER(P, acquire)); }
  void store_relaxed(T value) { store(value, CAMSTREAM_ORDER(Sync::kNone, relaxed)); }
  template <Sync P>
  void store_release(T value) { store(value, CAMSTREAM_ORDER(P, release)); }
  // True if `expected` was found and `desired` is there now; otherwise `expected` says what was found.
  template <Sync P>
  bool compare_exchange(T& expected, T desired) {
#if defined(CAMSTREAM_MODEL)
    return value_.compare_exchange_strong(expected, desired, CAMSTREAM_ORDER(P, acq_rel),
                                          CAMSTREAM_ORDER(P, acquire), $);
#else
    return value_.compare_exchange_strong(expected, desired, CAMSTREAM_ORDER(P, acq_rel),
                                          CAMSTREAM_ORDER(P, acquire));
#endif
  }
  template <Sync P>
  T add_release(T amount) {
#if defined(CAMSTREAM_MODEL)
    return value_.fetch_add(amount, CAMSTREAM_ORDER(P, release), $);
#else
    return value_.fetch_add(amount, CAMSTREAM_ORDER(P, release));
#endif
  }

 private:
#if defined(CAMSTREAM_MODEL)
  T load(rl::memory_order order) const { return value_.load(order, $); }
  void store(T value, rl::memory_order order) { value_.store(value, order, $); }
  rl::atomic<T> value_;
#else
  T load(std::memory_order order) const { return value_.load(order); }
  void store(T value, std::memory_order order) { value_.store(value, order); }
  static_assert(std::atomic<T>::is_always_lock_free);
  static_assert(sizeof(std::atomic<T>) == sizeof(T));
  std::atomic<T> value_;
#endif
};

#if defined(__SANITIZE_THREAD__)
// GCC's ThreadSanitizer does not see fences. A read-modify-write of one global word orders at least
// as much (it synchronises every fence with every later one), so that it stands in for them in that
// build, and only there.
inline std::atomic<uint32_t> tsan_fence_word{0};
#endif

template <Sync P>
inline void fence_seq_cst() {
  if (weakened(P)) return;
#if defined(CAMSTREAM_MODEL)
  rl::atomic_thread_fence(rl::mo_seq_cst, $);
#elif defined(__SANITIZE_THREAD__)
  tsan_fence_word.fetch_add(1, std::memory_order_seq_cst);
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

template <Sync P>
inline void fence_acquire() {
  if (weakened(P)) return;
#if defined(CAMSTREAM_MODEL)
  rl::atomic_thread_fence(rl::mo_acquire, $);
#elif defined(__SANITIZE_THREAD__)
  tsan_fence_word.fetch_add(1, std::memory_order_acq_rel);
#else
  std::atomic_thread_fence(std::memory_order_acquire);
#endif
}

}  // namespace camstream
