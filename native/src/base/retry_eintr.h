// A signal handler of the host program must not make our system calls fail.
#pragma once

#include <cerrno>

namespace camstream {

template <typename Call>
auto retry_eintr(Call&& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

}  // namespace camstream
