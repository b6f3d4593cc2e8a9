// The floor: what two C processes, a shared mapping and a futex can do. No checks, no leases, no joining.
//
// The writer copies the picture into the next of eight slots, stores its number and wakes the readers one
// by one, each on a word of its own, as the ring does it.
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "participant.h"

enum { kSlots = 8, kMaxReaders = 64, kPage = 4096 };

struct shared {
  _Alignas(64) _Atomic uint64_t head;  // sequence of the newest frame; its slot is sequence % kSlots
  struct {
    _Alignas(64) _Atomic uint32_t word;
  } wake[kMaxReaders];
  uint64_t publish_ns[kSlots];
};

static size_t round_up(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

static uint8_t* slot_of(struct shared* shared, size_t bytes, uint64_t sequence) {
  return (uint8_t*)shared + round_up(sizeof *shared) + sequence % kSlots * round_up(bytes);
}

static struct shared* map_file(const struct arguments* args) {
  const size_t size = round_up(sizeof(struct shared)) + kSlots * round_up(args->bytes);
  const int fd = open(args->address, args->writer ? O_RDWR | O_CREAT : O_RDWR, 0600);
  if (fd < 0) fail(args->address);
  if (args->writer && ftruncate(fd, (off_t)size) != 0) fail("ftruncate");
  void* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
  if (memory == MAP_FAILED) fail("mmap");
  close(fd);
  return memory;
}

static void run_writer(const struct arguments* args, struct shared* shared) {
  uint8_t* picture = malloc(args->bytes);
  if (!picture) fail("malloc");
  memset(picture, 0x80, args->bytes);
  uint64_t* took_ns = calloc(args->last + kTailFrames + 1, sizeof *took_ns);
  if (!took_ns) fail("calloc");
  say("ready");
  wait_for_go();
  const uint64_t start = now_ns();
  for (uint64_t sequence = 1; sequence <= args->last + kTailFrames; ++sequence) {
    sleep_until(start + (uint64_t)((double)sequence * 1e9 / args->rate));
    stamp_picture(picture, args->bytes, sequence);
    const uint64_t before = now_ns();
    uint8_t* slot = slot_of(shared, args->bytes, sequence);
    if (args->touch_none) {  // nobody looks: only what publishing costs without the copy
      memcpy(slot, picture, sizeof(struct frame_stamp));
    } else {
      memcpy(slot, picture, args->bytes);
    }
    shared->publish_ns[sequence % kSlots] = now_ns();
    atomic_store_explicit(&shared->head, sequence, memory_order_release);
    for (int i = 0; i < args->readers; ++i) {
      atomic_fetch_add_explicit(&shared->wake[i].word, 1, memory_order_release);
      syscall(SYS_futex, &shared->wake[i].word, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
    took_ns[sequence] = now_ns() - before;
  }
  for (uint64_t sequence = 1; sequence <= args->last + kTailFrames; ++sequence) {
    printf("p %" PRIu64 "\n", took_ns[sequence]);
  }
  say("end");
}

static void touch_lines(const uint8_t* picture, size_t bytes) {
  unsigned sum = 0;
  for (size_t i = 0; i < bytes; i += 64) sum += picture[i];
  __asm__ volatile("" ::"r"(sum));
}

static void run_reader(const struct arguments* args, struct shared* shared) {
  struct record record = record_open(args->last);
  _Atomic uint32_t* word = &shared->wake[args->index].word;
  uint64_t seen = 0;
  say("ready");
  for (;;) {
    const uint32_t before = atomic_load_explicit(word, memory_order_acquire);
    const uint64_t head = atomic_load_explicit(&shared->head, memory_order_acquire);
    if (head == seen) {
      syscall(SYS_futex, word, FUTEX_WAIT, before, NULL, NULL, 0);
      continue;
    }
    seen = head;
    const uint8_t* picture = slot_of(shared, args->bytes, head);
    const int more = record_frame(&record, picture, args->bytes, shared->publish_ns[head % kSlots]);
    if (args->touch_all) touch_lines(picture, args->bytes);
    if (!more) break;
  }
  record_print(&record);
}

int main(int argc, char** argv) {
  const struct arguments args = parse_arguments(argc, argv);
  struct shared* shared = map_file(&args);
  if (args.writer) {
    run_writer(&args, shared);
  } else {
    run_reader(&args, shared);
  }
  return 0;
}
