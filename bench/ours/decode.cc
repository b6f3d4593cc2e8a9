// Decodes a file of JPEGs as the capture does, each inspected and then decoded into a slot; prints the
// processor time, in nanoseconds a picture: of one pass after a first that does not count.
#include <sys/resource.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "pixels/jpeg_decoder.h"
#include "pixels/jpeg_structure.h"

namespace {

double processor_ns() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto ns = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_usec) * 1e3;
  };
  return ns(used.ru_utime) + ns(used.ru_stime);
}

}  // namespace

int main(int count, char** arguments) {
  using namespace camstream;
  if (count != 2) return 2;
  std::ifstream file(arguments[1], std::ios::binary);
  const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  const JpegStructure first = inspect_jpeg(bytes.data(), bytes.size());
  if (first.fault != JpegFault::kNone) return 1;
  const FrameLayout layout = decoded_jpeg_layout(first.width, first.height);
  JpegDecoder decoder(layout);
  std::vector<uint8_t> slot(layout.payload_size);
  for (int pass = 0; pass < 2; ++pass) {
    const double begin = processor_ns();
    int pictures = 0;
    for (size_t at = 0; at < bytes.size(); ++pictures) {
      const JpegStructure found = inspect_jpeg(bytes.data() + at, bytes.size() - at);
      if (found.fault != JpegFault::kNone || !decoder.decode(bytes.data() + at, found.size, slot.data()))
        return 1;
      at += found.size;
    }
    if (pass == 1) std::printf("%d %.0f\n", pictures, (processor_ns() - begin) / pictures);
  }
  return 0;
}
