// Result<T>: a value, or an Error that says what a peer, a file or a user did wrong.
//
// Failures caused by others are values and travel up as such; bugs and out-of-memory are exceptions. Each
// frame that passes an Error on may prepend its context, so that the outermost frame prints a whole sentence:
// "cannot open www/a.ts: No space left on device".
#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace srs {

enum class Errc {
  invalid_data,  // bytes that break the format or the protocol
  unsupported,   // well formed, but not supported here
  too_large,     // beyond a limit that protects this process
  not_found,     // the stream, file or host is not there
  refused,       // the peer or the policy said no
  timed_out,
  closed,  // the other side went away
  io,      // the operating system said no
  usage,   // the command line is wrong
};

struct Error {
  Errc code = Errc::io;
  std::string message;

  // The same error with "context: " in front.
  Error in(std::string_view context) && { return {code, std::string(context) + ": " + std::move(message)}; }
};

// What is wrong with the command line.
inline Error usage_error(std::string message) {
  return {Errc::usage, std::move(message)};
}

// Error from errno: "context: No such file or directory".
Error system_error(std::string_view context, int errno_value);

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return assert(ok()), std::get<0>(state_); }
  const T& value() const& { return assert(ok()), std::get<0>(state_); }
  T&& value() && { return assert(ok()), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }

  Error& error() & { return error_; }
  const Error& error() const& { return error_; }
  Error&& error() && { return std::move(error_); }

 private:
  Error error_;
  bool ok_ = true;
};

}  // namespace srs
