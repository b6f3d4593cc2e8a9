// The server that the specification's pipelines push their H.264 to, and that viewers play it from: a plain
// one of gst-rtsp-server's. Its CPU time counts as the rival's.
//
//   rtsp-relay PORT    ANNOUNCE/RECORD at rtsp://127.0.0.1:PORT/publish, DESCRIBE/PLAY at /high
//
// What is recorded leaves the depayloader into an appsink and goes to the appsrc of the one shared media that
// all viewers play: packetised once. Prints "ready", ends with stdin.
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/rtsp-server/rtsp-server.h>
#include <stdio.h>
#include <stdlib.h>

static GMutex lock;
static GstElement* playing;  // the appsrc of the media that is played, if any; under `lock`

static GstFlowReturn on_sample(GstAppSink* sink, gpointer unused) {
  (void)unused;
  GstSample* sample = gst_app_sink_pull_sample(sink);
  if (!sample) return GST_FLOW_EOS;
  g_mutex_lock(&lock);
  GstElement* source = playing ? gst_object_ref(playing) : NULL;
  g_mutex_unlock(&lock);
  if (source) {
    GstBuffer* buffer = gst_buffer_copy(gst_sample_get_buffer(sample));
    GST_BUFFER_PTS(buffer) = GST_CLOCK_TIME_NONE;  // appsrc stamps them with its own clock
    GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
    gst_app_src_set_caps(GST_APP_SRC(source), gst_sample_get_caps(sample));
    gst_app_src_push_buffer(GST_APP_SRC(source), buffer);
    gst_object_unref(source);
  }
  gst_sample_unref(sample);
  return GST_FLOW_OK;
}

static void on_record(GstRTSPMediaFactory* factory, GstRTSPMedia* media, gpointer unused) {
  (void)factory;
  (void)unused;
  GstElement* bin = gst_rtsp_media_get_element(media);
  GstElement* sink = gst_bin_get_by_name_recurse_up(GST_BIN(bin), "sink");
  GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
  gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, NULL, NULL);
  gst_object_unref(sink);
  gst_object_unref(bin);
}

static void on_unprepared(GstRTSPMedia* media, gpointer unused) {
  (void)media;
  (void)unused;
  g_mutex_lock(&lock);
  gst_clear_object(&playing);
  g_mutex_unlock(&lock);
}

static void on_play(GstRTSPMediaFactory* factory, GstRTSPMedia* media, gpointer unused) {
  (void)factory;
  (void)unused;
  GstElement* bin = gst_rtsp_media_get_element(media);
  g_mutex_lock(&lock);
  gst_clear_object(&playing);
  playing = gst_bin_get_by_name_recurse_up(GST_BIN(bin), "source");
  g_mutex_unlock(&lock);
  gst_object_unref(bin);
  g_signal_connect(media, "unprepared", G_CALLBACK(on_unprepared), NULL);
}

static GstRTSPMediaFactory* factory_of(const char* launch, GstRTSPTransportMode mode, GCallback configure) {
  GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
  gst_rtsp_media_factory_set_launch(factory, launch);
  gst_rtsp_media_factory_set_transport_mode(factory, mode);
  gst_rtsp_media_factory_set_shared(factory, TRUE);
  gst_rtsp_media_factory_set_latency(factory, 0);
  g_signal_connect(factory, "media-configure", configure, NULL);
  return factory;
}

static gboolean on_stdin(GIOChannel* channel, GIOCondition condition, gpointer loop) {
  (void)channel;
  (void)condition;
  g_main_loop_quit(loop);
  return FALSE;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return 2;
  }
  gst_init(NULL, NULL);
  GMainLoop* loop = g_main_loop_new(NULL, FALSE);
  GstRTSPServer* server = gst_rtsp_server_new();
  gst_rtsp_server_set_address(server, "127.0.0.1");
  gst_rtsp_server_set_service(server, argv[1]);
  // A viewer's DESCRIBE waits for the first picture, in a thread that must not be the publisher's.
  GstRTSPThreadPool* threads = gst_rtsp_server_get_thread_pool(server);
  gst_rtsp_thread_pool_set_max_threads(threads, 4);
  g_object_unref(threads);
  GstRTSPMountPoints* mounts = gst_rtsp_server_get_mount_points(server);
  gst_rtsp_mount_points_add_factory(
      mounts, "/publish",
      factory_of("( rtph264depay name=depay0 ! h264parse config-interval=-1 ! "
                 "video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=sink sync=false )",
                 GST_RTSP_TRANSPORT_MODE_RECORD, G_CALLBACK(on_record)));
  gst_rtsp_mount_points_add_factory(
      mounts, "/high",
      factory_of("( appsrc name=source is-live=true format=time do-timestamp=true ! "
                 "rtph264pay name=pay0 pt=96 config-interval=-1 )",
                 GST_RTSP_TRANSPORT_MODE_PLAY, G_CALLBACK(on_play)));
  g_object_unref(mounts);
  if (gst_rtsp_server_attach(server, NULL) == 0) {
    fprintf(stderr, "port %s cannot be opened\n", argv[1]);
    return 1;
  }
  g_io_add_watch(g_io_channel_unix_new(0), G_IO_IN | G_IO_HUP, on_stdin, loop);
  puts("ready");
  fflush(stdout);
  g_main_loop_run(loop);
  return 0;
}
