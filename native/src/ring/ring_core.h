// What the writer's thread, the service thread and the readers inside this process share. The last of
// them gives the memory back.
#pragma once

#include <functional>
#include <mutex>

#include "ring/ring_writer.h"
#include "shm/mapping.h"

namespace camstream {

constexpr uint32_t kMaxLocalReaders = 16;
using HostLeaseTable = BasicLeaseTable<kMaxMembers + kMaxLocalReaders>;
using HostRingWriter = BasicRingWriter<HostLeaseTable>;

struct RingCore {
  Mapping mapping;
  RingMemory memory;
  HostLeaseTable table;
  std::mutex table_mutex;          // add() and remove(): the service thread and threads of local readers
  uint32_t local_leases_left = 0;  // under table_mutex
  uint32_t local_readers = 0;      // under table_mutex; so that members find room in the table
  Atomic<uint32_t> closed;
  std::function<void()> visitors_changed;  // see RingHostOptions; set before the service thread starts
  // For status, from any thread.
  Atomic<uint64_t> published;
  Atomic<uint64_t> revoked;
  Atomic<uint32_t> members;
  Atomic<uint32_t> visitors;  // members of other processes
  Atomic<uint32_t> leased;
};

}  // namespace camstream
