#include "capture/fault_error.h"

#include "capture/gst_packages.h"

namespace camstream {
namespace {

constexpr const char* kEnd =
    ". It has to end in an element that gives video/x-raw in ordinary memory: leave its sink out; behind a "
    "camera's JPEG add `jpegdec`, behind H.264 `h264parse ! avdec_h264`, behind anything `decodebin`.";

// With a wish it is most often the wish that does not fit.
Error refused(const std::string& head, const std::string& words, const std::string& wish) {
  return {"GST_FORMAT", head + "wanted " + wish + " (mode), which it does not give: " + words +
                            ". Leave `mode` out to take what it gives, or end it with `! videoscale` for "
                            "another size and `! videorate` for another rate."};
}

Error not_linked(const std::string& head, const std::string& words, const std::string& wish) {
  if (!wish.empty()) return refused(head, words, wish);
  return {"GST_NO_VIDEO",
          head + "two of its elements do not fit, or its end gives no raw video: " + words + kEnd};
}

Error not_negotiated(const std::string& head, const std::string& words, const std::string& wish) {
  if (!wish.empty()) return refused(head, words, wish);
  return {"GST_FORMAT", head + "its elements find no format that suits all of them: " + words +
                            ". `gst-launch-1.0 -v PIPELINE ! fakesink` shows what each of them gives."};
}

}  // namespace

Error fault_error(GstFault fault, const std::string& text, const std::string& pipeline,
                  const std::string& wish) {
  const size_t line = text.find('\n');
  const std::string subject = line == std::string::npos ? "" : text.substr(0, line);
  const std::string words = line == std::string::npos ? text : text.substr(line + 1);
  const std::string head = "the pipeline `" + pipeline + "`: ";
  switch (fault) {
    case GstFault::kNoLibrary:
      return {"GST_MISSING", head + "GStreamer cannot be used: " + words +
                                 ". Install it with `apt-get install gstreamer1.0-plugins-base "
                                 "gstreamer1.0-plugins-good`, and what its elements are in."};
    case GstFault::kSyntax:
      return {"GST_SYNTAX", head + "this is no pipeline: " + words +
                                ". What follows `gst:` is written as for gst-launch-1.0, without its sink."};
    case GstFault::kNoElement:
      return {"GST_ELEMENT", head + words + ". " + install_advice(subject.empty() ? words : subject)};
    case GstFault::kNotLinked: return not_linked(head, words, wish);
    case GstFault::kNotNegotiated: return not_negotiated(head, words, wish);
    case GstFault::kInterlaced:
      return {"GST_INTERLACED", head + "its pictures are interlaced (" + words +
                                    "). End it with `! deinterlace` (gstreamer1.0-plugins-good)."};
    case GstFault::kFailed: break;
  }
  return {"GST_FAILED", head + words};
}

}  // namespace camstream
