// Authentication of RTMP clients: what rtmp://USER:PASSWORD@HOST/... means.
//
// There are two schemes, both of challenge and response, and neither has a specification; FFmpeg and librtmp
// speak them, and so do Adobe's servers and Wowza (authmod=adobe) and Limelight's (authmod=llnw). A server
// that wants one refuses "connect" and closes; its "description" says what it wants. The client connects
// anew, with the answer behind the app's name (and in tcUrl):
//
// clang-format off
//   server  [ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] :
//   client  app?authmod=adobe&user=U
//   server  [ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=U&salt=S&challenge=C&opaque=O
//   client  app?authmod=adobe&user=U&challenge=K&response=R&opaque=O
//   server  _result, or "... ?reason=authfailed", "... ?reason=nosuchuser"
// clang-format on
//
//   adobe: R = base64(MD5(base64(MD5(user salt password)) (opaque, or else challenge) K))
//   llnw:  R = MD5(MD5(user ":live:" password) ":" nonce ":00000001:" K ":auth:" MD5("publish:/" app)), in
//          hexadecimal digits, with a nonce for salt, challenge and opaque; an app without '/' is
//          app/_definst_
//
// A password goes out only inside these hashes. MD5 is what the schemes have: whoever listens can try
// passwords, so rtmps:// is the way over networks of others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "net/url.h"

namespace srs::rtmp {

struct Credentials {
  std::string user, password;  // as they are meant, without percent-encoding; empty: none

  // Of a URL. Errors: usage, if they are not encoded well or cannot be sent.
  static Result<Credentials> of(const net::Url& url);
  bool empty() const { return user.empty() && password.empty(); }
};

// One client's way through it. Belongs to whoever connects; for one connect, and those that it leads to.
class Authentication {
 public:
  // Connections in all: without an answer, with the user's name, with the response.
  static constexpr int connections_max = 3;
  // Of what a server says.
  static constexpr std::size_t description_max = 1'024;

  // challenge: eight hexadecimal digits that were not used before.
  Authentication(Credentials credentials, std::string challenge)
      : credentials_(std::move(credentials)), challenge_(std::move(challenge)) {}

  // A challenge of the system's random numbers.
  static std::string make_challenge();

  // What stands behind the app's name in "connect": empty at first, then "?authmod=...".
  const std::string& query() const { return query_; }

  // The server refused to connect, with this description. True: it wants an answer, which is in query() now.
  // False: it refuses for another reason. Errors: unsupported, in words for people: no credentials, wrong
  // ones, or a scheme that is not known.
  Result<bool> take_refusal(std::string_view description, std::string_view app);

 private:
  enum class Scheme : std::uint8_t { adobe, llnw };

  std::string adobe_answer(std::string_view parameters) const;
  std::string llnw_answer(std::string_view parameters, std::string_view app) const;

  const Credentials credentials_;
  const std::string challenge_;
  std::string query_;
  bool named_ = false;     // the user's name went out
  bool answered_ = false;  // the response did
};

}  // namespace srs::rtmp
