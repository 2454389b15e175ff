#include "access/type_password.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "access/password.h"

namespace srs::access {
namespace {

// Turns the terminal's echo off; no effect if stdin is none.
class NoEcho {
 public:
  NoEcho() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    fmt::print(stderr, "Password: ");
  }
  ~NoEcho() {
    if (!is_terminal_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    fmt::print(stderr, "\n");
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  const bool is_terminal_;
};

}  // namespace

Result<std::string> hash_typed_password() {
  std::string password;
  {
    const NoEcho no_echo;
    std::getline(std::cin, password);
  }
  auto hash = hash_password(password);
  if (!hash) return std::move(hash).error().in("--hash-password: a line on stdin is wanted");
  return hash;
}

}  // namespace srs::access
