// What gstreamer/gst_api.h says of GStreamer's interface, against its real headers where they are installed
// (libgstreamer1.0-dev). A difference does not compile.
#include "gstreamer/gst_api.h"

#include <gtest/gtest.h>

#if __has_include(<gst/video/video.h>)
#include <gst/gst.h>
#include <gst/video/video.h>

#include <type_traits>

namespace camstream::gst {
namespace {

#define SAME(ours, field, theirs, member)                           \
  static_assert(offsetof(ours, field) == offsetof(theirs, member)); \
  static_assert(sizeof(ours::field) == sizeof(theirs::member))
SAME(Error, domain, GError, domain);
SAME(Error, code, GError, code);
SAME(Error, message, GError, message);
SAME(MiniObject, flags, GstMiniObject, flags);
static_assert(sizeof(MiniObject) == sizeof(GstMiniObject));
SAME(Buffer, pts, GstBuffer, pts);
SAME(Buffer, offset, GstBuffer, offset);
SAME(Message, type, GstMessage, type);
SAME(MapInfo, data, GstMapInfo, data);
SAME(MapInfo, size, GstMapInfo, size);
static_assert(sizeof(MapInfo) == sizeof(GstMapInfo));
SAME(VideoMeta, width, GstVideoMeta, width);
SAME(VideoMeta, plane_count, GstVideoMeta, n_planes);
SAME(VideoMeta, offset, GstVideoMeta, offset);
SAME(VideoMeta, stride, GstVideoMeta, stride);
#undef SAME

static_assert(kNoTime == GST_CLOCK_TIME_NONE && kNoTime == GST_BUFFER_OFFSET_NONE);
static_assert(kBufferCorrupted == GST_BUFFER_FLAG_CORRUPTED);
static_assert(int{kMapRead} == GST_MAP_READ && int{kFormatTime} == GST_FORMAT_TIME);
static_assert(kEventSegment == GST_EVENT_SEGMENT && kParseFatalErrors == GST_PARSE_FLAG_FATAL_ERRORS);
static_assert(int{kStateNull} == GST_STATE_NULL && int{kStatePaused} == GST_STATE_PAUSED &&
              int{kStatePlaying} == GST_STATE_PLAYING);
static_assert(int{kChangeFailed} == GST_STATE_CHANGE_FAILURE &&
              int{kChangeDone} == GST_STATE_CHANGE_SUCCESS && int{kChangeAsync} == GST_STATE_CHANGE_ASYNC &&
              int{kChangeLive} == GST_STATE_CHANGE_NO_PREROLL);
static_assert(int{kMessageEnd} == GST_MESSAGE_EOS && int{kMessageError} == GST_MESSAGE_ERROR &&
              int{kMessageWarning} == GST_MESSAGE_WARNING && int{kMessageElement} == GST_MESSAGE_ELEMENT &&
              int{kMessageLatency} == GST_MESSAGE_LATENCY);
static_assert(int{kParseSyntax} == GST_PARSE_ERROR_SYNTAX &&
              int{kParseNoElement} == GST_PARSE_ERROR_NO_SUCH_ELEMENT &&
              int{kParseLink} == GST_PARSE_ERROR_LINK &&
              int{kParseDelayedLink} == GST_PARSE_ERROR_DELAYED_LINK);

// Arguments and result of each function: as many, and each as wide and of the same kind.
template <typename A, typename B>
constexpr bool kAlike = sizeof(A) == sizeof(B) && std::is_pointer_v<A> == std::is_pointer_v<B>;
template <>
constexpr bool kAlike<void, void> = true;
template <typename A, typename B>
struct Signatures : std::false_type {};
template <typename RA, typename... A, typename RB, typename... B>
requires(sizeof...(A) == sizeof...(B)) struct Signatures<RA (*)(A...), RB (*)(B...)>
    : std::bool_constant<kAlike<RA, RB> && (kAlike<A, B> && ...)> {
};

#define LIKE_THE_REAL_ONE(name, result, arguments) \
  static_assert(Signatures<decltype(Api::name), decltype(&::name)>::value, #name);
CAMSTREAM_GST_FUNCTIONS(LIKE_THE_REAL_ONE)
#undef LIKE_THE_REAL_ONE

TEST(GstApi, IsAsTheHeadersSay) {
  ASSERT_EQ(load(), "");
  EXPECT_NE(api().gst_init_check, nullptr);
}

}  // namespace
}  // namespace camstream::gst

#else

TEST(GstApi, IsAsTheHeadersSay) {
  GTEST_SKIP() << "no headers here: apt-get install libgstreamer-plugins-base1.0-dev";
}

#endif
