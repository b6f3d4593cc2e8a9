#include "binding/jpeg_encoder_binding.h"

#include <cstdlib>
#include <cstring>
#include <memory>

#include "binding/addon_data.h"
#include "binding/js_error.h"
#include "binding/native_options.h"

namespace camstream {
namespace {

struct FreeBytes {
  void operator()(uint8_t* bytes) const { std::free(bytes); }
};

// One picture on one of libuv's threads. Holds encoder and bytes until it is done.
class EncodeTask : public Napi::AsyncWorker {
 public:
  EncodeTask(Napi::Env env, Napi::Object encoder, Napi::Uint8Array data, const ConstImage& image,
             const JpegWish& wish)
      : AsyncWorker(env, "JpegEncoder"),
        encoder_(JpegEncoderBinding::Unwrap(encoder)),
        encoder_object_(Napi::Persistent(encoder)),
        data_(Napi::Persistent(data)),
        image_(image),
        wish_(wish),
        done_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise promise() const { return done_.Promise(); }

 protected:
  void Execute() override {
    const auto picture = encoder_->encoder().encode(image_, wish_);
    if (!picture) {
      error_ = picture.error();
      return;
    }
    // Copied once, by this thread, into memory of its own size, which JavaScript then owns.
    jpeg_.reset(static_cast<uint8_t*>(std::malloc(picture->size)));
    if (!jpeg_) {
      error_ = {"JPEG_ENCODER", "no memory for the finished picture"};
      return;
    }
    std::memcpy(jpeg_.get(), picture->data, picture->size);
    size_ = picture->size;
  }

  void OnOK() override {
    encoder_->finished();
    if (!jpeg_) return done_.Reject(js_error(Env(), error_).Value());
    uint8_t* bytes = jpeg_.release();
    done_.Resolve(
        Napi::Buffer<uint8_t>::New(Env(), bytes, size_, [](Napi::Env, uint8_t* data) { std::free(data); }));
  }

 private:
  JpegEncoderBinding* encoder_;
  Napi::ObjectReference encoder_object_;
  Napi::Reference<Napi::Uint8Array> data_;
  ConstImage image_;
  JpegWish wish_;
  Napi::Promise::Deferred done_;
  Error error_;
  std::unique_ptr<uint8_t, FreeBytes> jpeg_;
  size_t size_ = 0;
};

Matrix matrix_of(const std::string& name) {
  if (name == "bt709") return Matrix::kBt709;
  if (name == "bt2020") return Matrix::kBt2020;
  return Matrix::kBt601;
}

// { format, width, height, matrix, range }
FrameLayout layout_of(const Napi::Object& options) {
  FrameLayout layout = packed_layout_of(options);
  layout.matrix = matrix_of(text_of(options, "matrix"));
  layout.range = text_of(options, "range") == "full" ? Range::kFull : Range::kLimited;
  return layout;
}

JpegWish wish_of(const Napi::Object& options) {
  const JpegWish wish{static_cast<int>(number_of(options, "quality")),
                      static_cast<int>(number_of(options, "scale"))};
  if (wish.quality < 1 || wish.quality > 100 || wish.scale < 1 || wish.scale > 2)
    throw Napi::RangeError::New(options.Env(), "wanted quality 1..100 and scale 1 or 2");
  return wish;
}

}  // namespace

Napi::Function JpegEncoderBinding::define(Napi::Env env) {
  return DefineClass(env, "NativeJpegEncoder", {InstanceMethod<&JpegEncoderBinding::encode>("encode")});
}

Napi::Value JpegEncoderBinding::create(const Napi::CallbackInfo& info) {
  return AddonData::of(info.Env()).jpeg_encoder.New({});
}

Napi::Value JpegEncoderBinding::encode(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsTypedArray() || !info[1].IsObject() || !info[2].IsObject())
    throw Napi::TypeError::New(env, "encode(data, layout, wish): wanted a Uint8Array and two objects");
  const auto data = info[0].As<Napi::Uint8Array>();
  const FrameLayout layout = layout_of(info[1].As<Napi::Object>());
  if (data.ByteLength() < layout.payload_size) {
    throw js_error(env, {"FRAME_SIZE", "a picture of this layout has " + std::to_string(layout.payload_size) +
                                           " bytes, the data given " + std::to_string(data.ByteLength())});
  }
  const JpegWish wish = wish_of(info[2].As<Napi::Object>());
  if (busy_) throw js_error(env, {"JPEG_ENCODER", "this encoder is at work; one picture at a time"});
  busy_ = true;
  auto* task = new EncodeTask(env, Value(), data, {data.Data(), layout}, wish);
  const Napi::Promise promise = task->promise();
  task->Queue();
  return promise;
}

}  // namespace camstream
