#include "capture/decoder_choice.h"

#include <turbojpeg.h>

#include <cstdlib>

#include "capture/decode_pool.h"

namespace camstream {
namespace {

constexpr int kWidth = 640;
constexpr int kHeight = 480;
constexpr int kTolerance = 10;  // levels: decoders differ in rounding, and in how chroma is halved
constexpr int kPictures = 3;    // one alone may come out of a program that keeps the next

// A picture with smooth colours, 4:2:2 as cameras send it.
std::vector<uint8_t> sample_jpeg() {
  std::vector<uint8_t> y, chroma;
  for (int row = 0; row < kHeight; ++row) {
    for (int column = 0; column < kWidth; ++column) y.push_back(static_cast<uint8_t>(column * 255 / kWidth));
    for (int column = 0; column < kWidth / 2; ++column) {
      chroma.push_back(static_cast<uint8_t>(64 + row * 128 / kHeight));
    }
  }
  const unsigned char* planes[] = {y.data(), chroma.data(), chroma.data()};
  const tjhandle encoder = tjInitCompress();
  unsigned char* jpeg = nullptr;
  unsigned long size = 0;
  std::vector<uint8_t> bytes;
  if (encoder && tjCompressFromYUVPlanes(encoder, planes, kWidth, nullptr, kHeight, TJSAMP_422, &jpeg, &size,
                                         90, 0) == 0) {
    bytes.assign(jpeg, jpeg + size);
  }
  tjFree(jpeg);
  if (encoder) tjDestroy(encoder);
  return bytes;
}

bool alike(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  for (size_t at = 0; at < a.size(); ++at) {
    if (std::abs(a[at] - b[at]) > kTolerance) return false;
  }
  return true;
}

}  // namespace

Status probe_decoder(const DecoderProgram& program) {
  const FrameLayout layout = decoded_jpeg_layout(kWidth, kHeight);
  const std::vector<uint8_t> jpeg = sample_jpeg();
  std::vector<uint8_t> wanted(layout.payload_size);
  if (Status ours = JpegDecoder(layout).decode(jpeg.data(), jpeg.size(), wanted.data()); !ours) return ours;
  const auto decoder = make_child_decoder(program, layout);
  if (Status started = decoder->start(); !started) return started;
  for (int picture = 0; picture < kPictures; ++picture) {
    std::vector<uint8_t> found(layout.payload_size);
    decoder->give({jpeg.data(), jpeg.size(), found.data()});
    decoder->wait();
    if (const auto failed = decoder->failure()) return *failed;
    if (!alike(found, wanted)) {
      return Error{"JPEG_DECODER", program.name + " decodes to other colours than libturbojpeg"};
    }
  }
  return ok();
}

Result<std::unique_ptr<PictureDecoder>> DecoderChoice::start(const FrameLayout& layout) {
  while (!programs_.empty()) {
    Status works = proven_ ? ok() : probe_decoder(programs_.front());
    if (works) {
      proven_ = true;
      auto decoder = make_child_decoder(programs_.front(), layout);
      works = decoder->start();
      if (works) return decoder;
    }
    refuse(works.error());
  }
  std::unique_ptr<PictureDecoder> pool = std::make_unique<DecodePool>(layout, decode_threads());
  if (Status started = pool->start(); !started) return started.error();
  return pool;
}

void DecoderChoice::refuse(const Error& why) {
  if (programs_.empty()) return;
  refused_.push_back(programs_.front().name + ": " + why.message);
  untold_.push_back(
      {"JPEG_DECODER", "the decoder for JPEG " + refused_.back() + ". The next best is taken."});
  programs_.erase(programs_.begin());
  proven_ = false;
}

std::string DecoderChoice::description() const {
  std::string text = proven_ ? programs_.front().name : "libturbojpeg";
  for (size_t index = 0; index < refused_.size(); ++index) {
    text += (index == 0 ? " (not by " : "; ") + refused_[index];
  }
  return refused_.empty() ? text : text + ")";
}

}  // namespace camstream
