#include "pixels/jpeg_decoder.h"

#include <libyuv/planar_functions.h>
#include <turbojpeg.h>

#include <cstdio>
#include <optional>
#include <string>

#include "pixels/picture_view.h"
#include "pixels/plane_scaler.h"

namespace camstream {
namespace {

constexpr int kNeutral = 128;
constexpr unsigned kMostPaddingBytes = 16;

Error damaged(const std::string& how) { return {"JPEG_DAMAGED", how}; }

// Some cameras leave a few bytes between the last block and EOI. All blocks are there: no damage.
// Only the first warning about a picture is kept, but nothing follows that one.
bool is_padding_before_end(const char* warning) {
  unsigned bytes = 0;
  unsigned marker = 0;
  const int read =
      std::sscanf(warning, "Corrupt JPEG data: %u extraneous bytes before marker 0x%x", &bytes, &marker);
  return read == 2 && marker == 0xd9 && bytes <= kMostPaddingBytes;
}

using Planes = std::array<Plane, 3>;

// The planes of a picture of one sampling: the slot's where they are alike, others to be fitted into it.
class SentPlanes {
 public:
  SentPlanes(const View& view, int sampling) : sampling_(sampling) {
    for (int plane = 0; plane < (sampling == TJSAMP_GRAY ? 1 : 3); ++plane) {
      // libturbojpeg rounds luma up where columns or rows share their chroma, and writes that much.
      const PlaneSize sent{tjPlaneWidth(plane, view.width, sampling),
                           tjPlaneHeight(plane, view.height, sampling)};
      const PlaneSize wanted{plane_row_bytes(view.format, plane, view.width),
                             plane_rows(view.format, plane, view.height)};
      if (sent == wanted) continue;
      buffers_[plane] = PlaneBuffer(sent);
      if (plane > 0) scalers_[plane - 1].emplace(sent, wanted);
    }
  }

  int sampling() const { return sampling_; }

  // Where to decode.
  Planes planes(const View& view) {
    Planes planes = view.planes;
    for (size_t plane = 0; plane < planes.size(); ++plane) {
      if (const Plane apart = buffers_[plane].plane(); apart.stride > 0) planes[plane] = apart;
    }
    return planes;
  }

  // After decoding.
  void fit(const View& view) {
    const Planes from = planes(view);
    if (from[0].data != view.planes[0].data) {
      libyuv::CopyPlane(from[0].data, from[0].stride, view.planes[0].data, view.planes[0].stride, view.width,
                        view.height);
    }
    for (size_t plane = 1; plane < from.size(); ++plane) {
      const Plane to = view.planes[plane];
      if (auto& scaler = scalers_[plane - 1]) scaler->run(from[plane], to);
      if (sampling_ != TJSAMP_GRAY) continue;
      libyuv::SetPlane(to.data, to.stride, half_up(view.width), half_up(view.height), kNeutral);
    }
  }

 private:
  int sampling_;
  std::array<PlaneBuffer, 3> buffers_;
  std::array<std::optional<PlaneScaler>, 2> scalers_;
};

}  // namespace

FrameLayout decoded_jpeg_layout(uint32_t width, uint32_t height) {
  FrameLayout layout = packed_layout(PixelFormat::kI420, width, height);
  layout.matrix = Matrix::kBt601;
  layout.primaries = Primaries::kBt709;
  layout.range = Range::kFull;
  return layout;
}

class JpegDecoder::Impl {
 public:
  explicit Impl(const FrameLayout& layout) : layout_(layout), library_(tjInitDecompress()) {}
  ~Impl() {
    if (library_) tjDestroy(library_);
  }

  Status decode(const uint8_t* jpeg, size_t size, uint8_t* picture) {
    int width = 0, height = 0, sampling = 0, colours = 0;
    if (!library_) return damaged("the JPEG library has no memory");
    if (tjDecompressHeader3(library_, jpeg, size, &width, &height, &sampling, &colours) != 0)
      return failure();
    const View view = view_of(picture, layout_);
    if (width != view.width || height != view.height) return damaged("it is of another size");
    if (colours != TJCS_YCbCr && colours != TJCS_GRAY) return damaged("its colours are not YCbCr");
    if (!sent_ || sent_->sampling() != sampling) sent_.emplace(view, sampling);
    if (Status decoded = decode_planes(jpeg, size, sent_->planes(view), view); !decoded) return decoded;
    sent_->fit(view);
    return ok();
  }

 private:
  Status decode_planes(const uint8_t* jpeg, size_t size, const Planes& planes, const View& view) {
    uint8_t* data[] = {planes[0].data, planes[1].data, planes[2].data};
    int strides[] = {planes[0].stride, planes[1].stride, planes[2].stride};
    const int flags = TJFLAG_LIMITSCANS;
    const bool clean =
        tjDecompressToYUVPlanes(library_, jpeg, size, data, view.width, strides, view.height, flags) == 0;
    return clean || is_padding() ? ok() : failure();
  }

  bool is_padding() const {
    return tjGetErrorCode(library_) == TJERR_WARNING && is_padding_before_end(tjGetErrorStr2(library_));
  }
  Error failure() const { return damaged(tjGetErrorStr2(library_)); }

  FrameLayout layout_;
  tjhandle library_;
  std::optional<SentPlanes> sent_;  // of the sampling seen last
};

JpegDecoder::JpegDecoder(const FrameLayout& layout) : impl_(std::make_unique<Impl>(layout)) {}
JpegDecoder::~JpegDecoder() = default;
Status JpegDecoder::decode(const uint8_t* jpeg, size_t size, uint8_t* picture) {
  return impl_->decode(jpeg, size, picture);
}

}  // namespace camstream
