// Decodes JPEGs by a program that has hardware for it: pictures go into its standard input, i420 comes out
// of its standard output. One picture is under way at a time, so that no answer is taken for another's.
//
// A program that ends, hangs or leaves a picture out has failed for good: that picture and those after it are
// decoded with libturbojpeg on the same thread, until the owner takes another decoder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "capture/picture_decoder.h"
#include "pixels/pixel_format.h"

namespace camstream {

struct DecoderProgram {
  enum class Framing {
    kNone,  // one JPEG behind the other: GStreamer's jpegparse
    kNut,   // in NUT: ffmpeg finds the end of a bare JPEG only when the next one comes
  };
  std::string name;               // "vaapi"
  std::vector<std::string> argv;  // "{width}" and "{height}" stand for the picture's
  Framing framing = Framing::kNone;
};

// start(), on the thread with whose end the program is to end: errors are those of ChildProcess::start().
std::unique_ptr<PictureDecoder> make_child_decoder(const DecoderProgram& program, const FrameLayout& layout);

}  // namespace camstream
