// Frames of which every byte belongs to one number: eight bytes after eight bytes the same word, made of
// the producer's process and the frame's sequence. A byte of another frame shows wherever it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace camstream {

inline uint64_t frame_word(uint64_t producer, uint64_t sequence) { return producer << 40 | sequence; }

inline void fill_words(uint8_t* bytes, size_t size, uint64_t word) {
  for (size_t at = 0; at + sizeof(word) <= size; at += sizeof(word))
    std::memcpy(bytes + at, &word, sizeof(word));
}

inline bool all_words_are(const uint8_t* bytes, size_t size, uint64_t word) {
  uint64_t difference = 0;
  for (size_t at = 0; at + sizeof(word) <= size; at += sizeof(word)) {
    uint64_t found;
    std::memcpy(&found, bytes + at, sizeof(found));
    difference |= found ^ word;
  }
  return difference == 0;
}

}  // namespace camstream
