// A still picture that says something to whoever watches: white lines of text in the middle of dark grey.
#pragma once

#include <string>

#include "pixels/image.h"

namespace camstream {

// Fills `image`, of any of our formats and any size; lines are parted by newlines, and as large as fits. In a
// picture too small for them there is grey alone.
void paint_notice(const Image& image, const std::string& text);

}  // namespace camstream
