// A picture's layout as the carrier has it, and back. What comes out of a pipe is believed only after it was
// checked: nothing that a child says may reach outside a slot.
#pragma once

#include <optional>

#include "capture/carrier.h"

namespace camstream {

CarrierFormat carrier_format_of(const FrameLayout& layout);

// None: a format that is none of ours, planes that overlap the end or are too narrow, a size nobody has.
std::optional<FrameLayout> layout_of(const CarrierFormat& format);

}  // namespace camstream
