// Where in a picture the test picture lies, if scaling with its aspect ratio kept put black bars around it.
#pragma once

#include "pixels/image.h"
#include "pixels/rect.h"

namespace camstream {

// The test picture has no black at its edges, so one line across the middle finds each pair of bars.
Rect area_without_bars(const ConstImage& image);

}  // namespace camstream
