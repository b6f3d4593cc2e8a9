// What decodes a camera's JPEGs into slots: threads with libturbojpeg (decode_pool.h), or a program that has
// the machine's hardware do it (child_decoder.h). Results come in the order in which pictures were given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/result.h"

namespace camstream {

// One owner's thread calls everything.
class PictureDecoder {
 public:
  virtual ~PictureDecoder() = default;  // finishes what is under way

  virtual Status start() = 0;

  struct Picture {
    const uint8_t* jpeg = nullptr;  // stays as it is until its result was taken, as does
    size_t size = 0;
    uint8_t* slot = nullptr;
  };
  virtual bool room() const = 0;
  virtual void give(const Picture& picture) = 0;  // if there is room
  // Readable when a result is there; to be poll()ed.
  virtual int ready() const = 0;
  // Result of the oldest picture, if it is there: see JpegDecoder::decode().
  virtual std::optional<Status> take() = 0;
  // The same, waited for; nothing if none is under way.
  virtual std::optional<Status> wait() = 0;

  // Why it had better be replaced by another. What it was given is decoded all the same.
  virtual std::optional<Error> failure() { return std::nullopt; }
};

}  // namespace camstream
