#include "capture/v4l2_format.h"

#include <algorithm>
#include <cerrno>

namespace camstream {
namespace {

DriverFormat shape_of(const v4l2_format& format) {
  return format.type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE ? driver_format(format.fmt.pix_mp)
                                                           : driver_format(format.fmt.pix);
}

}  // namespace

DriverFormat driver_format(const v4l2_pix_format& format) {
  DriverFormat given;
  given.fourcc = format.pixelformat;
  given.width = format.width;
  given.height = format.height;
  given.field = format.field;
  given.colorspace = format.colorspace;
  // Without the mark these fields are whatever an old driver left there.
  if (format.priv == V4L2_PIX_FMT_PRIV_MAGIC) {
    given.encoding = format.ycbcr_enc;
    given.quantization = format.quantization;
  }
  given.memory[0] = {format.bytesperline, format.sizeimage};
  return given;
}

DriverFormat driver_format(const v4l2_pix_format_mplane& format) {
  DriverFormat given;
  given.fourcc = format.pixelformat;
  given.width = format.width;
  given.height = format.height;
  given.field = format.field;
  given.colorspace = format.colorspace;
  given.encoding = format.ycbcr_enc;
  given.quantization = format.quantization;
  given.memory_count = std::clamp<uint32_t>(format.num_planes, 1, VIDEO_MAX_PLANES);
  for (uint32_t index = 0; index < given.memory_count; ++index) {
    given.memory[index] = {format.plane_fmt[index].bytesperline, format.plane_fmt[index].sizeimage};
  }
  return given;
}

Result<DriverFormat> get_format(const V4l2Device& device) {
  v4l2_format format{};
  format.type = device.buffer_type();
  if (device.control(VIDIOC_G_FMT, &format) != 0) return device.failure("VIDIOC_G_FMT", errno);
  return shape_of(format);
}

Result<DriverFormat> set_format(const V4l2Device& device, uint32_t fourcc, uint32_t width, uint32_t height) {
  v4l2_format format{};
  format.type = device.buffer_type();
  if (device.multi_planar()) {
    v4l2_pix_format_mplane& wanted = format.fmt.pix_mp;
    wanted.pixelformat = fourcc;
    wanted.width = width;
    wanted.height = height;
    wanted.field = V4L2_FIELD_NONE;
  } else {
    v4l2_pix_format& wanted = format.fmt.pix;
    wanted.pixelformat = fourcc;
    wanted.width = width;
    wanted.height = height;
    wanted.field = V4L2_FIELD_NONE;
    wanted.priv = V4L2_PIX_FMT_PRIV_MAGIC;
  }
  if (device.control_when_free(VIDIOC_S_FMT, &format) != 0) return device.failure("VIDIOC_S_FMT", errno);
  return shape_of(format);
}

}  // namespace camstream
