// The addon that every consumer loads: rings for reading. See RingAddon in addon-types.ts.
#include <fcntl.h>
#include <napi.h>

#include "base/clock.h"
#include "base/system_error.h"
#include "base/unique_fd.h"
#include "binding/js_error.h"
#include "binding/ring_info.h"
#include "binding/ring_live.h"
#include "binding/ring_reader_binding.h"
#include "ring/ring_list.h"
#include "shm/memory_budget.h"

namespace camstream {
namespace {

// One for each environment: several workers load the addon.
struct AddonData {
  Napi::FunctionReference ring;
};

// openRing(root, name, { register }, meta, onWake)
Napi::Value open_ring(const Napi::CallbackInfo& info) {
  const bool join = info[2].IsObject() && info[2].As<Napi::Object>().Get("register").ToBoolean();
  return info.Env().GetInstanceData<AddonData>()->ring.New(
      {info[0], info[1], Napi::Boolean::New(info.Env(), join), info[3], info[4]});
}

// listRings(root)
Napi::Value list_rings_below(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto names = list_rings(info[0].As<Napi::String>());
  if (!names) throw js_error(env, names.error());
  Napi::Array list = Napi::Array::New(env);
  for (const std::string& name : *names) list.Set(list.Length(), Napi::String::New(env, name));
  return list;
}

// inspectRing(root, name)
Napi::Value inspect_ring(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto file = RingFile::open(info[0].As<Napi::String>(), info[1].As<Napi::String>(),
                                   {.join = false, .map_payload = false});
  if (!file) throw js_error(env, file.error());
  Napi::Object found = Napi::Object::New(env);
  found.Set("info", ring_info(env, (*file)->geometry()));
  found.Set("live", ring_live(env, (*file)->memory()));
  return found;
}

// memoryBudgets(folder)
Napi::Value memory_budgets(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string folder = info[0].As<Napi::String>();
  const UniqueFd fd(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) throw js_error(env, system_error("RING_SYSTEM", "cannot open " + folder));
  Napi::Array list = Napi::Array::New(env);
  const auto add = [&](const char* kind, const std::optional<MemoryBudget>& budget) {
    if (!budget) return;
    Napi::Object found = Napi::Object::New(env);
    found.Set("kind", kind);
    found.Set("available", static_cast<double>(budget->available));
    found.Set("where", budget->where);
    found.Set("remedy", budget->remedy);
    list.Set(list.Length(), found);
  };
  add("fileSystem", file_system_budget(fd.get(), folder));
  add("cgroup", cgroup_budget());
  return list;
}

Napi::Value monotonic_now(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), monotonic_ns());
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new AddonData{Napi::Persistent(RingReaderBinding::define(env))});
  exports.Set("openRing", Napi::Function::New<open_ring>(env, "openRing"));
  exports.Set("listRings", Napi::Function::New<list_rings_below>(env, "listRings"));
  exports.Set("inspectRing", Napi::Function::New<inspect_ring>(env, "inspectRing"));
  exports.Set("memoryBudgets", Napi::Function::New<memory_budgets>(env, "memoryBudgets"));
  exports.Set("monotonicNs", Napi::Function::New<monotonic_now>(env, "monotonicNs"));
  return exports;
}

}  // namespace
}  // namespace camstream

static Napi::Object init(Napi::Env env, Napi::Object exports) { return camstream::init(env, exports); }
NODE_API_MODULE(ring, init)
