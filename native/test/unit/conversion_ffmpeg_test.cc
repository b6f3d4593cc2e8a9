// Our conversions beside ffmpeg's: flat patches in every pair of formats, both matrices and ranges, within
// 2 levels; scaled, cropped, turned and mirrored pictures by their content.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

#include "pixels/conversion_plan.h"
#include "support/colour_picture.h"
#include "support/run_ffmpeg.h"

namespace camstream {
namespace {

constexpr int kTolerance = 2;
constexpr int kPatch = 16;
constexpr int kPatches = 8;  // in a row, and rows of them
constexpr uint32_t kSide = kPatch * kPatches;
// Everything that swscale has to be exact.
const std::string kExact = ":flags=bilinear+accurate_rnd+full_chroma_int+full_chroma_inp";

std::vector<uint8_t> ours(const FrameLayout& from, const std::vector<uint8_t>& bytes, const FrameLayout& to,
                          const ConversionOptions& options) {
  auto plan = ConversionPlan::make(from, to, options);
  EXPECT_TRUE(plan) << plan.error().message;
  std::vector<uint8_t> result(to.payload_size);
  if (plan) (*plan)->convert(bytes.data(), result.data());
  return result;
}

FrameLayout layout_of(PixelFormat format, Matrix matrix, Range range) {
  FrameLayout layout = packed_layout(format, kSide, kSide);
  if (!is_rgb(format)) {
    layout.matrix = matrix;
    layout.range = range;
  }
  return layout;
}

// Random colours that RGB can show, from dull to saturated; the same bytes are read with every matrix and
// in both ranges, so YUV stays inside what all of them can show. The last ones are for one matrix each.
std::vector<uint8_t> patches(const FrameLayout& layout) {
  std::mt19937 random(23);
  std::array<Colour3, kPatches * kPatches> colours;
  const bool rgb = is_rgb(static_cast<PixelFormat>(layout.fourcc));
  for (auto& colour : colours) {
    for (size_t part = 0; part < 3; ++part) {
      const int limit = rgb ? 256 : part == 0 ? 100 : 70;
      const int least = rgb ? 0 : part == 0 ? 80 : 93;
      colour[part] = least + static_cast<int>(random() % static_cast<unsigned>(limit));
    }
  }
  colours[0] = rgb ? Colour3{0, 0, 0} : Colour3{16, 128, 128};
  colours[1] = rgb ? Colour3{255, 255, 255} : Colour3{235, 128, 128};
  for (size_t n = 0; n < 6 && !rgb; ++n) {  // 90 % blue, yellow, red of BT.601 and of BT.709, limited
    constexpr Colour3 kSaturated[6] = {{38, 229, 117}, {205, 28, 140}, {89, 95, 229},
                                       {30, 229, 119}, {212, 27, 137}, {62, 105, 229}};
    colours[colours.size() - 1 - n] = kSaturated[n];
  }
  std::vector<uint8_t> bytes(layout.payload_size);
  paint_picture(view_of(bytes.data(), layout), [&](int x, int y) {
    return colours[static_cast<size_t>(y / kPatch * kPatches + x / kPatch)];
  });
  return bytes;
}

void compare_patches(const FrameLayout& layout, const std::vector<uint8_t>& one,
                     const std::vector<uint8_t>& other, const std::string& what) {
  for (int row = 0; row < kPatches; ++row) {
    for (int column = 0; column < kPatches; ++column) {
      const int x = column * kPatch + kPatch / 2, y = row * kPatch + kPatch / 2;
      const Colour3 found = colour_of(view_of(one.data(), layout), x, y);
      const Colour3 wanted = colour_of(view_of(other.data(), layout), x, y);
      for (size_t part = 0; part < 3; ++part) {
        ASSERT_LE(std::abs(found[part] - wanted[part]), kTolerance)
            << what << ", patch " << column << "," << row << ", part " << part << ": " << found[part]
            << " instead of ffmpeg's " << wanted[part];
      }
    }
  }
}

struct Colours {
  Matrix matrix;
  Range range;
  std::string matrix_name, range_name;
};
const Colours kColours[] = {{Matrix::kBt601, Range::kLimited, "bt601", "tv"},
                            {Matrix::kBt601, Range::kFull, "bt601", "pc"},
                            {Matrix::kBt709, Range::kLimited, "bt709", "tv"},
                            {Matrix::kBt709, Range::kFull, "bt709", "pc"}};

class FlatPatches : public ::testing::TestWithParam<PixelFormat> {};

TEST_P(FlatPatches, OfYuvBecomeWhatFfmpegMakesOfThem) {
  const PixelFormat from = GetParam();
  struct Case {
    FrameLayout from, to;
    std::string name;
  };
  std::vector<Case> cases;
  std::vector<Wanted> wanted;
  for (const Colours& colours : kColours) {
    for (const auto& [to, to_name] : kFormatNames) {
      const FrameLayout source = layout_of(from, colours.matrix, colours.range);
      const FrameLayout target = *converted_layout(source, {.format = to});
      // ffmpeg takes every `gray` for full range, so that a grey picture of its own is compared through i420.
      if (to == PixelFormat::kGray8) continue;
      std::string filter = "scale=in_color_matrix=" + colours.matrix_name + ":in_range=" + colours.range_name;
      filter += is_rgb(to) ? std::string(":out_range=pc")
                           : ":out_color_matrix=" + colours.matrix_name + ":out_range=" + colours.range_name;
      filter += kExact;
      if (to == from) filter = "null";  // ffmpeg 5.1 scaling nv12 to itself loses the chroma
      wanted.push_back({filter, target});
      cases.push_back({source, target,
                       std::string(name_of(from)) + " to " + std::string(to_name) + " " +
                           colours.matrix_name + " " + colours.range_name});
    }
  }
  const auto bytes = patches(cases[0].from);
  const auto theirs = ffmpeg(cases[0].from, bytes, wanted);
  for (size_t n = 0; n < cases.size(); ++n) {
    const auto format = static_cast<PixelFormat>(cases[n].to.fourcc);
    compare_patches(cases[n].to, ours(cases[n].from, bytes, cases[n].to, {.format = format}), theirs[n],
                    cases[n].name);
    if (format != PixelFormat::kI420) continue;
    // Grey is the luma of what ffmpeg made.
    const FrameLayout grey = *converted_layout(cases[n].from, {.format = PixelFormat::kGray8});
    EXPECT_EQ(ours(cases[n].from, bytes, grey, {.format = PixelFormat::kGray8}),
              std::vector<uint8_t>(theirs[n].begin(), theirs[n].begin() + kSide * kSide))
        << cases[n].name;
  }
}

INSTANTIATE_TEST_SUITE_P(Yuv, FlatPatches,
                         ::testing::Values(PixelFormat::kYuyv, PixelFormat::kUyvy, PixelFormat::kNv12,
                                           PixelFormat::kNv21, PixelFormat::kI420, PixelFormat::kYv12),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST(FlatPatchesOfRgb, BecomeBt601LimitedAsFfmpegMakesThem) {
  for (const PixelFormat from : {PixelFormat::kRgb24, PixelFormat::kBgr24}) {
    const FrameLayout source = layout_of(from, Matrix::kRgb, Range::kFull);
    std::vector<Wanted> wanted;
    for (const auto& [to, name] : kFormatNames) {
      if (to == PixelFormat::kGray8) continue;
      const std::string filter = is_rgb(to) ? "null" : "scale=out_color_matrix=bt601:out_range=tv" + kExact;
      wanted.push_back({filter, *converted_layout(source, {.format = to})});
    }
    const auto bytes = patches(source);
    const auto theirs = ffmpeg(source, bytes, wanted);
    for (size_t n = 0; n < wanted.size(); ++n) {
      const auto to = static_cast<PixelFormat>(wanted[n].layout.fourcc);
      const std::string what = std::string(name_of(from)) + " to " + std::string(name_of(to));
      compare_patches(wanted[n].layout, ours(source, bytes, wanted[n].layout, {.format = to}), theirs[n],
                      what);
      if (to != PixelFormat::kI420) continue;
      const FrameLayout grey = *converted_layout(source, {.format = PixelFormat::kGray8});
      const auto found = ours(source, bytes, grey, {.format = PixelFormat::kGray8});
      compare_patches(grey, found, {theirs[n].begin(), theirs[n].begin() + kSide * kSide}, what + " (grey)");
    }
  }
}

TEST(FlatPatchesOfGrey, BecomeWhatFfmpegMakesOfThemWithNeutralChroma) {
  for (const Colours& colours : kColours) {
    const FrameLayout grey = layout_of(PixelFormat::kGray8, colours.matrix, colours.range);
    const FrameLayout i420 = layout_of(PixelFormat::kI420, colours.matrix, colours.range);
    const auto bytes = patches(grey);
    std::vector<uint8_t> with_chroma(i420.payload_size, 128);
    std::copy(bytes.begin(), bytes.end(), with_chroma.begin());
    std::vector<Wanted> wanted;
    for (const auto& [to, name] : kFormatNames) {
      if (to == PixelFormat::kGray8) continue;
      const std::string filter = is_rgb(to) ? "scale=in_color_matrix=" + colours.matrix_name +
                                                  ":in_range=" + colours.range_name + ":out_range=pc" + kExact
                                            : "null";
      wanted.push_back({filter, *converted_layout(grey, {.format = to})});
    }
    const auto theirs = ffmpeg(i420, with_chroma, wanted);
    for (size_t n = 0; n < wanted.size(); ++n) {
      const auto to = static_cast<PixelFormat>(wanted[n].layout.fourcc);
      compare_patches(
          wanted[n].layout, ours(grey, bytes, wanted[n].layout, {.format = to}), theirs[n],
          "gray8 to " + std::string(name_of(to)) + " " + colours.matrix_name + colours.range_name);
    }
  }
}

// A picture that is smooth, and different at every place and in every direction.
std::vector<uint8_t> smooth_picture(const FrameLayout& layout) {
  std::vector<uint8_t> bytes(layout.payload_size);
  paint_picture(view_of(bytes.data(), layout), [](int x, int y) {
    const double a = x / 23.0, b = y / 17.0;
    return Colour3{static_cast<int>(126 + 60 * std::sin(a) + 40 * std::cos(b + a / 5)),
                   static_cast<int>(128 + 40 * std::cos(a / 3) * std::sin(b / 2)),
                   static_cast<int>(128 + 40 * std::sin(a / 4 + b / 3))};
  });
  return bytes;
}

struct Difference {
  double mean = 0;
  int most = 0;
};
Difference difference(const std::vector<uint8_t>& one, const std::vector<uint8_t>& other) {
  Difference difference;
  for (size_t n = 0; n < one.size(); ++n) {
    const int distance = std::abs(one[n] - other[n]);
    difference.mean += static_cast<double>(distance) / static_cast<double>(one.size());
    difference.most = std::max(difference.most, distance);
  }
  return difference;
}

TEST(Pictures, ScaledCroppedTurnedAndMirroredShowWhatFfmpegsShow) {
  struct Case {
    ConversionOptions options;
    std::string filter;
  };
  const std::string area = ":flags=area+accurate_rnd+full_chroma_int+full_chroma_inp";
  const Case cases[] = {
      {{.width = 240, .height = 136}, "scale=240:136" + kExact},
      {{.width = 160, .height = 90}, "scale=160:90" + area},
      {{.width = 100, .height = 50}, "scale=100:50" + area},
      {{.width = 480, .height = 270}, "scale=480:270" + kExact},
      {{.width = 160, .height = 300}, "scale=160:300" + kExact},
      {{.crop = Rect{40, 20, 200, 100}}, "crop=200:100:40:20"},
      {{.mirror = true}, "hflip"},
      {{.rotate = 90}, "transpose=clock"},
      {{.rotate = 180}, "hflip,vflip"},
      {{.rotate = 270}, "transpose=cclock"},
      {{.rotate = 90, .mirror = true}, "transpose=clock,hflip"},
      {{.width = 90, .height = 160, .crop = Rect{0, 0, 320, 160}, .rotate = 90, .mirror = true},
       "crop=320:160:0:0,transpose=clock,hflip,scale=90:160" + kExact},
      {{.width = 320, .height = 240, .fit = Fit::kContain}, "scale=320:180" + kExact + ",pad=320:240:0:30"},
      {{.width = 180, .height = 180, .fit = Fit::kCover}, "crop=180:180:70:0"},
  };
  for (const PixelFormat from : {PixelFormat::kYuyv, PixelFormat::kNv12, PixelFormat::kI420}) {
    const FrameLayout source = packed_layout(from, 320, 180);
    const auto bytes = smooth_picture(source);
    for (const PixelFormat to : {PixelFormat::kRgb24, PixelFormat::kI420, PixelFormat::kYuyv}) {
      std::vector<Wanted> wanted;
      std::vector<ConversionOptions> options;
      for (Case one : cases) {
        one.options.format = to;
        options.push_back(one.options);
        const std::string colours =
            is_rgb(to) ? ",scale=in_color_matrix=bt601:in_range=tv:out_range=pc" + kExact : "";
        // Packed formats are cropped and turned by ffmpeg in planes of their own.
        wanted.push_back({"format=yuv444p," + one.filter + colours, *converted_layout(source, one.options)});
      }
      const auto theirs = ffmpeg(source, bytes, wanted);
      for (size_t n = 0; n < wanted.size(); ++n) {
        const Difference found = difference(ours(source, bytes, wanted[n].layout, options[n]), theirs[n]);
        EXPECT_LT(found.mean, 2) << name_of(from) << " to " << name_of(to) << " " << cases[n].filter;
        EXPECT_LT(found.most, 24) << name_of(from) << " to " << name_of(to) << " " << cases[n].filter;
      }
    }
  }
}

}  // namespace
}  // namespace camstream
