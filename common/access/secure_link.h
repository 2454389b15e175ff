// SecureLink: the text that nginx hashes for secure_link_md5, from its template
// (https://nginx.org/en/docs/http/ngx_http_secure_link_module.html).
//
//     $secure_link_expires$uri$remote_addr $secret
//
// Variables, also as ${name}: $secure_link_expires, $expires and $arg_expires (the parameter `expires`), $uri
// (the decoded path), $remote_addr (as text_of_address() has it), $secret (a key of the rules). Everything
// else stands for itself, a secret that is written out as nginx's users do included. As in nginx nothing
// stands between the parts: "$uri$remote_addr" is the same for /live/1 from 10.0.0.7 and for /live/11 from
// 0.0.0.7. A value; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace srs::access {

class SecureLink {
 public:
  static constexpr std::string_view usual = "$secure_link_expires$uri$remote_addr $secret";

  // Errors: unknown variables; without the expiry (anybody could change it); without $secret and with less
  // than 8 bytes that could be one.
  static Result<SecureLink> parse(std::string_view text);

  struct Values {
    std::string_view expires, uri, remote_addr, secret;
  };
  // The MD5 of the text with these values, 16 bytes.
  std::string hash(const Values& values) const;

  // Whether $secret is in it.
  bool has_secret() const { return has_secret_; }
  // All that is written out in it.
  const std::string& literal() const { return literal_; }

 private:
  enum class Kind : std::uint8_t { text, expires, uri, remote_addr, secret };
  struct Piece {
    Kind kind = Kind::text;
    std::string text;
  };
  static bool find_kind(std::string_view name, Kind& kind);
  static Result<Piece> parse_variable(std::string_view& rest);
  Result<void> check() const;

  std::vector<Piece> pieces_;
  std::string literal_;
  bool has_secret_ = false;
};

}  // namespace srs::access
