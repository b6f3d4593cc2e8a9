// Pictures of known colours for the conversion tests, and the arithmetic of ITU-R BT.601 and BT.709 in
// floating point to compare with.
#pragma once

#include <array>
#include <functional>

#include "pixels/picture_view.h"

namespace camstream {

// Y, U, V or R, G, B, whichever the picture has; gray8 has Y alone.
using Colour3 = std::array<int, 3>;
using ColourAt = std::function<Colour3(int x, int y)>;

// Chroma is that of the last of the pixels that share it.
void paint_picture(const View& view, const ColourAt& colour_at);
Colour3 colour_of(const ConstView& view, int x, int y);

// What `colour` of a picture with layout `from` is in one with layout `to`.
Colour3 expected_colour(const Colour3& colour, const FrameLayout& from, const FrameLayout& to);

}  // namespace camstream
