#include "access/question.h"

#include <array>

namespace srs::access {
namespace {

constexpr std::array<std::string_view, action_count> action_names{"publish", "play", "admin.read",
                                                                  "admin.write"};

}  // namespace

std::string_view name_of(Action action) {
  return action_names[static_cast<std::size_t>(action)];
}

std::optional<Action> action_named(std::string_view name) {
  for (std::size_t i = 0; i < action_names.size(); ++i)
    if (action_names[i] == name) return static_cast<Action>(i);
  return std::nullopt;
}

std::string_view name_of(Refusal::Kind kind) {
  static constexpr std::array<std::string_view, 6> names{"unknown",   "wrong",       "expired",
                                                         "forbidden", "unavailable", "too_many"};
  return names[static_cast<std::size_t>(kind)];
}

int status_of(Refusal::Kind kind) {
  switch (kind) {
    case Refusal::Kind::unknown:
    case Refusal::Kind::wrong:
      return 401;
    case Refusal::Kind::expired:
    case Refusal::Kind::forbidden:
      return 403;
    case Refusal::Kind::too_many:
      return 429;
    case Refusal::Kind::unavailable:
      break;
  }
  return 503;
}

std::string_view answer_of(Refusal::Kind kind) {
  switch (kind) {
    case Refusal::Kind::unknown:
      return "not without a key, a password or a token";
    case Refusal::Kind::wrong:
      return "wrong key, password or token";
    case Refusal::Kind::expired:
      return "the right to this has ended";
    case Refusal::Kind::forbidden:
      return "not allowed";
    case Refusal::Kind::too_many:
      return "too many at a time";
    case Refusal::Kind::unavailable:
      break;
  }
  return "the rights cannot be checked now: try again later";
}

}  // namespace srs::access
