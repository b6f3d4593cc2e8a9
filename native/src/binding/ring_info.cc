#include "binding/ring_info.h"

#include <algorithm>

namespace camstream {
namespace {

std::string hex(const uint8_t* bytes, size_t size) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t index = 0; index < size; ++index) {
    text += kDigits[bytes[index] >> 4];
    text += kDigits[bytes[index] & 15];
  }
  return text;
}

}  // namespace

Napi::Object ring_info(Napi::Env env, const RingGeometry& geometry) {
  Napi::Object info = Napi::Object::New(env);
  const auto number = [&](const char* key, uint64_t value) { info.Set(key, static_cast<double>(value)); };
  info.Set("name", std::string(geometry.name, strnlen(geometry.name, sizeof geometry.name)));
  info.Set("ringId", hex(geometry.ring_id, sizeof geometry.ring_id));
  number("fourcc", geometry.fourcc);
  number("width", geometry.width);
  number("height", geometry.height);
  Napi::Array planes = Napi::Array::New(env);
  for (uint32_t index = 0; index < std::min(geometry.plane_count, kMaxPlanes); ++index) {
    Napi::Object plane = Napi::Object::New(env);
    plane.Set("offset", static_cast<double>(geometry.planes[index].offset));
    plane.Set("stride", static_cast<double>(geometry.planes[index].stride));
    plane.Set("rows", static_cast<double>(geometry.planes[index].rows));
    planes.Set(index, plane);
  }
  info.Set("planes", planes);
  number("slotCount", geometry.slot_count);
  number("slotStride", geometry.slot_stride);
  number("payloadCapacity", geometry.payload_capacity);
  number("fileSize", geometry.file_size);
  number("matrix", geometry.matrix);
  number("primaries", geometry.primaries);
  number("range", geometry.range);
  number("rateNumerator", geometry.rate_numerator);
  number("rateDenominator", geometry.rate_denominator);
  number("producerPid", geometry.producer_pid);
  number("leaseSlots", geometry.lease_slots);
  number("leaseQuota", geometry.lease_quota);
  number("layoutMajor", geometry.major);
  number("layoutMinor", geometry.minor);
  info.Set("monotonicNs", Napi::BigInt::New(env, geometry.monotonic_ns));
  info.Set("realtimeNs", Napi::BigInt::New(env, geometry.realtime_ns));
  return info;
}

Napi::Object ring_status(Napi::Env env, const RingHostStatus& status) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("published", static_cast<double>(status.published));
  object.Set("revoked", static_cast<double>(status.revoked));
  object.Set("members", status.members);
  object.Set("leased", status.leased);
  object.Set("slotCount", status.slot_count);
  object.Set("fileSize", static_cast<double>(status.file_size));
  return object;
}

}  // namespace camstream
