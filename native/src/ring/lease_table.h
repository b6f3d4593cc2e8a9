// The writer's side of the leases: hazard pointers between processes.
//
// A member says in its own page which slots it holds; before the writer goes into a slot it looks
// through all pages. Nothing in a page is trusted: each word is loaded once, and a slot number out
// of range is no lease.
//
// Threads: add(), remove() and reclaimable() from one thread at a time (the membership thread, or
// under its lock); everything else from the writer's thread, inside a Visit.
#pragma once

#include <array>
#include <bitset>

#include "ring/layout.h"

namespace camstream {

// One member as the writer sees it. The membership thread owns it; it stays valid from add() until
// reclaimable() has said that the writer has left the table since remove().
struct Member {
  Plain<LeasePage*> page = nullptr;
  Plain<uint32_t> quota = 0;  // lease words that count, at most kMaxQuota
  // Writer's thread only: how long each word has stood unchanged.
  std::array<uint64_t, kMaxQuota> seen{};
  std::array<uint64_t, kMaxQuota> age_ns{};
  Atomic<uint32_t> revoked;  // leases taken from it; read by status
};

template <uint32_t kCapacity>
class BasicLeaseTable {
 public:
  using SlotSet = std::bitset<kMaxSlots>;

  // SYNC M1 (partner M3): who sees the entry sees the member filled in.
  // SYNC M2 (partner M5): the entry comes before anything that the member does with its descriptors,
  // which are sent after this. So the writer either sees the entry, or the member sees all that the
  // writer did before the visit: above all a new head, for which it will not be woken.
  // False: the table is full.
  bool add(Member& member) {
    for (auto& entry : entries_) {
      if (entry.load_relaxed() != nullptr) continue;
      entry.template store_release<Sync::kMemberAdd>(&member);
      fence_seq_cst<Sync::kMemberAddFence>();
      return true;
    }
    return false;
  }

  // For a member that has hung up: with that it gave its leases back, since nobody looks at them now.
  // SYNC M7 (partner M3): the member's last reads come before the writer's next write.
  // SYNC M8 (partner M5): a visit that the ticket does not know of sees the entry cleared.
  // The writer may still be looking at the page: ask reclaimable() with the ticket returned.
  uint64_t remove(const Member& member) {
    for (auto& entry : entries_) {
      if (entry.load_relaxed() == &member) entry.template store_release<Sync::kMemberRemove>(nullptr);
    }
    fence_seq_cst<Sync::kMemberRemoveFence>();
    return visits_.template load_acquire<Sync::kMemberQuiet>();
  }

  // SYNC M9 (partners M4, M6): true once no visit that began before remove() is under way; all its
  // looks at the page are over, so that it may be unmapped.
  bool reclaimable(uint64_t ticket) const {
    return (ticket & 1) == 0 || visits_.template load_acquire<Sync::kMemberQuiet>() != ticket;
  }

  // Writer's thread: all looking at members happens inside one (the count is odd while it lasts). Not
  // to be nested.
  class Visit {
   public:
    explicit Visit(BasicLeaseTable& table) : table_(table) {
      // SYNC M4 (partner M9): a release too, since the count of a later visit must stand for the end of
      // the one before: it is a plain store and does not continue M6's release sequence.
      table_.visits_.template store_release<Sync::kVisitBegin>(table_.visits_.load_relaxed() + 1);
      fence_seq_cst<Sync::kVisitFence>();  // SYNC M5 (partners M2, M8)
    }
    // SYNC M6 (partner M9): the looks at the pages come before the end of the visit.
    ~Visit() { table_.visits_.template store_release<Sync::kVisitEnd>(table_.visits_.load_relaxed() + 1); }
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

  // After the slot's version was made odd (W1): nobody holds it any more. Returns how many leases that
  // cost. A word that changes meanwhile is no obstacle: a lease stored after the fence W1 sees the odd
  // version (L2) and does not count.
  uint32_t take_back(uint32_t slot) {
    uint32_t taken = 0;
    each_word([&](Member& member, uint32_t index, uint64_t word) {
      if (leased_slot(word) == slot && revoke(member, index, word)) ++taken;
    });
    // SYNC W6 (partner R3): who sees a byte written from now on sees its lease revoked.
    fence_release<Sync::kWriterRevokeFence>();
    return taken;
  }

  // Takes leases away that have stood for longer than `timeout_ns`. One look adds at most 100 ms to a
  // lease's age, so that a machine that was paused does not revoke everybody. Returns how many. Needs
  // no fence: whoever writes to the slot goes through W1 first.
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
      if (member.age_ns[index] >= timeout_ns && revoke(member, index, word)) ++revoked;
    });
    return revoked;
  }

  // SYNC M3 (partners M1, M7).
  template <typename Action>
  void each_member(Action&& action) const {
    for (const auto& entry : entries_) {
      if (Member* member = entry.template load_acquire<Sync::kMemberScan>()) action(*member);
    }
  }

 private:
  static constexpr uint64_t kMaxAgeStepNs = 100'000'000;

  template <typename Action>
  void each_word(Action&& action) const {
    each_member([&](Member& member) {
      LeasePage* const page = member.page;
      const uint32_t quota = member.quota;
      for (uint32_t index = 0; index < quota; ++index) {
        // SYNC W2 (partners L1, L3): who sees a lease gone, or the next one in its word, comes after the
        // last read under it.
        action(member, index, page->words[index].template load_acquire<Sync::kWriterScanWord>());
      }
    });
  }

  // SYNC W5 (partner L3): takes only the lease that was seen, never a newer one; if the holder was
  // quicker, its last read comes before what the writer does next.
  static bool revoke(Member& member, uint32_t index, uint64_t word) {
    Atomic<uint64_t>& held = static_cast<LeasePage*>(member.page)->words[index];
    if (!held.template compare_exchange_acquire<Sync::kWriterRevoke>(word, kLeaseRevoked)) return false;
    member.revoked.store_relaxed(member.revoked.load_relaxed() + 1);
    return true;
  }

  std::array<Atomic<Member*>, kCapacity> entries_{};
  Atomic<uint64_t> visits_{};
};

using LeaseTable = BasicLeaseTable<kMaxMembers>;

}  // namespace camstream
