// GStreamer's shmsink and shmsrc.
//
//   writer   appsrc ! shmsink     the picture is copied once, into memory of shmsink's own allocator (what
//                                 an element that negotiates it does), and pushed without another copy
//   reader   shmsrc ! fakesink    the frame is in hand in the hand-off, mapped for reading
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include "participant.h"

static GstElement* launch(const char* description) {
  GError* error = NULL;
  GstElement* pipeline = gst_parse_launch(description, &error);
  if (error) {
    fprintf(stderr, "gst_parse_launch: %s: %s\n", description, error->message);
    exit(1);
  }
  return pipeline;
}

// The allocator that shmsink offers to whoever feeds it.
static GstAllocator* sink_allocator(GstElement* source, GstCaps* caps) {
  GstPad* pad = gst_element_get_static_pad(source, "src");
  GstQuery* query = gst_query_new_allocation(caps, FALSE);
  GstAllocator* allocator = NULL;
  if (gst_pad_peer_query(pad, query) && gst_query_get_n_allocation_params(query) > 0) {
    gst_query_parse_nth_allocation_param(query, 0, &allocator, NULL);
  }
  gst_query_unref(query);
  gst_object_unref(pad);
  if (!allocator) {
    fprintf(stderr, "shmsink offers no allocator\n");
    exit(1);
  }
  return allocator;
}

static void run_writer(const struct arguments* args) {
  char description[512];
  snprintf(description, sizeof description,
           "appsrc name=source is-live=true format=time block=false ! "
           "shmsink socket-path=%s shm-size=%zu wait-for-connection=false sync=false async=false",
           args->address, args->bytes * 9 + (1 << 20));
  GstElement* pipeline = launch(description);
  GstElement* source = gst_bin_get_by_name(GST_BIN(pipeline), "source");
  GstCaps* caps = gst_caps_new_empty_simple("application/x-camstream-bench");
  gst_app_src_set_caps(GST_APP_SRC(source), caps);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstAllocator* allocator = sink_allocator(source, caps);
  uint8_t* picture = malloc(args->bytes);
  if (!picture) fail("malloc");
  memset(picture, 0x80, args->bytes);
  say("ready");
  wait_for_go();
  const uint64_t start = now_ns();
  for (uint64_t sequence = 1; sequence <= args->last + kTailFrames; ++sequence) {
    sleep_until(start + (uint64_t)((double)sequence * 1e9 / args->rate));
    GstBuffer* buffer = gst_buffer_new_allocate(allocator, args->bytes, NULL);
    if (!buffer) continue;  // all of shmsink's memory is still held by readers: the frame is dropped
    stamp_picture(picture, args->bytes, sequence);
    gst_buffer_fill(buffer, 0, picture, args->bytes);
    const uint64_t publish = now_ns();
    gst_buffer_fill(buffer, offsetof(struct frame_stamp, publish_ns), &publish, sizeof publish);
    gst_app_src_push_buffer(GST_APP_SRC(source), buffer);
  }
  say("end");
  char line[16];
  while (fgets(line, sizeof line, stdin)) continue;  // the socket stays until all readers are done
}

static struct record record;
static size_t frame_bytes;

static void on_handoff(GstElement* sink, GstBuffer* buffer, GstPad* pad, gpointer loop) {
  (void)sink;
  (void)pad;
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) fail("gst_buffer_map");
  struct frame_stamp stamp;
  memcpy(&stamp, map.data, sizeof stamp);
  const int more = record_frame(&record, map.data, frame_bytes, stamp.publish_ns);
  gst_buffer_unmap(buffer, &map);
  if (!more) g_main_loop_quit(loop);
}

static void run_reader(const struct arguments* args) {
  record = record_open(args->last);
  frame_bytes = args->bytes;
  char description[512];
  snprintf(description, sizeof description,
           "shmsrc socket-path=%s is-live=true ! "
           "fakesink name=sink signal-handoffs=true sync=false async=false",
           args->address);
  GstElement* pipeline = launch(description);
  GMainLoop* loop = g_main_loop_new(NULL, FALSE);
  GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
  g_signal_connect(sink, "handoff", G_CALLBACK(on_handoff), loop);
  if (gst_element_set_state(pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
    fprintf(stderr, "shmsrc does not start\n");
    exit(1);
  }
  gst_element_get_state(pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
  say("ready");
  g_main_loop_run(loop);
  record_print(&record);
  fflush(stdout);
  _exit(0);  // no orderly end: the last frames are still on their way
}

int main(int argc, char** argv) {
  const struct arguments args = parse_arguments(argc, argv);
  gst_init(NULL, NULL);
  if (args.writer) {
    run_writer(&args);
  } else {
    run_reader(&args);
  }
  return 0;
}
