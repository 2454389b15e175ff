// Decision: what the answer of a call-back means. A value; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "access/question.h"

namespace srs::hooks {

struct Decision {
  enum class Kind : std::uint8_t { allowed, refused, error };

  Kind kind = Kind::error;
  std::string why{};  // of a refusal or an error, printable; never holds what the client showed
  access::Refusal::Kind refusal = access::Refusal::Kind::forbidden;
  std::string user{};                                // who it is, if the call-back checked that
  std::string path{};                                // another name for the stream; empty: as it was
  std::optional<std::chrono::seconds> expires_in{};  // of an allowance
  access::UtcTime expires = access::never;           // the same, once it is known from when on
};

inline Decision allowed() {
  return {.kind = Decision::Kind::allowed};
}
inline Decision refused(std::string why, access::Refusal::Kind kind = access::Refusal::Kind::forbidden) {
  return {.kind = Decision::Kind::refused, .why = std::move(why), .refusal = kind};
}
inline Decision failed(std::string why) {
  return {.kind = Decision::Kind::error, .why = std::move(why)};
}

}  // namespace srs::hooks
