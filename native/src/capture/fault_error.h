// A pipeline's fault, in our words and GStreamer's, with what to do.
#pragma once

#include <string>

#include "base/result.h"
#include "capture/carrier.h"

namespace camstream {

// `text`: of a kFault. `wish`: size, rate and format that were asked for; may be empty.
// Codes: GST_MISSING, GST_SYNTAX, GST_ELEMENT, GST_NO_VIDEO, GST_FORMAT, GST_INTERLACED, GST_FAILED.
Error fault_error(GstFault fault, const std::string& text, const std::string& pipeline,
                  const std::string& wish);

}  // namespace camstream
