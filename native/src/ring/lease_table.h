// The writer's side of the leases: hazard pointers between processes.
//
// A member says in its own page which slots it holds; before the writer goes into a slot it looks
// through all pages. Nothing in a page is trusted: each word is loaded once, and a slot number out
// of range is no lease.
//
// Threads: add(), remove() and reclaimable() from the membership thread; collect(), holds(),
// age() and wake from the writer's thread, inside a Visit.
#pragma once

#include <array>
#include <bitset>

#include "ring/layout.h"

namespace camstream {

// One member as the writer sees it. The membership thread owns it; it stays valid from add() until
// reclaimable() has said that the writer has left the table since remove().
struct Member {
  LeasePage* page = nullptr;
  uint32_t quota = 0;
  // Writer's thread only: how long each word has stood unchanged.
  std::array<uint64_t, kMaxQuota> seen{};
  std::array<uint64_t, kMaxQuota> age_ns{};
  Atomic<uint32_t> revoked;  // leases taken from it; read by status
};

template <uint32_t kCapacity>
class BasicLeaseTable {
 public:
  using SlotSet = std::bitset<kMaxSlots>;

  // Membership thread. SYNC M1 (partner M2): the entry is there before the member gets its
  // descriptors and can lease. False: the table is full.
  bool add(Member& member) {
    for (auto& entry : entries_) {
      if (entry.load_relaxed() != nullptr) continue;
      entry.template store_release<Sync::kMemberAdd>(&member);
      fence_seq_cst<Sync::kMemberAdd>();
      return true;
    }
    return false;
  }

  // Membership thread. The writer may still be looking at the page: see reclaimable().
  // Returns the ticket to ask with.
  uint64_t remove(const Member& member) {
    for (auto& entry : entries_) {
      if (entry.load_relaxed() == &member) entry.template store_release<Sync::kMemberQuiet>(nullptr);
    }
    fence_seq_cst<Sync::kMemberQuiet>();
    return visits_.template load_acquire<Sync::kMemberQuiet>();
  }

  // Membership thread. SYNC M3: true once no visit that began before remove() is under way, so that
  // the page may be unmapped.
  bool reclaimable(uint64_t ticket) const {
    return (ticket & 1) == 0 || visits_.template load_acquire<Sync::kMemberQuiet>() != ticket;
  }

  // Writer's thread: all looking at members happens inside one (odd while it lasts).
  class Visit {
   public:
    explicit Visit(BasicLeaseTable& table) : table_(table) {
      table_.visits_.store_relaxed(table_.visits_.load_relaxed() + 1);
      fence_seq_cst<Sync::kMemberQuiet>();
    }
    ~Visit() { table_.visits_.template store_release<Sync::kMemberQuiet>(table_.visits_.load_relaxed() + 1); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

   private:
    BasicLeaseTable& table_;
  };

  // The leased slots, so that a slot in use is probed only in a race.
  void collect(SlotSet& leased, uint32_t slot_count) const {
    leased.reset();
    each_word([&](const Member&, uint32_t, uint64_t word) {
      const uint32_t slot = leased_slot(word);
      if (slot < slot_count) leased.set(slot);
    });
  }

  // After the slot's version was made odd (W1): does anybody hold it?
  bool holds(uint32_t slot) const {
    bool held = false;
    each_word([&](const Member&, uint32_t, uint64_t word) { held = held || leased_slot(word) == slot; });
    return held;
  }

  // Takes leases away that have stood for longer than `timeout_ns`. One look adds at most 100 ms to a
  // lease's age, so that a machine that was paused does not revoke everybody. Returns how many.
  uint32_t age(uint64_t elapsed_ns, uint64_t timeout_ns) {
    const uint64_t step = elapsed_ns < kMaxAgeStepNs ? elapsed_ns : kMaxAgeStepNs;
    uint32_t revoked = 0;
    each_word([&](Member& member, uint32_t index, uint64_t word) {
      if (word == kLeaseFree || word == kLeaseRevoked || word != member.seen[index]) {
        member.seen[index] = word;
        member.age_ns[index] = 0;
        return;
      }
      member.age_ns[index] += step;
      if (member.age_ns[index] < timeout_ns) return;
      // SYNC W5 (partner L3): only the lease that has been seen is taken, never a newer one.
      if (member.page->words[index].template compare_exchange<Sync::kWriterRevoke>(word, kLeaseRevoked)) {
        member.revoked.store_relaxed(member.revoked.load_relaxed() + 1);
        ++revoked;
      }
    });
    // SYNC W6: the revocation comes before any odd version that follows from it.
    if (revoked > 0) fence_seq_cst<Sync::kWriterRevokeFence>();
    return revoked;
  }

  template <typename Action>
  void each_member(Action&& action) const {
    for (const auto& entry : entries_) {
      // SYNC M2 (partner M1): after the fence W1 the table is current.
      if (Member* member = entry.template load_acquire<Sync::kMemberScan>()) action(*member);
    }
  }

 private:
  static constexpr uint64_t kMaxAgeStepNs = 100'000'000;

  template <typename Action>
  void each_word(Action&& action) const {
    each_member([&](Member& member) {
      for (uint32_t index = 0; index < member.quota; ++index) {
        // SYNC W2 (partner L3): who sees a lease gone comes after the last read under it.
        action(member, index, member.page->words[index].template load_acquire<Sync::kWriterScanWord>());
      }
    });
  }

  std::array<Atomic<Member*>, kCapacity> entries_{};
  Atomic<uint64_t> visits_{};
};

using LeaseTable = BasicLeaseTable<kMaxMembers>;

}  // namespace camstream
