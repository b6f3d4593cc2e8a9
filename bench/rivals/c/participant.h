// What the C participants have in common: their arguments, pacing, the record of a reader and the lines they
// print. The protocol is described in bench/harness/trial.ts.
#pragma once

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

// The first bytes of every picture; the last eight bytes repeat the sequence, so that a torn one shows.
struct frame_stamp {
  uint64_t sequence;
  uint64_t handover_ns;  // the producer has the picture and begins to hand it over
  uint64_t publish_ns;   // the picture is in the transport's memory and becomes visible
};

struct arguments {
  int writer;
  const char* address;
  size_t bytes;
  double rate;
  uint64_t last;
  int readers;
  int index;
  int touch_none;
  int touch_all;
};

static struct arguments parse_arguments(int argc, char** argv) {
  if (argc != 9) {
    fprintf(stderr, "usage: %s writer|reader ADDRESS BYTES RATE LAST READERS INDEX none|ends|all\n", argv[0]);
    exit(2);
  }
  struct arguments args = {
      .writer = strcmp(argv[1], "writer") == 0,
      .address = argv[2],
      .bytes = strtoull(argv[3], NULL, 10),
      .rate = strtod(argv[4], NULL),
      .last = strtoull(argv[5], NULL, 10),
      .readers = atoi(argv[6]),
      .index = atoi(argv[7]),
      .touch_none = strcmp(argv[8], "none") == 0,
      .touch_all = strcmp(argv[8], "all") == 0,
  };
  return args;
}

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void say(const char* line) {
  puts(line);
  fflush(stdout);
}

static void wait_for_go(void) {
  char line[16];
  if (!fgets(line, sizeof line, stdin)) exit(0);
}

static void sleep_until(uint64_t deadline_ns) {
  struct timespec deadline = {(time_t)(deadline_ns / 1000000000u), (long)(deadline_ns % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) != 0) continue;
}

// Writers go on for so many frames after the last one that counts: readers end at the first of them.
enum { kTailFrames = 30 };

static void stamp_picture(uint8_t* picture, size_t bytes, uint64_t sequence) {
  struct frame_stamp stamp = {.sequence = sequence, .handover_ns = now_ns()};
  memcpy(picture, &stamp, sizeof stamp);
  memcpy(picture + bytes - sizeof sequence, &sequence, sizeof sequence);
}

struct record {
  uint64_t last;
  size_t count;
  uint64_t torn;
  uint64_t* rows;  // sequence, time since publish, time since hand-over
  struct rusage cpu;
  uint64_t began_ns;
};

static struct record record_open(uint64_t last) {
  struct record record = {.last = last, .rows = calloc(last + 1, 3 * sizeof(uint64_t))};
  if (!record.rows) fail("calloc");
  return record;
}

// The reader has the picture in hand: looks at its first and its last bytes, then at the clock.
// Returns 0 when this was the last frame that counts.
static int record_frame(struct record* record, const uint8_t* picture, size_t bytes, uint64_t publish_ns) {
  struct frame_stamp stamp;
  uint64_t tail;
  memcpy(&stamp, picture, sizeof stamp);
  memcpy(&tail, picture + bytes - sizeof tail, sizeof tail);
  __asm__ volatile("" ::"r"(stamp.sequence), "r"(tail));
  const uint64_t now = now_ns();
  if (record->began_ns == 0) {
    record->began_ns = now;
    getrusage(RUSAGE_SELF, &record->cpu);
  }
  if (stamp.sequence > record->last) return 0;
  if (tail != stamp.sequence) ++record->torn;
  if (record->count <= record->last) {
    uint64_t* row = record->rows + 3 * record->count++;
    row[0] = stamp.sequence;
    row[1] = now - (publish_ns ? publish_ns : stamp.handover_ns);
    row[2] = now - stamp.handover_ns;
  }
  return 1;
}

static void print_cpu(const struct rusage* since, uint64_t began_ns) {
  struct rusage cpu;
  getrusage(RUSAGE_SELF, &cpu);
  const long long user = (cpu.ru_utime.tv_sec - since->ru_utime.tv_sec) * 1000000ll + cpu.ru_utime.tv_usec -
                         since->ru_utime.tv_usec;
  const long long system = (cpu.ru_stime.tv_sec - since->ru_stime.tv_sec) * 1000000ll + cpu.ru_stime.tv_usec -
                           since->ru_stime.tv_usec;
  printf("cpu %lld %lld %" PRIu64 "\n", user, system, (now_ns() - began_ns) / 1000);
}

static void record_print(const struct record* record) {
  print_cpu(&record->cpu, record->began_ns);
  for (size_t i = 0; i < record->count; ++i) {
    const uint64_t* row = record->rows + 3 * i;
    printf("f %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", row[0], row[1], row[2]);
  }
  printf("torn %" PRIu64 "\n", record->torn);
  say("end");
}
