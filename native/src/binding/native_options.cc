#include "binding/native_options.h"

#include <cmath>

#include "binding/js_error.h"

namespace camstream {
namespace {

constexpr uint32_t kLargestSide = 16384;

[[noreturn]] void refuse(const Napi::Object& object, const char* key, const std::string& wanted) {
  throw Napi::TypeError::New(object.Env(), std::string("option `") + key + "`: wanted " + wanted);
}

std::string format_names() {
  std::string names;
  for (const FormatName& entry : kFormatNames) names += (names.empty() ? "" : ", ") + std::string(entry.name);
  return names;
}

Napi::Value get(const Napi::Object& object, const char* key) { return object.Get(key); }

}  // namespace

std::string text_of(const Napi::Object& object, const char* key) {
  const Napi::Value value = get(object, key);
  if (!value.IsString()) refuse(object, key, "a string");
  return value.As<Napi::String>().Utf8Value();
}

PixelFormat format_of(const Napi::Object& object, const char* key) {
  const auto format = format_of_name(text_of(object, key));
  if (!format) refuse(object, key, "one of " + format_names());
  return *format;
}

bool flag_of(const Napi::Object& object, const char* key) {
  const Napi::Value value = get(object, key);
  if (!value.IsBoolean()) refuse(object, key, "true or false");
  return value.As<Napi::Boolean>().Value();
}

uint32_t number_of(const Napi::Object& object, const char* key) {
  const Napi::Value value = get(object, key);
  if (!value.IsNumber()) refuse(object, key, "a number");
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= 0 && number <= 4294967295.0) || number != std::floor(number)) {
    refuse(object, key, "a whole number from 0 to 4294967295");
  }
  return static_cast<uint32_t>(number);
}

uint32_t number_or(const Napi::Object& object, const char* key, uint32_t otherwise) {
  return get(object, key).IsUndefined() ? otherwise : number_of(object, key);
}

std::string text_or(const Napi::Object& object, const char* key, const char* otherwise) {
  return get(object, key).IsUndefined() ? otherwise : text_of(object, key);
}

RingHostOptions ring_options_of(const Napi::Object& options) {
  RingHostOptions ring;
  ring.root = text_of(options, "root");
  ring.name = text_of(options, "name");
  ring.readers = number_of(options, "readers");
  ring.hold = number_of(options, "hold");
  ring.local_leases = number_of(options, "localLeases");
  ring.lease_timeout_ms = number_of(options, "leaseTimeoutMs");
  ring.group = text_of(options, "group");
  ring.system_modes = flag_of(options, "systemModes");
  return ring;
}

FrameLayout packed_layout_of(const Napi::Object& layout) {
  const PixelFormat format = format_of(layout, "format");
  const uint32_t width = number_of(layout, "width");
  const uint32_t height = number_of(layout, "height");
  if (width == 0 || width > kLargestSide) refuse(layout, "width", "1 to 16384");
  if (height == 0 || height > kLargestSide) refuse(layout, "height", "1 to 16384");
  return packed_layout(format, width, height);
}

FrameRate rate_of(const Napi::Object& object, const char* key) {
  const Napi::Value value = get(object, key);
  if (!value.IsNumber() || !(value.As<Napi::Number>().DoubleValue() >= 0)) {
    refuse(object, key, "frames a second, 0 or more");
  }
  return frame_rate_of(value.As<Napi::Number>().DoubleValue());
}

ModeNeeds mode_needs_of(const Napi::Value& needs) {
  if (!needs.IsObject()) return {};
  const auto object = needs.As<Napi::Object>();
  return {number_of(object, "width"), number_of(object, "height"), rate_of(object, "rate")};
}

std::vector<ControlWish> control_wishes_of(const Napi::Value& settings) {
  std::vector<ControlWish> wishes;
  if (!settings.IsObject()) return wishes;
  const auto object = settings.As<Napi::Object>();
  const Napi::Array names = object.GetPropertyNames();
  for (uint32_t index = 0; index < names.Length(); ++index) {
    const Napi::Value name = names.Get(index);
    wishes.push_back({name.ToString().Utf8Value(), object.Get(name).ToString().Utf8Value()});
  }
  return wishes;
}

}  // namespace camstream
