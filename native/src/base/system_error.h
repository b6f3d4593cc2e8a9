// An error of the operating system, in our words.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/result.h"

namespace camstream {

inline std::string errno_text(int number) { return std::generic_category().message(number); }

// "WHAT: No space left on device". Pass `number` where something may have changed errno since.
inline Error system_error(std::string code, const std::string& what, int number = errno) {
  return {std::move(code), what + ": " + errno_text(number)};
}

}  // namespace camstream
