// A ring as its producer has it: files, memory, lock, socket, leases and the writer on top.
//
// open() takes over the ring's folder (design: docs/lifecycle.md): lock, take the old ring out of
// service, build the new one under the name ring.new, listen, rename. From then on one service thread
// answers joining readers, drops dead ones, beats the heart, wakes unregistered readers and watches
// that the path still leads to this ring.
//
// Threads: begin(), publish(), cancel_*() and tick() belong to the writer's thread; everything else
// may be called from any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "pixels/pixel_format.h"
#include "ring/ring_reader.h"

namespace camstream {

struct RingHostOptions {
  std::string root;             // "/dev/shm/camstream" or "/dev/shm/camstream-UID"; made if missing
  std::string name;             // [A-Za-z0-9][A-Za-z0-9._-]{0,62}
  FrameLayout layout;
  uint32_t queue = 1;           // Q: slots a driver holds (USERPTR 4)
  uint32_t readers = 12;        // L = readers * hold
  uint32_t hold = 1;            // leases a member may have at once
  uint32_t local_leases = 0;    // L for readers inside the producer (add_local_reader), on top
  uint32_t lease_timeout_ms = 5000;
  std::string group;            // group of folder, file and socket; "" = leave as it is
  bool system_modes = true;     // folder 0750, file 0640, socket 0660; false: 0700, 0600, 0600
  // Called on the service thread when RingHostStatus::visitors has become another number; must not block.
  std::function<void()> visitors_changed{};
};

struct RingHostStatus {
  uint64_t published = 0;
  uint64_t revoked = 0;
  uint32_t members = 0;
  uint32_t visitors = 0;        // members of other processes than this one
  uint32_t leased = 0;
  uint32_t slot_count = 0;
  uint64_t file_size = 0;
  bool path_lost = false;       // the folder or file was taken away: reopen() is due
};

class RingClaim;

class RingHost {
 public:
  // Errors: RING_NAME, RING_ROOT_UNTRUSTED, RING_PERMISSION, RING_BUSY (another producer),
  // RING_OPTIONS, RING_NO_SPACE, RING_GROUP, RING_SYSTEM.
  static Result<std::unique_ptr<RingHost>> open(const RingHostOptions& options);
  // With a claim taken before (ring_claim.h): before the camera was opened, or by the ring before this one.
  static Result<std::unique_ptr<RingHost>> open(const RingHostOptions& options,
                                                std::shared_ptr<RingClaim> claim);
  ~RingHost();  // state closed, readers woken, files removed, thread joined

  std::optional<uint32_t> begin();
  uint8_t* payload(uint32_t slot) const;
  uint64_t publish(uint32_t slot, FrameMeta meta);  // fills published_ns, wakes readers
  void cancel_untouched(uint32_t slot);
  void cancel_dirty(uint32_t slot);
  void tick();                  // once per frame or wait: ages leases

  void set_state(RingState state);
  bool path_lost() const;       // the capture loop then closes this host and opens a new one
  RingHostStatus status() const;
  const RingHostOptions& options() const;
  const RingMemory& memory() const;
  // The header that the file starts with; it does not change while the ring lives.
  const RingGeometry& geometry() const;

  // A reader inside this process (a conversion): a member without a socket. It keeps the memory alive.
  // Valid until the host is closed; wait() returns then.
  class LocalReader {
   public:
    virtual ~LocalReader() = default;
    virtual RingReader& reader() = 0;
    // Sleeps until a frame newer than `after` is there, the timeout ends or the host closes.
    virtual bool wait(uint64_t after, uint32_t timeout_ms) = 0;
    virtual bool closed() const = 0;
  };
  // It may hold one lease while `local_leases` last, none after that. Null when there are as many as may be
  // (kMaxLocalReaders, ring_core.h).
  std::unique_ptr<LocalReader> add_local_reader();

 private:
  class Impl;
  explicit RingHost(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace camstream
