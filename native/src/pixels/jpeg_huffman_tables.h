// The Huffman tables that Motion JPEG leaves out because everybody knows them (ITU-T T.81, K.3). Decoders
// of moving pictures do; browsers and image libraries want them inside.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pixels/jpeg_structure.h"

namespace camstream {

constexpr size_t kHuffmanTableBytes = 420;

// Puts the tables before the first scan of a picture that has none, in place: `capacity` bytes at `data`.
// Returns the new size, or 0 if there is no room. Bytes behind the picture are given up.
size_t add_huffman_tables(uint8_t* data, const JpegStructure& picture, size_t capacity);

}  // namespace camstream
