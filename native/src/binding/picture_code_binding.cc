#include "binding/picture_code_binding.h"

#include "binding/js_error.h"
#include "binding/native_options.h"
#include "pixels/block_code.h"
#include "pixels/row_code.h"

namespace camstream {
namespace {

// (data: Uint8Array, layout: { format, width, height })
ConstImage image_of(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsTypedArray() || !info[1].IsObject()) {
    throw Napi::TypeError::New(env, "wanted (data: Uint8Array, layout: { format, width, height })");
  }
  const auto data = info[0].As<Napi::Uint8Array>();
  const FrameLayout layout = packed_layout_of(info[1].As<Napi::Object>());
  if (data.ByteLength() < layout.payload_size) {
    throw js_error(env, {"FRAME_SIZE", "a picture of this layout has " + std::to_string(layout.payload_size) +
                                           " bytes, the data given " + std::to_string(data.ByteLength())});
  }
  return {data.Data(), layout};
}

}  // namespace

Napi::Value read_block_code(const Napi::CallbackInfo& info) {
  const auto code = read_block_code(image_of(info));
  if (!code) return info.Env().Undefined();
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("sequence", code->sequence);
  object.Set("capturedAtNs", Napi::BigInt::New(info.Env(), code->captured_ns));
  return object;
}

Napi::Value check_rows(const Napi::CallbackInfo& info) {
  const RowCheck check = check_rows(image_of(info));
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("torn", check.torn);
  object.Set("sequence", static_cast<uint32_t>(check.sequence));
  object.Set("row", check.row);
  return object;
}

}  // namespace camstream
