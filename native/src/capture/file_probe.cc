#include "capture/file_probe.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>

#include "base/system_error.h"
#include "capture/child_process.h"

namespace camstream {
namespace {

constexpr uint32_t kProbeTimeoutMs = 20'000;
constexpr uint32_t kHighDefinition = 720;

using Fields = std::map<std::string, std::string>;

Fields fields_of(const std::string& answer) {
  Fields fields;
  std::istringstream lines(answer);
  for (std::string line; std::getline(lines, line);) {
    const size_t equals = line.find('=');
    if (equals != std::string::npos) fields[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return fields;
}

FrameRate fraction(const std::string& text) {
  unsigned numerator = 0, denominator = 0;
  if (std::sscanf(text.c_str(), "%u/%u", &numerator, &denominator) != 2) return {};
  return numerator == 0 || denominator == 0 ? FrameRate{} : FrameRate{numerator, denominator};
}

// Where the file does not say, players go by the size, and so do we.
Matrix matrix_of(const std::string& name, uint32_t height) {
  if (name == "bt709") return Matrix::kBt709;
  if (name == "smpte170m" || name == "bt470bg") return Matrix::kBt601;
  if (name == "bt2020nc" || name == "bt2020c") return Matrix::kBt2020;
  return height >= kHighDefinition ? Matrix::kBt709 : Matrix::kBt601;
}

Primaries primaries_of(const std::string& name) {
  if (name == "bt709") return Primaries::kBt709;
  if (name == "bt470bg") return Primaries::kBt470bg;
  if (name == "smpte170m") return Primaries::kSmpte170m;
  if (name == "bt2020") return Primaries::kBt2020;
  return Primaries::kUnspecified;
}

bool starts_with(const std::string& text, const char* prefix) { return text.rfind(prefix, 0) == 0; }

// ffprobe lies beside ffmpeg, wherever that is.
std::string ffprobe_beside(const std::string& ffmpeg) {
  const size_t slash = ffmpeg.rfind('/');
  return slash == std::string::npos ? "ffprobe" : ffmpeg.substr(0, slash + 1) + "ffprobe";
}

}  // namespace

FileProbe parse_probe(const std::string& answer) {
  Fields fields = fields_of(answer);
  FileProbe probe;
  probe.width = static_cast<uint32_t>(std::strtoul(fields["width"].c_str(), nullptr, 10));
  probe.height = static_cast<uint32_t>(std::strtoul(fields["height"].c_str(), nullptr, 10));
  if (std::abs(std::atoi(fields["rotation"].c_str())) % 180 == 90) std::swap(probe.width, probe.height);
  probe.rate = fraction(fields["avg_frame_rate"]);
  if (probe.rate.numerator == 0) probe.rate = fraction(fields["r_frame_rate"]);
  if (probe.rate.numerator == 0) probe.rate = {25, 1};
  probe.pixels = fields["pix_fmt"];
  const std::string& space = fields["color_space"];
  probe.rgb = space == "gbr" || starts_with(probe.pixels, "rgb") || starts_with(probe.pixels, "bgr") ||
              starts_with(probe.pixels, "gbr") || starts_with(probe.pixels, "argb") ||
              starts_with(probe.pixels, "abgr") || starts_with(probe.pixels, "0") || probe.pixels == "pal8";
  probe.matrix = matrix_of(space, probe.height);
  probe.primaries = primaries_of(fields["color_primaries"]);
  const bool full = fields["color_range"] == "pc" || starts_with(probe.pixels, "yuvj") || probe.rgb;
  probe.range = full ? Range::kFull : Range::kLimited;
  return probe;
}

Result<FileProbe> probe_file(const std::string& ffmpeg, const std::string& path,
                             const std::atomic<bool>& given_up) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0 || access(path.c_str(), R_OK) != 0) {
    const int reason = errno;
    if (reason == ENOENT || reason == ENOTDIR) {
      return Error{"FILE_NOT_FOUND", "the file `" + path +
                                         "` does not exist. A source `file:PATH` wants the path of "
                                         "a video file, from the folder in which the service runs."};
    }
    if (reason == EACCES || reason == EPERM) {
      return Error{"FILE_PERMISSION", "the file `" + path + "` cannot be read by user " +
                                          std::to_string(geteuid()) + ": " + errno_text(reason) +
                                          ". Give that user the right to read it."};
    }
    return system_error("FILE_SYSTEM", "the file `" + path + "` cannot be opened", reason);
  }
  if (S_ISDIR(found.st_mode)) return Error{"FILE_NO_VIDEO", "`" + path + "` is a folder, not a video file."};

  auto asked = run_child({ffprobe_beside(ffmpeg), "-v", "error", "-select_streams", "V:0", "-show_entries",
                          "stream=width,height,pix_fmt,color_space,color_range,color_primaries,r_frame_rate,"
                          "avg_frame_rate:stream_side_data=rotation",
                          "-of", "default=noprint_wrappers=1", "file:" + path},
                         kProbeTimeoutMs, &given_up);
  if (!asked) return asked.error();
  const FileProbe probe = parse_probe(asked->output);
  if (asked->status == 0 && probe.width > 0 && probe.height > 0) return probe;
  const std::string why = asked->complaints.empty() ? "it has no video stream" : asked->complaints;
  return Error{"FILE_NO_VIDEO", "`" + path + "` holds no video that ffmpeg can read (" + why +
                                    "). Name a file that `ffprobe` shows a video stream of."};
}

}  // namespace camstream
