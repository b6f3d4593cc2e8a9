// The only file of ring/ that names std::atomic.
//
// Every ordered access of the ring goes through here and carries the name of its sync point.
// A name has a partner and a proof: docs/memory-model.md lists them all. In a model build
// (CAMSTREAM_MODEL) the same code runs on Relacy's atomics. A mutant takes the order away from one
// point, upon which a model has to fail: chosen at run time in a model build, at compile time
// (CAMSTREAM_MUTANT=<name>) in any other.
#pragma once

#include <cstdint>

#if defined(CAMSTREAM_MODEL)
#include <relacy/relacy.hpp>
// Relacy takes these words for itself; the headers are standard C++.
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert
#undef errno
#else
#include <atomic>
#endif

#if defined(__SANITIZE_THREAD__)
#define CAMSTREAM_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CAMSTREAM_TSAN 1
#endif
#endif

namespace camstream {

// Every point that carries an order: W writer, R reader, L lease, M membership.
// docs/memory-model.md explains each; X(name, code).
#define CAMSTREAM_SYNC_POINTS(X)                                                              \
  X(kWriterOddFence, "W1")       /* fence between odd version and lease scan, payload      */ \
  X(kWriterScanWord, "W2")       /* load of a lease word                                   */ \
  X(kWriterPublishVersion, "W3") /* even version after the payload                         */ \
  X(kWriterPublishHead, "W4")    /* head after the version                                 */ \
  X(kWriterRevoke, "W5")         /* CAS that takes a lease away                            */ \
  X(kWriterRevokeFence, "W6")    /* fence between a revocation inside a slot and its bytes */ \
  X(kWriterWake, "W7")           /* futex word after head                                  */ \
  X(kWriterGiveBack, "W8")       /* the old even version after a probe                     */ \
  X(kReaderHead, "R1")           /* load of head                                           */ \
  X(kReaderVersion, "R2")        /* load of the version before the bytes                   */ \
  X(kReaderCheckFence, "R3")     /* fence between the bytes and the second look            */ \
  X(kReaderWake, "R4")           /* load of the futex word before looking at head          */ \
  X(kLeaseStore, "L1")           /* store of the lease word                                */ \
  X(kLeaseFence, "L2")           /* fence between lease word and second look               */ \
  X(kLeaseClear, "L3")           /* CAS that gives the lease back                          */ \
  X(kMemberAdd, "M1")            /* entry of the table after the member is filled in       */ \
  X(kMemberAddFence, "M2")       /* fence between the entry and sending the descriptors    */ \
  X(kMemberScan, "M3")           /* load of an entry of the table                          */ \
  X(kVisitBegin, "M4")           /* visit count, odd: the writer enters the table          */ \
  X(kVisitFence, "M5")           /* fence between the odd count and the entries            */ \
  X(kVisitEnd, "M6")             /* visit count, even: the writer has left                 */ \
  X(kMemberRemove, "M7")         /* entry cleared after the member hung up                 */ \
  X(kMemberRemoveFence, "M8")    /* fence between the cleared entry and the visit count    */ \
  X(kMemberQuiet, "M9")          /* load of the visit count before the page is freed       */

enum class Sync {
  kNone = 0,
#define CAMSTREAM_SYNC_NAME(name, code) name,
  CAMSTREAM_SYNC_POINTS(CAMSTREAM_SYNC_NAME)
#undef CAMSTREAM_SYNC_NAME
};

#if defined(CAMSTREAM_MODEL)
inline Sync sync_mutant = Sync::kNone;
inline bool weakened(Sync point) { return point == sync_mutant; }
#elif defined(CAMSTREAM_MUTANT)
constexpr bool weakened(Sync point) { return point == Sync::CAMSTREAM_MUTANT; }
#else
constexpr bool weakened(Sync) { return false; }
#endif

#if defined(CAMSTREAM_MODEL)
#define CAMSTREAM_ORDER(point, order) (weakened(point) ? rl::mo_relaxed : rl::mo_##order)
#else
#define CAMSTREAM_ORDER(point, order) \
  (weakened(point) ? std::memory_order_relaxed : std::memory_order_##order)
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
  // What came before is visible to whoever acquires `desired`; nothing is acquired here.
  template <Sync P>
  bool compare_exchange_release(T& expected, T desired) {
    return exchange_if(expected, desired, CAMSTREAM_ORDER(P, release), CAMSTREAM_ORDER(Sync::kNone, relaxed));
  }
  // The same, the other way round: acquires what was found, releases nothing.
  template <Sync P>
  bool compare_exchange_acquire(T& expected, T desired) {
    return exchange_if(expected, desired, CAMSTREAM_ORDER(P, acquire), CAMSTREAM_ORDER(P, acquire));
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
  bool exchange_if(T& expected, T desired, rl::memory_order success, rl::memory_order failure) {
    return value_.compare_exchange_strong(expected, desired, success, $, failure, $);
  }
  rl::atomic<T> value_{T{}};
#else
  // Always inline: an order that the compiler does not know is seq_cst to it.
  [[gnu::always_inline]] T load(std::memory_order order) const { return value_.load(order); }
  [[gnu::always_inline]] void store(T value, std::memory_order order) { value_.store(value, order); }
  [[gnu::always_inline]] bool exchange_if(T& expected, T desired, std::memory_order success,
                                          std::memory_order failure) {
    return value_.compare_exchange_strong(expected, desired, success, failure);
  }
  static_assert(std::atomic<T>::is_always_lock_free);
  static_assert(sizeof(std::atomic<T>) == sizeof(T));
  std::atomic<T> value_;
#endif
};

// A field that one thread fills in and another reads only after a sync point. Plain data; a model
// reports every access that is not ordered.
#if defined(CAMSTREAM_MODEL)
template <typename T>
class Plain {
 public:
  Plain(T value = T{}) : value_(value) {}
  operator T() const { return value_($); }
  T operator->() const { return value_($); }
  Plain& operator=(T value) {
    value_($) = value;
    return *this;
  }

 private:
  rl::var<T> value_;
};
#else
template <typename T>
using Plain = T;
#endif

#if defined(CAMSTREAM_TSAN)
// ThreadSanitizer does not see fences, and GCC refuses to compile them for it. In that build, and only
// there, an exchange on a word of the thread's own stands in for each: as strong in the processor, and
// nothing to ThreadSanitizer, so that a fence hides no race. All that orders plain data has to be a
// named acquire or release; a word shared by all threads would order everything with everything.
inline void tsan_fence() {
  thread_local std::atomic<uint32_t> word{0};
  word.exchange(1, std::memory_order_seq_cst);
}
#endif

template <Sync P>
inline void fence_seq_cst() {
  if (weakened(P)) return;
#if defined(CAMSTREAM_MODEL)
  rl::atomic_thread_fence(rl::mo_seq_cst, $);
#elif defined(CAMSTREAM_TSAN)
  tsan_fence();
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

template <Sync P>
inline void fence_acquire() {
  if (weakened(P)) return;
#if defined(CAMSTREAM_MODEL)
  rl::atomic_thread_fence(rl::mo_acquire, $);
#elif defined(CAMSTREAM_TSAN)
  tsan_fence();
#else
  std::atomic_thread_fence(std::memory_order_acquire);
#endif
}

template <Sync P>
inline void fence_release() {
  if (weakened(P)) return;
#if defined(CAMSTREAM_MODEL)
  rl::atomic_thread_fence(rl::mo_release, $);
#elif defined(CAMSTREAM_TSAN)
  tsan_fence();
#else
  std::atomic_thread_fence(std::memory_order_release);
#endif
}

}  // namespace camstream
