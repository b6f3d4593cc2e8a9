#include "ring/ring_list.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "base/system_error.h"
#include "shm/ring_folder.h"
#include "shm/segment_name.h"

namespace camstream {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

bool has_ring(int root, const std::string& name) {
  struct stat info {};
  return fstatat(root, (name + "/ring").c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 || errno == EACCES;
}

}  // namespace

Result<std::vector<std::string>> list_rings(const std::string& root) {
  std::vector<std::string> names;
  auto fd = open_ring_root(root);
  if (!fd && fd.error().code == "RING_NOT_FOUND") return names;
  if (!fd) return fd.error();
  const std::unique_ptr<DIR, CloseDirectory> directory(fdopendir(fd->get()));
  if (!directory) return system_error("RING_SYSTEM", "cannot list " + root);
  fd->release();  // the directory closes it
  while (const dirent* entry = readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (check_ring_name(name) && has_ring(dirfd(directory.get()), name)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace camstream
