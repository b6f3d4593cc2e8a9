#include "ring/lease_page.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/system_error.h"

namespace camstream {
namespace {

#if !defined(MFD_NOEXEC_SEAL)
constexpr unsigned MFD_NOEXEC_SEAL = 0x8;
#endif
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

Result<LeasePageMemory> map(UniqueFd fd) {
  void* address =
      mmap(nullptr, kLeasePageSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd.get(), 0);
  if (address == MAP_FAILED) return system_error("RING_SYSTEM", "cannot map a lease page");
  Mapping mapping(address, kLeasePageSize);
  madvise(address, kLeasePageSize, MADV_DONTFORK);  // a child's leases would be nobody's
  madvise(address, kLeasePageSize, MADV_DONTDUMP);
  return LeasePageMemory{std::move(fd), std::move(mapping)};
}

}  // namespace

Result<LeasePageMemory> make_lease_page() {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  UniqueFd fd(memfd_create("camstream-lease", kFlags | MFD_NOEXEC_SEAL));
  if (!fd && errno == EINVAL) fd.reset(memfd_create("camstream-lease", kFlags));  // Linux before 6.3
  if (!fd || ftruncate(fd.get(), kLeasePageSize) < 0 || fcntl(fd.get(), F_ADD_SEALS, kSeals) < 0) {
    return system_error("RING_SYSTEM", "cannot make a lease page");
  }
  return map(std::move(fd));
}

Result<LeasePageMemory> map_lease_page(UniqueFd fd) {
  struct stat info {};
  if (fstat(fd.get(), &info) < 0) return system_error("RING_SYSTEM", "cannot look at the lease page");
  const int seals = fcntl(fd.get(), F_GET_SEALS);
  if (info.st_size != kLeasePageSize || seals < 0 || (seals & kSeals) != kSeals) {
    return Error{"RING_CORRUPT", "the lease page that the producer sent has " + std::to_string(info.st_size) +
                                     " bytes and seals " + std::to_string(seals) + "; wanted " +
                                     std::to_string(kLeasePageSize) + " and at least " +
                                     std::to_string(kSeals)};
  }
  return map(std::move(fd));
}

}  // namespace camstream
