#include "gstreamer/gst_api.h"

#include <dlfcn.h>

namespace camstream::gst {
namespace {

Api functions;

std::string loader_words() {
  const char* words = dlerror();
  return words ? words : "no reason given";
}

}  // namespace

const Api& api() { return functions; }

std::string load() {
  // What it depends on (GLib, GObject) is found through it.
  void* const library = dlopen("libgstreamer-1.0.so.0", RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) return loader_words();
#define CAMSTREAM_GST_LOOK_UP(name, result, arguments)                           \
  functions.name = reinterpret_cast<result(*) arguments>(dlsym(library, #name)); \
  if (functions.name == nullptr) return loader_words();
  CAMSTREAM_GST_FUNCTIONS(CAMSTREAM_GST_LOOK_UP)
#undef CAMSTREAM_GST_LOOK_UP
  return "";
}

}  // namespace camstream::gst
