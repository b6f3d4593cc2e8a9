#include "binding/source_options.h"

#include <dlfcn.h>

#include "binding/native_options.h"
#include "capture/file_source.h"
#include "capture/pipe_source.h"
#include "capture/synthetic_source.h"
#include "capture/v4l2_source.h"

namespace camstream {
namespace {

std::optional<PixelFormat> wanted_format(const Napi::Object& options) {
  if (text_of(options, "format").empty()) return std::nullopt;
  return format_of(options, "format");
}

std::unique_ptr<Source> make_test(const Napi::Object& options) {
  SyntheticOptions wanted;
  if (const uint32_t width = number_of(options, "width")) wanted.width = width;
  if (const uint32_t height = number_of(options, "height")) wanted.height = height;
  if (const FrameRate rate = rate_of(options, "rate"); rate.numerator != 0) wanted.rate = rate;
  if (const auto format = wanted_format(options)) wanted.format = *format;
  return make_synthetic_source(wanted);
}

// The program that runs pipelines lies beside this addon, wherever that is.
std::string pipeline_program() {
  Dl_info self{};
  if (dladdr(reinterpret_cast<const void*>(&pipeline_program), &self) == 0 || self.dli_fname == nullptr)
    return "";
  const std::string addon = self.dli_fname;
  return addon.substr(0, addon.rfind('/') + 1) + "camstream-gst";
}

std::unique_ptr<Source> make_file(const Napi::Object& options) {
  return make_file_source({.path = text_of(options, "path"),
                           .width = number_of(options, "width"),
                           .height = number_of(options, "height"),
                           .rate = rate_of(options, "rate"),
                           .format = wanted_format(options),
                           .ffmpeg = text_or(options, "ffmpeg", "ffmpeg")});
}

V4l2Io wanted_io(const Napi::Object& options) {
  const std::string io = text_or(options, "io", "auto");
  if (io == "auto") return V4l2Io::kAuto;
  if (io == "mmap") return V4l2Io::kMmap;
  if (io == "userptr") return V4l2Io::kUserptr;
  throw Napi::TypeError::New(options.Env(), "option `io`: wanted auto, mmap or userptr, found " + io);
}

std::vector<DecoderProgram> decoders_of(const Napi::Object& options) {
  std::vector<DecoderProgram> programs;
  const Napi::Value list = options.Get("decoders");
  if (!list.IsArray()) return programs;
  const auto entries = list.As<Napi::Array>();
  for (uint32_t index = 0; index < entries.Length(); ++index) {
    const auto entry = entries.Get(index).As<Napi::Object>();
    const auto words = entry.Get("argv").As<Napi::Array>();
    DecoderProgram program;
    program.name = text_of(entry, "name");
    program.framing =
        text_of(entry, "framing") == "nut" ? DecoderProgram::Framing::kNut : DecoderProgram::Framing::kNone;
    for (uint32_t word = 0; word < words.Length(); ++word) {
      program.argv.push_back(words.Get(word).ToString().Utf8Value());
    }
    if (!program.argv.empty()) programs.push_back(std::move(program));
  }
  return programs;
}

CameraWish camera_wish_of(const Napi::Object& options) {
  CameraWish wish{.mode = {.width = number_of(options, "width"),
                           .height = number_of(options, "height"),
                           .rate = rate_of(options, "rate"),
                           .format = text_of(options, "format")},
                  .needs = mode_needs_of(options.Get("needs")),
                  .input = {.standard = text_or(options, "standard", "")}};
  if (!options.Get("input").IsUndefined()) wish.input.number = number_of(options, "input");
  return wish;
}

bool waits(const Napi::Object& options) { return options.Get("wait").ToBoolean().Value(); }

std::unique_ptr<Source> make_pipeline(const Napi::Object& options) {
  PipelineOptions wanted;
  wanted.program = pipeline_program();
  const std::string device = text_or(options, "path", "");
  if (!device.empty()) {
    wanted.camera = {.path = device,
                     .wish = camera_wish_of(options),
                     .controls = control_wishes_of(options.Get("controls")),
                     .wait = waits(options)};
    return make_pipe_source(std::move(wanted));
  }
  wanted.pipeline = text_of(options, "pipeline");
  wanted.wish = {.width = number_of(options, "width"),
                 .height = number_of(options, "height"),
                 .rate = rate_of(options, "rate"),
                 .format = wanted_format(options)};
  return make_pipe_source(std::move(wanted));
}

std::unique_ptr<Source> make_v4l2(const Napi::Object& options) {
  return make_v4l2_source({.path = text_of(options, "path"),
                           .wish = camera_wish_of(options),
                           .controls = control_wishes_of(options.Get("controls")),
                           .io = wanted_io(options),
                           .buffers = number_or(options, "buffers", 0),
                           .stall_ms = number_or(options, "stallMs", 0),
                           .wait = waits(options),
                           .decoders = decoders_of(options)});
}

}  // namespace

std::unique_ptr<Source> make_source(const Napi::Object& options) {
  const std::string kind = text_of(options, "kind");
  if (kind == "test") return make_test(options);
  if (kind == "file") return make_file(options);
  if (kind == "v4l2") return make_v4l2(options);
  if (kind == "gst") return make_pipeline(options);
  throw Napi::TypeError::New(options.Env(), "option `kind`: wanted test, file, v4l2 or gst, found " + kind);
}

}  // namespace camstream
