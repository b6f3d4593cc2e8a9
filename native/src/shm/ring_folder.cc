#include "shm/ring_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/retry_eintr.h"
#include "base/system_error.h"
#include "shm/segment_name.h"
#include "shm/user_group.h"

namespace camstream {
namespace {

constexpr int kStep = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

Error untrusted(const std::string& path, const std::string& found) {
  return {"RING_ROOT_UNTRUSTED",
          path + ' ' + found +
              ". Rings are only made and read below folders that nobody else can swap: "
              "remove it, or choose another root."};
}

bool ours_or_roots(const struct stat& info) { return info.st_uid == 0 || info.st_uid == geteuid(); }

// A folder in which others may rename things is all right only with the sticky bit.
Status check_step(const std::string& path, const struct stat& info) {
  if (!ours_or_roots(info)) {
    return untrusted(path,
                     "belongs to user " + std::to_string(info.st_uid) + ", who is neither root nor you");
  }
  if ((info.st_mode & S_IWOTH) != 0 && (info.st_mode & S_ISVTX) == 0) {
    return untrusted(path, "may be written by everybody and has no sticky bit");
  }
  return ok();
}

struct Root {
  UniqueFd fd;
  struct stat info;
};

Error step_error(const std::string& path, int parent) {
  const int number = errno;
  if (number == ENOENT) return {"RING_NOT_FOUND", "there is no " + path + ". Is the producer running?"};
  if (number == ELOOP || number == ENOTDIR) return untrusted(path, "is no folder but a link or a file");
  struct stat info {};
  if (number == EACCES && fstat(parent, &info) == 0) return permission_error(path, info.st_gid);
  return system_error("RING_SYSTEM", "cannot open " + path, number);
}

std::vector<std::string> steps_of(const std::string& path) {
  std::vector<std::string> steps;
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    if (end > begin) steps.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return steps;
}

// `modes` null: a reader, who makes nothing.
Result<Root> walk(const std::string& root, const RingModes* modes) {
  if (root.empty() || root[0] != '/') return untrusted('"' + root + '"', "is no absolute path");
  Root here;
  here.fd.reset(open("/", kStep));
  std::string path;
  const auto steps = steps_of(root);
  for (size_t index = 0; index < steps.size(); ++index) {
    const char* step = steps[index].c_str();
    path += '/' + steps[index];
    int next = retry_eintr([&] { return openat(here.fd.get(), step, kStep); });
    const bool last = index + 1 == steps.size();
    if (next < 0 && errno == ENOENT && last && modes != nullptr) {
      if (mkdirat(here.fd.get(), step, modes->root) < 0 && errno != EEXIST) {
        if (errno == EACCES) {
          return Error{"RING_PERMISSION", "may not make the folder " + path +
                                              ". Make it as root and give it to the producer's user."};
        }
        return system_error("RING_SYSTEM", "cannot make the folder " + path);
      }
      // The umask must not decide who may read; a folder that was there keeps its mode.
      next = retry_eintr([&] { return openat(here.fd.get(), step, kStep); });
      if (next >= 0) fchmodat(here.fd.get(), step, modes->root, 0);
    }
    if (next < 0) return step_error(path, here.fd.get());
    here.fd.reset(next);
    if (fstat(next, &here.info) < 0) return system_error("RING_SYSTEM", "cannot look at " + path);
    if (auto checked = check_step(path, here.info); !checked) return checked.error();
  }
  return here;
}

}  // namespace

Error permission_error(const std::string& path, gid_t group) {
  const std::string name = group_name(group);
  return {"RING_PERMISSION", "may not open " + path + ": it is for the group \"" + name +
                                 "\". Join it (sudo usermod -aG " + name + " $USER) and log in again."};
}

Result<RingFolder> create_ring_folder(const std::string& root, const std::string& name,
                                      const RingModes& modes, gid_t group) {
  if (auto checked = check_ring_name(name); !checked) return checked.error();
  auto parent = walk(root, &modes);
  if (!parent) return parent.error();
  RingFolder folder;
  folder.path = root + '/' + name;
  const int at = parent->fd.get();
  if (mkdirat(at, name.c_str(), modes.folder) < 0 && errno != EEXIST) {
    if (errno == EACCES) {
      return Error{"RING_PERMISSION", "may not make the folder " + folder.path + ": " + root +
                                          " belongs to another user. Give it to the producer's user."};
    }
    return system_error("RING_SYSTEM", "cannot make the folder " + folder.path);
  }
  folder.fd.reset(retry_eintr([&] { return openat(at, name.c_str(), kStep); }));
  if (!folder.fd) return step_error(folder.path, at);
  struct stat info {};
  if (fstat(folder.fd.get(), &info) < 0) return system_error("RING_SYSTEM", "cannot look at " + folder.path);
  if (info.st_uid != geteuid()) {
    return untrusted(folder.path, "belongs to user " + std::to_string(info.st_uid) + ", not to you (user " +
                                      std::to_string(geteuid()) + ")");
  }
  folder.owner = info.st_uid;
  if (group != kLeaveGroup && fchownat(at, name.c_str(), kLeaveGroup, group, AT_SYMLINK_NOFOLLOW) < 0) {
    return system_error("RING_GROUP", "cannot give " + folder.path + " to the group \"" + group_name(group) +
                                          "\" (one must be in it, or root)");
  }
  if (fchmodat(at, name.c_str(), modes.folder, 0) < 0) {
    return system_error("RING_SYSTEM", "cannot set the mode of " + folder.path);
  }
  return folder;
}

Result<RingFolder> open_ring_folder(const std::string& root, const std::string& name) {
  if (auto checked = check_ring_name(name); !checked) return checked.error();
  auto parent = walk(root, nullptr);
  if (!parent) return parent.error();
  RingFolder folder;
  folder.path = root + '/' + name;
  folder.fd.reset(retry_eintr([&] { return openat(parent->fd.get(), name.c_str(), kStep); }));
  if (!folder.fd) return step_error(folder.path, parent->fd.get());
  struct stat info {};
  if (fstat(folder.fd.get(), &info) < 0) return system_error("RING_SYSTEM", "cannot look at " + folder.path);
  // In a root that everybody may write to (sticky, then), anybody can have made it.
  if ((parent->info.st_mode & S_IWOTH) != 0 && !ours_or_roots(info)) {
    return untrusted(folder.path,
                     "belongs to user " + std::to_string(info.st_uid) + ", who is neither root nor you");
  }
  if ((info.st_mode & S_IWOTH) != 0) return untrusted(folder.path, "may be written by everybody");
  folder.owner = info.st_uid;
  return folder;
}

Result<UniqueFd> open_ring_root(const std::string& root) {
  auto found = walk(root, nullptr);
  if (!found) return found.error();
  UniqueFd fd(openat(found->fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd && errno == EACCES) return permission_error(root, found->info.st_gid);
  if (!fd) return system_error("RING_SYSTEM", "cannot open " + root);
  return fd;
}

}  // namespace camstream
