#include "binding/device_binding.h"

#include <functional>
#include <memory>
#include <utility>

#include "binding/js_error.h"
#include "binding/native_options.h"
#include "capture/device_identity.h"
#include "capture/v4l2_list.h"

namespace camstream {
namespace {

// `work` on a thread of the pool, `shape` makes of its result what JavaScript gets.
template <typename T>
class Task : public Napi::AsyncWorker {
 public:
  using Work = std::function<Result<T>()>;
  using Shape = std::function<Napi::Value(Napi::Env, const T&)>;

  static Napi::Value run(Napi::Env env, Work work, Shape shape) {
    auto* task = new Task(env, std::move(work), std::move(shape));  // deletes itself at its end
    task->Queue();
    return task->promise_.Promise();
  }

 private:
  Task(Napi::Env env, Work work, Shape shape)
      : Napi::AsyncWorker(env),
        work_(std::move(work)),
        shape_(std::move(shape)),
        promise_(Napi::Promise::Deferred::New(env)) {}

  void Execute() override { result_ = std::make_unique<Result<T>>(work_()); }
  void OnOK() override {
    const Napi::HandleScope scope(Env());
    if (*result_) {
      promise_.Resolve(shape_(Env(), **result_));
    } else {
      promise_.Reject(js_error(Env(), result_->error()).Value());
    }
  }

  const Work work_;
  const Shape shape_;
  const Napi::Promise::Deferred promise_;
  std::unique_ptr<Result<T>> result_;
};

const char* name_of(ControlKind kind) {
  switch (kind) {
    case ControlKind::kInteger: return "integer";
    case ControlKind::kBoolean: return "boolean";
    case ControlKind::kMenu: return "menu";
    case ControlKind::kButton: return "button";
    case ControlKind::kBitmask: return "bitmask";
  }
  return "integer";
}

template <typename List, typename Make>
Napi::Array array_of(Napi::Env env, const List& list, Make&& make) {
  Napi::Array array = Napi::Array::New(env, list.size());
  for (uint32_t index = 0; index < list.size(); ++index) array.Set(index, make(list[index]));
  return array;
}

Napi::Object control_object(Napi::Env env, const V4l2Control& control) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", control.name);
  object.Set("kind", name_of(control.kind));
  object.Set("value", static_cast<double>(control.value));
  object.Set("minimum", static_cast<double>(control.minimum));
  object.Set("maximum", static_cast<double>(control.maximum));
  object.Set("step", static_cast<double>(control.step));
  object.Set("default", static_cast<double>(control.standard));
  object.Set("menu", array_of(env, control.menu, [&](const V4l2Control::Choice& choice) {
               Napi::Object entry = Napi::Object::New(env);
               entry.Set("value", static_cast<double>(choice.value));
               entry.Set("name", choice.name);
               return entry;
             }));
  object.Set("readOnly", control.read_only);
  object.Set("locked", control.locked);
  object.Set("inactive", control.inactive);
  return object;
}

Napi::Value controls_array(Napi::Env env, const std::vector<V4l2Control>& controls) {
  return array_of(env, controls, [&](const V4l2Control& control) { return control_object(env, control); });
}

Napi::Object mode_object(Napi::Env env, const V4l2Mode& mode) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("format", coding_name(mode.fourcc));
  object.Set("raw", mode.coding == Coding::kConvertible || mode.coding == Coding::kOpaque);
  object.Set("usable", mode.coding == Coding::kConvertible || mode.coding == Coding::kJpeg);
  object.Set("width", mode.width);
  object.Set("height", mode.height);
  object.Set("rate", mode.rate.numerator ? mode.rate.hertz() : 0);
  return object;
}

Napi::Object camera_object(Napi::Env env, const ListedCamera& camera) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("path", camera.path);
  object.Set("id", camera.id);
  object.Set("name", camera.name);
  object.Set("bus", camera.bus);
  object.Set("driver", camera.driver);
  object.Set("modes",
             array_of(env, camera.modes, [&](const V4l2Mode& mode) { return mode_object(env, mode); }));
  object.Set("controls", controls_array(env, camera.controls));
  object.Set("inputs", array_of(env, camera.inputs,
                                [&](const std::string& name) { return Napi::String::New(env, name); }));
  object.Set("holders", array_of(env, camera.holders, [&](const DeviceHolder& holder) {
               Napi::Object entry = Napi::Object::New(env);
               entry.Set("process", holder.process);
               entry.Set("program", holder.program);
               return entry;
             }));
  if (camera.problem) object.Set("problem", js_error(env, *camera.problem).Value());
  return object;
}

Result<std::vector<V4l2Control>> set_and_list(const std::string& path,
                                              const std::vector<ControlWish>& wishes) {
  auto device = V4l2Device::open(path);
  if (!device) return device.error();
  if (Status set = set_controls(*device, wishes); !set) return set.error();
  return list_controls(*device);
}

}  // namespace

Napi::Value list_cameras_off_loop(const Napi::CallbackInfo& info) {
  const ModeNeeds needs = mode_needs_of(info[0]);
  return Task<std::vector<ListedCamera>>::run(
      info.Env(), [needs] { return Result(list_cameras(needs)); },
      [](Napi::Env env, const std::vector<ListedCamera>& cameras) {
        return array_of(env, cameras, [&](const ListedCamera& camera) { return camera_object(env, camera); });
      });
}

Napi::Value controls_off_loop(const Napi::CallbackInfo& info) {
  if (!info[0].IsString() || !info[1].IsObject()) {
    throw Napi::TypeError::New(info.Env(), "cameraControls(device, settings): wanted a path and an object");
  }
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  return Task<std::vector<V4l2Control>>::run(
      info.Env(), [path, wishes = control_wishes_of(info[1])] { return set_and_list(path, wishes); },
      controls_array);
}

}  // namespace camstream
