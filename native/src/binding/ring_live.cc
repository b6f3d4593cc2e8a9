#include "binding/ring_live.h"

#include "base/clock.h"

namespace camstream {
namespace {

double age(uint64_t now_ns, uint64_t then_ns) {
  return now_ns > then_ns ? static_cast<double>(now_ns - then_ns) : 0.0;
}

}  // namespace

Napi::Object ring_live(Napi::Env env, const RingMemory& memory) {
  const RingLive& live = *memory.live;
  const uint64_t now_ns = monotonic_ns();
  const uint64_t head = live.head.load_acquire<Sync::kReaderHead>();
  const uint32_t slot = head_slot(head);
  const bool published = head != 0 && slot < memory.slot_count;
  Napi::Object object = Napi::Object::New(env);
  object.Set("state", live.state.load_relaxed());
  object.Set("headSequence", static_cast<double>(head_sequence(head)));
  object.Set("headAgeNs", published ? age(now_ns, memory.header(slot).published_ns.load_relaxed()) : -1.0);
  object.Set("heartbeatAgeNs", age(now_ns, live.heartbeat_ns.load_relaxed()));
  object.Set("members", live.members.load_relaxed());
  object.Set("leased", live.leased.load_relaxed());
  object.Set("revoked", static_cast<double>(live.revoked.load_relaxed()));
  return object;
}

}  // namespace camstream
