// The part of GStreamer's C interface that this program uses, looked up at run time (decisions/0043).
//
// So that building camstream needs no GStreamer, and a machine that got GStreamer later needs no new build.
// The interface of 1.x has been stable since 2012; native/test/unit/gst_api_test.cc compares what stands here
// with the real headers. Structures are only as long as we read them; none is ever made by us but MapInfo.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace camstream::gst {

struct Object;  // an element, pad, bus, clock: whatever gst_object_unref() takes
struct Caps;
struct Structure;
struct Event;
struct Segment;
struct ParseContext;
using Quark = uint32_t;

struct Error {
  Quark domain;
  int code;
  char* message;
};

struct MiniObject {
  size_t type;
  int refcount;
  int lockstate;
  unsigned flags;
  void* functions[3];
  unsigned private_number;
  void* private_pointer;
};

struct Buffer {
  MiniObject object;
  void* pool;
  uint64_t pts;
  uint64_t dts;
  uint64_t duration;
  uint64_t offset;
};

struct Message {
  MiniObject object;
  int type;
  uint64_t timestamp;
  Object* source;
};

struct MapInfo {
  void* memory;
  int flags;
  uint8_t* data;
  size_t size;
  size_t max_size;
  void* reserved[8];
};

struct VideoMeta {
  int meta_flags;
  const void* info;
  Buffer* buffer;
  int frame_flags;
  int format;
  int id;
  unsigned width;
  unsigned height;
  unsigned plane_count;
  size_t offset[4];
  int stride[4];
};

constexpr uint64_t kNoTime = ~uint64_t{0};
constexpr unsigned kBufferCorrupted = 1u << 8;
constexpr int kMapRead = 1;
constexpr int kFormatTime = 3;
constexpr int kEventSegment = 70 << 8 | 14;
constexpr int kParseFatalErrors = 1;
enum State : int { kStateNull = 1, kStatePaused = 3, kStatePlaying = 4 };
enum StateChange : int { kChangeFailed = 0, kChangeDone = 1, kChangeAsync = 2, kChangeLive = 3 };
enum MessageType : int {
  kMessageEnd = 1 << 0,
  kMessageError = 1 << 1,
  kMessageWarning = 1 << 2,
  kMessageElement = 1 << 15,
  kMessageLatency = 1 << 19,
};
enum ParseError : int {
  kParseSyntax = 0,
  kParseNoElement = 1,
  kParseLink = 3,
  kParseDelayedLink = 7,
};

using HandOff = void (*)(Object* sink, Buffer* buffer, Object* pad, void* data);

// name, result, arguments
#define CAMSTREAM_GST_FUNCTIONS(X)                                                             \
  X(gst_init_check, int, (int*, char***, Error**))                                             \
  X(gst_version_string, char*, ())                                                             \
  X(gst_parse_launch_full, Object*, (const char*, ParseContext*, int, Error**))                \
  X(gst_parse_context_new, ParseContext*, ())                                                  \
  X(gst_parse_context_free, void, (ParseContext*))                                             \
  X(gst_parse_context_get_missing_elements, char**, (ParseContext*))                           \
  X(gst_parse_error_quark, Quark, ())                                                          \
  X(gst_bin_get_by_name, Object*, (Object*, const char*))                                      \
  X(gst_bin_recalculate_latency, int, (Object*))                                               \
  X(gst_element_get_static_pad, Object*, (Object*, const char*))                               \
  X(gst_element_set_state, int, (Object*, int))                                                \
  X(gst_element_get_state, int, (Object*, int*, int*, uint64_t))                               \
  X(gst_element_get_base_time, uint64_t, (Object*))                                            \
  X(gst_element_get_bus, Object*, (Object*))                                                   \
  X(gst_bus_timed_pop_filtered, Message*, (Object*, uint64_t, int))                            \
  X(gst_system_clock_obtain, Object*, ())                                                      \
  X(gst_pipeline_use_clock, void, (Object*, Object*))                                          \
  X(gst_object_unref, void, (void*))                                                           \
  X(gst_mini_object_unref, void, (void*))                                                      \
  X(gst_util_set_object_arg, void, (Object*, const char*, const char*))                        \
  X(gst_message_parse_error, void, (Message*, Error**, char**))                                \
  X(gst_message_parse_warning, void, (Message*, Error**, char**))                              \
  X(gst_message_get_structure, const Structure*, (Message*))                                   \
  X(gst_structure_get_name, const char*, (const Structure*))                                   \
  X(gst_structure_get_string, const char*, (const Structure*, const char*))                    \
  X(gst_structure_get_int, int, (const Structure*, const char*, int*))                         \
  X(gst_structure_get_fraction, int, (const Structure*, const char*, int*, int*))              \
  X(gst_caps_get_structure, Structure*, (const Caps*, unsigned))                               \
  X(gst_pad_get_current_caps, Caps*, (Object*))                                                \
  X(gst_pad_get_sticky_event, Event*, (Object*, int, unsigned))                                \
  X(gst_event_parse_segment, void, (Event*, const Segment**))                                  \
  X(gst_segment_to_running_time, uint64_t, (const Segment*, int, uint64_t))                    \
  X(gst_buffer_map, int, (Buffer*, MapInfo*, int))                                             \
  X(gst_buffer_unmap, void, (Buffer*, MapInfo*))                                               \
  X(gst_buffer_get_meta, void*, (Buffer*, size_t))                                             \
  X(g_type_from_name, size_t, (const char*))                                                   \
  X(g_signal_connect_data, unsigned long, (void*, const char*, void (*)(), void*, void*, int)) \
  X(g_error_free, void, (Error*))                                                              \
  X(g_free, void, (void*))                                                                     \
  X(g_strfreev, void, (char**))

struct Api {
#define CAMSTREAM_GST_MEMBER(name, result, arguments) result(*name) arguments = nullptr;
  CAMSTREAM_GST_FUNCTIONS(CAMSTREAM_GST_MEMBER)
#undef CAMSTREAM_GST_MEMBER
};

// Loads GStreamer; once, before anything else. Empty: it is there. Otherwise the loader's words.
std::string load();
// After load().
const Api& api();

}  // namespace camstream::gst
