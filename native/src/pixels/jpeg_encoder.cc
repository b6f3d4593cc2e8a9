#include "pixels/jpeg_encoder.h"

#include <libyuv/scale.h>
#include <turbojpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "pixels/jpeg_colours.h"
#include "pixels/picture_view.h"
#include "pixels/plane_buffer.h"

namespace camstream {
namespace {

constexpr int kSampling = TJSAMP_420;

int round_up_to_even(int value) { return half_up(value) * 2; }

// A picture of our own: even in both directions, as libturbojpeg reads it.
class Scratch {
 public:
  Scratch(int width, int height) : width_(width), height_(height) {
    const PlaneSize luma{round_up_to_even(width), round_up_to_even(height)};
    const PlaneSize chroma{luma.width / 2, luma.height / 2};
    buffers_ = {PlaneBuffer(luma), PlaneBuffer(chroma), PlaneBuffer(chroma)};
  }

  bool fits(int width, int height) const { return width == width_ && height == height_; }

  View view() {
    return {PixelFormat::kI420, width_, height_,
            {buffers_[0].plane(), buffers_[1].plane(), buffers_[2].plane()}};
  }

  // The column and the row that make it even are those beside them.
  void pad() {
    const Plane luma = buffers_[0].plane();
    const auto row = [&](int y) { return luma.data + ptrdiff_t{y} * luma.stride; };
    if (width_ % 2 != 0) {
      for (int y = 0; y < height_; ++y) row(y)[width_] = row(y)[width_ - 1];
    }
    if (height_ % 2 != 0)
      std::memcpy(row(height_), row(height_ - 1), static_cast<size_t>(round_up_to_even(width_)));
  }

 private:
  int width_;
  int height_;
  std::array<PlaneBuffer, 3> buffers_;
};

void scale_picture(const ConstView& from, const View& to) {
  for (size_t plane = 0; plane < 3; ++plane) {
    const auto size_of = [plane](int size) { return plane == 0 ? size : half_up(size); };
    libyuv::ScalePlane(from.planes[plane].data, from.planes[plane].stride, size_of(from.width),
                       size_of(from.height), to.planes[plane].data, to.planes[plane].stride,
                       size_of(to.width), size_of(to.height), libyuv::kFilterBox);
  }
}

void copy_picture(const ConstView& from, const View& to) {
  for (int plane = 0; plane < 3; ++plane) {
    const auto bytes = static_cast<size_t>(plane_row_bytes(from.format, plane, from.width));
    for (int y = 0; y < plane_rows(from.format, plane, from.height); ++y) {
      std::memcpy(to.planes[plane].data + ptrdiff_t{y} * to.planes[plane].stride,
                  from.planes[plane].data + ptrdiff_t{y} * from.planes[plane].stride, bytes);
    }
  }
}

}  // namespace

class JpegEncoder::Impl {
 public:
  Impl() : library_(tjInitCompress()) {}
  ~Impl() {
    if (library_) tjDestroy(library_);
  }

  Result<Picture> encode(const ConstImage& image, const JpegWish& wish) {
    if (image.layout.fourcc != static_cast<uint32_t>(PixelFormat::kI420))
      return Error{"JPEG_FORMAT", "turbo encodes i420 pictures only"};
    if (!library_) return Error{"JPEG_ENCODER", "the JPEG library has no memory"};
    return compress(prepare(image, wish.scale), wish.quality);
  }

 private:
  // The picture as it is where that will do, otherwise as it has to be, in scratch memory.
  ConstView prepare(const ConstImage& image, int scale) {
    const ConstView view = view_of(image.data, image.layout);
    JpegColours colours(image.layout.matrix, image.layout.range);
    const int width = std::max(view.width / scale, 1), height = std::max(view.height / scale, 1);
    const bool even = width % 2 == 0 && height % 2 == 0;
    if (scale == 1 && even && colours.none()) return view;
    if (!scratch_ || !scratch_->fits(width, height)) scratch_.emplace(width, height);
    const View to = scratch_->view();
    if (scale != 1) scale_picture(view, to);
    else if (colours.none()) copy_picture(view, to);
    if (!colours.none()) colours.convert(scale == 1 ? view : ConstView(to), to);
    scratch_->pad();
    return to;
  }

  Result<Picture> compress(const ConstView& view, int quality) {
    const unsigned long capacity = tjBufSize(view.width, view.height, kSampling);
    if (jpeg_.size() < capacity) jpeg_.resize(capacity);
    const uint8_t* planes[] = {view.planes[0].data, view.planes[1].data, view.planes[2].data};
    const int strides[] = {view.planes[0].stride, view.planes[1].stride, view.planes[2].stride};
    unsigned char* to = jpeg_.data();
    unsigned long size = capacity;
    // The exact transform costs a tenth more than the fast one with SIMD, and is what sharp takes.
    const int flags = TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT;
    if (tjCompressFromYUVPlanes(library_, planes, view.width, strides, view.height, kSampling, &to, &size,
                                quality, flags) == 0) {
      return Picture{to, size};
    }
    return Error{"JPEG_ENCODER", tjGetErrorStr2(library_)};
  }

  tjhandle library_;
  std::optional<Scratch> scratch_;  // of the size needed last
  std::vector<uint8_t> jpeg_;
};

JpegEncoder::JpegEncoder() : impl_(std::make_unique<Impl>()) {}
JpegEncoder::~JpegEncoder() = default;

Result<JpegEncoder::Picture> JpegEncoder::encode(const ConstImage& image, const JpegWish& wish) {
  return impl_->encode(image, wish);
}

}  // namespace camstream
