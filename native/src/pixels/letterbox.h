// The black around a picture that does not fill its frame.
#pragma once

#include "pixels/image.h"
#include "pixels/rect.h"

namespace camstream {

// Makes everything outside `inner` black. Its edges must be even where chroma is shared, unless they are
// the picture's own.
void fill_around(const Image& image, const Rect& inner);

}  // namespace camstream
