// A value or an error with a stable code. No exceptions cross a boundary of ours.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace camstream {

// `code` is one of docs/errors.md; `message` says what was wanted, what was found and what to do.
struct Error {
  std::string code;
  std::string message;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}           // NOLINT: implicit on purpose
  Result(Error error) : value_(std::move(error)) {}       // NOLINT: implicit on purpose
  explicit operator bool() const { return std::holds_alternative<T>(value_); }
  T& operator*() { return std::get<T>(value_); }
  const T& operator*() const { return std::get<T>(value_); }
  T* operator->() { return &std::get<T>(value_); }
  const T* operator->() const { return &std::get<T>(value_); }
  const Error& error() const { return std::get<Error>(value_); }

 private:
  std::variant<T, Error> value_;
};

struct Nothing {};
using Status = Result<Nothing>;
inline Status ok() { return Nothing{}; }

}  // namespace camstream
