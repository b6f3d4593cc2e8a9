// A root of one's own below /dev/shm, removed with everything in it: by itself, or, if the test is killed,
// by who runs it (scripts/sweep-test-folders.mjs), to whom its name says whose it was.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace camstream {

class TemporaryRoot {
 public:
  TemporaryRoot() {
    std::string name = "/dev/shm/camstream-test-" + std::to_string(getpid()) + "-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder below /dev/shm");
    path_ = name;
  }
  ~TemporaryRoot() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryRoot(const TemporaryRoot&) = delete;
  TemporaryRoot& operator=(const TemporaryRoot&) = delete;

  const std::string& path() const { return path_; }
  std::string ring(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

}  // namespace camstream
