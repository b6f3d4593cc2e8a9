#include "binding/loop_event_object.h"

#include "binding/ring_info.h"

namespace camstream {
namespace {

const char* name_of(LoopEvent::Kind kind) {
  switch (kind) {
    case LoopEvent::Kind::kStarted: return "started";
    case LoopEvent::Kind::kFailed: return "failed";
    case LoopEvent::Kind::kStalled: return "stalled";
    case LoopEvent::Kind::kRecovered: return "recovered";
    case LoopEvent::Kind::kRebuilt: return "rebuilt";
    case LoopEvent::Kind::kEnded: return "ended";
    case LoopEvent::Kind::kRevoked: return "revoked";
    case LoopEvent::Kind::kVisited: return "visited";
    case LoopEvent::Kind::kNotice: return "notice";
  }
  return "";
}

}  // namespace

Napi::Object loop_event_object(Napi::Env env, const LoopEvent& event) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("kind", name_of(event.kind));
  switch (event.kind) {
    case LoopEvent::Kind::kStarted:
      object.Set("description", event.description);
      if (event.geometry) object.Set("info", ring_info(env, *event.geometry));
      break;
    case LoopEvent::Kind::kFailed: object.Set("retryInMs", event.retry_in_ms); [[fallthrough]];
    case LoopEvent::Kind::kNotice:
      object.Set("code", event.error.code);
      object.Set("message", event.error.message);
      break;
    case LoopEvent::Kind::kVisited:
    case LoopEvent::Kind::kRevoked: object.Set("count", event.count); break;
    default: break;
  }
  return object;
}

}  // namespace camstream
