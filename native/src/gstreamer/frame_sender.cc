#include "gstreamer/frame_sender.h"

#include <algorithm>

#include "base/clock.h"
#include "capture/carrier_format.h"
#include "gstreamer/picture_facts.h"

namespace camstream {
namespace {

using gst::api;

std::string text_of(const gst::Structure* structure, const char* field) {
  const char* text = api().gst_structure_get_string(structure, field);
  return text ? text : "";
}

PictureFacts facts_of(const gst::Structure* structure) {
  PictureFacts facts;
  facts.format = text_of(structure, "format");
  api().gst_structure_get_int(structure, "width", &facts.width);
  api().gst_structure_get_int(structure, "height", &facts.height);
  api().gst_structure_get_fraction(structure, "framerate", &facts.rate_numerator, &facts.rate_denominator);
  facts.colorimetry = text_of(structure, "colorimetry");
  return facts;
}

// Rows that lie differently than the caps let expect: the buffer says so.
void apply_meta(gst::Buffer* buffer, FrameLayout& layout) {
  const size_t type = api().g_type_from_name("GstVideoMetaAPI");  // 0: nobody has ever made one
  const auto* meta =
      type ? static_cast<const gst::VideoMeta*>(api().gst_buffer_get_meta(buffer, type)) : nullptr;
  if (meta == nullptr || meta->plane_count != layout.plane_count) return;
  layout.payload_size = 0;
  for (uint32_t i = 0; i < layout.plane_count; ++i) {
    PlaneLayout& plane = layout.planes[i];
    plane.offset = meta->offset[i];
    plane.stride = static_cast<uint32_t>(std::max(meta->stride[i], 0));
    layout.payload_size = std::max(layout.payload_size, plane.offset + uint64_t{plane.stride} * plane.rows);
  }
}

// The pipeline runs by GStreamer's system clock, which is CLOCK_MONOTONIC: base time + running time is the
// moment that the source gave the picture, whatever happened to it since. kNoTime: it has none.
uint64_t captured_ns(gst::Object* sink, const gst::Buffer* buffer, gst::Object* pad) {
  if (buffer->pts == gst::kNoTime) return gst::kNoTime;
  gst::Event* event = api().gst_pad_get_sticky_event(pad, gst::kEventSegment, 0);
  if (event == nullptr) return gst::kNoTime;
  const gst::Segment* segment = nullptr;
  api().gst_event_parse_segment(event, &segment);
  const uint64_t running = api().gst_segment_to_running_time(segment, gst::kFormatTime, buffer->pts);
  api().gst_mini_object_unref(event);
  const uint64_t base = api().gst_element_get_base_time(sink);
  return running == gst::kNoTime || base == gst::kNoTime ? gst::kNoTime : base + running;
}

}  // namespace

void FrameSender::hand_off(gst::Object* sink, gst::Buffer* buffer, gst::Object* pad, void* self) {
  auto* sender = static_cast<FrameSender*>(self);
  if (!sender->over_) sender->send(sink, buffer, pad);
}

void FrameSender::send(gst::Object* sink, gst::Buffer* buffer, gst::Object* pad) {
  if (!follow_caps(pad) || !tell_format(buffer)) return;
  CarrierHead head;
  head.body_size = told_->payload_size;
  head.captured_ns = captured_ns(sink, buffer, pad);
  if (head.captured_ns == gst::kNoTime) {
    head.captured_ns = monotonic_ns();
    head.flags |= kCarrierNoTime;
  }
  head.number = buffer->offset;
  if (buffer->object.flags & gst::kBufferCorrupted) head.flags |= kCarrierCorrupt;
  gst::MapInfo map{};
  if (!api().gst_buffer_map(buffer, &map, gst::kMapRead))
    return stop_with(GstFault::kFailed,
                     "a buffer cannot be read by the CPU; add what downloads it, as "
                     "`nvvidconv`, `vapostproc` or `gldownload`");
  // Fewer bytes than a picture has: the last row may be short, no more than that.
  if (map.size < head.body_size) head.flags |= kCarrierCorrupt;
  if (!writer_.frame(head, map.data, map.size)) over_ = true;
  api().gst_buffer_unmap(buffer, &map);
}

// Caps are looked at when they are others. False: they are of no use.
bool FrameSender::follow_caps(gst::Object* pad) {
  gst::Caps* caps = api().gst_pad_get_current_caps(pad);
  if (caps == caps_) {
    if (caps) api().gst_mini_object_unref(caps);
    return layout_.has_value();
  }
  if (caps_) api().gst_mini_object_unref(caps_);
  caps_ = caps;  // kept, so that no other caps get its address
  layout_.reset();
  if (caps == nullptr) return false;
  const gst::Structure* structure = api().gst_caps_get_structure(caps, 0);
  const std::string interlace = text_of(structure, "interlace-mode");
  if (interlace == "interleaved" || interlace == "fields" || interlace == "alternate") {
    stop_with(GstFault::kInterlaced, "interlace-mode=" + interlace);
    return false;
  }
  layout_ = layout_of(facts_of(structure));
  if (!layout_) stop_with(GstFault::kFailed, "the pictures are in a format that was not asked for");
  return layout_.has_value();
}

bool FrameSender::tell_format(gst::Buffer* buffer) {
  FrameLayout layout = *layout_;
  apply_meta(buffer, layout);
  if (told_ == layout) return true;
  told_ = layout;
  if (writer_.format(carrier_format_of(layout))) return true;
  over_ = true;
  return false;
}

void FrameSender::stop_with(GstFault fault, const std::string& words) {
  writer_.fault(fault, "", words);
  over_ = true;
}

}  // namespace camstream
