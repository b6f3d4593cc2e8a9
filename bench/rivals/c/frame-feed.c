// Feeds rivals that want a camera with prepared pictures: what v4l2src would give them without a copy of
// theirs, from a process whose CPU time is not counted.
//
//   frame-feed shm  SOCKET FILE WIDTH HEIGHT RATE   shmsink: readers map the pictures
//   frame-feed pipe -      FILE WIDTH HEIGHT RATE   bytes to stdout
//
// FILE holds whole YUYV pictures, which go round in turn, paced by absolute time. Each gets a block code of
// its own (native/src/pixels/block_code.h): its number, and the time at which it was handed over. Ends with
// stdin.
#include <fcntl.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { kGridColumns = 40, kGridRows = 30, kCodeColumn = 4, kCodeRow = 2 };

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void sleep_until(uint64_t deadline_ns) {
  struct timespec deadline = {(time_t)(deadline_ns / 1000000000u), (long)(deadline_ns % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) != 0) continue;
}

static uint32_t crc_of(uint32_t sequence, uint64_t ns) {
  uint8_t bytes[12];
  for (int n = 0; n < 4; ++n) bytes[n] = (uint8_t)(sequence >> (24 - 8 * n));
  for (int n = 0; n < 8; ++n) bytes[4 + n] = (uint8_t)(ns >> (56 - 8 * n));
  uint32_t crc = ~(uint32_t)0;
  for (size_t n = 0; n < sizeof bytes; ++n) {
    crc ^= bytes[n];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

static void paint_code(uint8_t* yuyv, size_t width, size_t height, uint32_t sequence, uint64_t ns) {
  const uint32_t words[4] = {sequence, (uint32_t)(ns >> 32), (uint32_t)ns, crc_of(sequence, ns)};
  for (size_t row = 0; row < 4; ++row) {
    const size_t top = (kCodeRow + row) * height / kGridRows;
    const size_t bottom = (kCodeRow + row + 1) * height / kGridRows;
    uint8_t* line = yuyv + top * width * 2;
    for (size_t bit = 0; bit < 32; ++bit) {
      const size_t left = (kCodeColumn + bit) * width / kGridColumns;
      const size_t right = (kCodeColumn + bit + 1) * width / kGridColumns;
      const uint8_t luma = words[row] >> (31 - bit) & 1 ? 235 : 16;
      for (size_t x = left; x < right; ++x) line[2 * x] = luma;
    }
    const size_t from = 2 * (kCodeColumn * width / kGridColumns);
    const size_t to = 2 * ((kCodeColumn + 32) * width / kGridColumns);
    for (size_t y = top + 1; y < bottom; ++y) memcpy(yuyv + y * width * 2 + from, line + from, to - from);
  }
}

struct sink {
  GstElement* source;  // NULL: stdout
  GstAllocator* allocator;
  uint8_t* picture;  // for stdout
};

static struct sink open_shm(const char* path, size_t bytes) {
  char description[512];
  snprintf(description, sizeof description,
           "appsrc name=source is-live=true format=time block=false ! "
           "shmsink socket-path=%s shm-size=%zu wait-for-connection=false sync=false async=false",
           path, bytes * 12 + (1 << 20));
  GError* error = NULL;
  GstElement* pipeline = gst_parse_launch(description, &error);
  if (error) {
    fprintf(stderr, "gst_parse_launch: %s\n", error->message);
    exit(1);
  }
  struct sink sink = {.source = gst_bin_get_by_name(GST_BIN(pipeline), "source")};
  GstCaps* caps = gst_caps_new_empty_simple("application/x-camstream-bench");
  gst_app_src_set_caps(GST_APP_SRC(sink.source), caps);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstPad* pad = gst_element_get_static_pad(sink.source, "src");
  GstQuery* query = gst_query_new_allocation(caps, FALSE);
  if (gst_pad_peer_query(pad, query) && gst_query_get_n_allocation_params(query) > 0) {
    gst_query_parse_nth_allocation_param(query, 0, &sink.allocator, NULL);
  }
  if (!sink.allocator) fail("shmsink offers no allocator");
  return sink;
}

static void write_all(const uint8_t* bytes, size_t size) {
  while (size > 0) {
    const ssize_t written = write(STDOUT_FILENO, bytes, size);
    if (written <= 0) exit(0);
    bytes += written;
    size -= (size_t)written;
  }
}

static void give(struct sink* sink, const uint8_t* picture, size_t width, size_t height, uint32_t sequence) {
  const size_t bytes = width * height * 2;
  const uint64_t now = now_ns();
  if (!sink->source) {
    memcpy(sink->picture, picture, bytes);
    paint_code(sink->picture, width, height, sequence, now);
    write_all(sink->picture, bytes);
    return;
  }
  // The reader holds all of the memory, and some wait already: the frame is dropped, as a driver would.
  if (gst_app_src_get_current_level_bytes(GST_APP_SRC(sink->source)) > bytes) return;
  GstBuffer* buffer = gst_buffer_new_allocate(sink->allocator, bytes, NULL);
  if (!buffer) return;
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_WRITE)) fail("gst_buffer_map");
  memcpy(map.data, picture, bytes);
  paint_code(map.data, width, height, sequence, now);
  gst_buffer_unmap(buffer, &map);
  gst_app_src_push_buffer(GST_APP_SRC(sink->source), buffer);
}

static int stdin_ended(void) {
  struct pollfd stdin_poll = {.fd = STDIN_FILENO, .events = POLLIN};
  return poll(&stdin_poll, 1, 0) > 0;
}

int main(int argc, char** argv) {
  if (argc != 7) {
    fprintf(stderr, "usage: %s shm|pipe SOCKET FILE WIDTH HEIGHT RATE\n", argv[0]);
    return 2;
  }
  const size_t width = strtoull(argv[4], NULL, 10);
  const size_t height = strtoull(argv[5], NULL, 10);
  const double rate = strtod(argv[6], NULL);
  const size_t bytes = width * height * 2;
  const int file = open(argv[3], O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) < 0) fail(argv[3]);
  const size_t count = (size_t)status.st_size / bytes;
  const uint8_t* pictures = mmap(NULL, count * bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
  if (pictures == MAP_FAILED) fail("mmap");
  struct sink sink = {.picture = malloc(bytes)};
  if (strcmp(argv[1], "shm") == 0) {
    gst_init(NULL, NULL);
    sink = open_shm(argv[2], bytes);
    puts("ready");
    fflush(stdout);
  }
  const uint64_t start = now_ns();
  for (uint32_t sequence = 1; !stdin_ended(); ++sequence) {
    sleep_until(start + (uint64_t)(sequence * 1e9 / rate));
    give(&sink, pictures + (sequence % count) * bytes, width, height, sequence);
  }
  return 0;
}
