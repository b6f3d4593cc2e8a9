#include "shm/user_group.h"

#include <grp.h>

#include <charconv>
#include <vector>

namespace camstream {
namespace {

constexpr size_t kBufferSize = 64 * 1024;  // a group's members come along in it

}  // namespace

Result<gid_t> find_group(const std::string& name) {
  gid_t number = 0;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (failure == std::errc{} && end == name.data() + name.size()) return number;
  std::vector<char> buffer(kBufferSize);
  group entry{};
  group* found = nullptr;
  getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return entry.gr_gid;
  return Error{"RING_GROUP", "there is no group \"" + name + "\" on this machine. Create it (groupadd " +
                                 name + ") or set another `group` for the ring."};
}

std::string group_name(gid_t gid) {
  std::vector<char> buffer(kBufferSize);
  group entry{};
  group* found = nullptr;
  getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? std::string(found->gr_name) : std::to_string(gid);
}

}  // namespace camstream
