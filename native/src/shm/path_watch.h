// Whether the ring's path still leads to it: login managers and `rm` take folders in /dev/shm away.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace camstream {

class PathWatch {
 public:
  // Remembers which files `names` in `folder` are now.
  PathWatch(std::string folder, const std::vector<std::string>& names);
  bool lost() const;

 private:
  struct Watched {
    std::string path;
    dev_t device;
    ino_t inode;
  };
  std::vector<Watched> watched_;
};

}  // namespace camstream
