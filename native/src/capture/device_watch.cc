#include "capture/device_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cstring>

namespace camstream {
namespace {

constexpr const char* kFolder = "/dev";
constexpr const char* kNode = "video";
constexpr size_t kBytes = 4096;

}  // namespace

DeviceWatch::DeviceWatch() : notify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  // IN_ATTRIB: udev gives a node its rights after it has made it.
  if (notify_) inotify_add_watch(notify_.get(), kFolder, IN_CREATE | IN_ATTRIB | IN_MOVED_TO);
}

void DeviceWatch::forget() { drain(); }

bool DeviceWatch::wait(uint32_t timeout_ms) {
  pollfd ready{notify_.get(), POLLIN, 0};  // a negative descriptor is one that never comes
  return poll(&ready, 1, static_cast<int>(timeout_ms)) > 0 && drain();
}

// Reads all that is there. True: a video node was among it.
bool DeviceWatch::drain() {
  bool of_video = false;
  alignas(inotify_event) char bytes[kBytes];
  if (!notify_) return false;
  for (ssize_t length; (length = read(notify_.get(), bytes, sizeof bytes)) > 0;) {
    for (const char* at = bytes; at < bytes + length;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      of_video = of_video || event->mask & IN_Q_OVERFLOW ||
                 (event->len > 0 && std::strncmp(event->name, kNode, std::strlen(kNode)) == 0);
      at += sizeof(inotify_event) + event->len;
    }
  }
  return of_video;
}

}  // namespace camstream
