#include "shm/path_watch.h"

#include <sys/stat.h>

#include <algorithm>

namespace camstream {

PathWatch::PathWatch(std::string folder, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    Watched entry{folder + '/' + name, 0, 0};
    struct stat info {};
    if (lstat(entry.path.c_str(), &info) == 0) {
      entry.device = info.st_dev;
      entry.inode = info.st_ino;
    }
    watched_.push_back(std::move(entry));
  }
}

bool PathWatch::lost() const {
  return std::any_of(watched_.begin(), watched_.end(), [](const Watched& entry) {
    struct stat info {};
    return lstat(entry.path.c_str(), &info) < 0 || info.st_dev != entry.device || info.st_ino != entry.inode;
  });
}

}  // namespace camstream
