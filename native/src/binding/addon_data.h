// What the `camera` addon keeps for one environment (the main thread's or a worker's).
#pragma once

#include <napi.h>

#include <set>

namespace camstream {

// Something with a ring, running.
class OpenHandle {
 public:
  virtual ~OpenHandle() = default;
  // Thread, device and ring are gone when it returns. JavaScript is told nothing.
  virtual void close_now() = 0;
};

struct AddonData {
  Napi::FunctionReference capture;
  Napi::FunctionReference conversion;
  Napi::FunctionReference feeder;
  Napi::FunctionReference jpeg_encoder;
  Napi::FunctionReference ring_writer;
  // process.exit() runs no destructor of ours on the main thread: the addon's listener of the process's
  // 'exit' closes these, so that readers learn of it and no memory stays behind in /dev/shm.
  std::set<OpenHandle*> open;

  static AddonData& of(Napi::Env env) { return *env.GetInstanceData<AddonData>(); }
};

}  // namespace camstream
