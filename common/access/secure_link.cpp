#include "access/secure_link.h"

#include <algorithm>
#include <utility>

#include "access/digest.h"

namespace srs::access {
namespace {

constexpr std::size_t max_template_bytes = 1024, min_literal_secret_bytes = 8;

bool is_variable_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

bool SecureLink::find_kind(std::string_view name, Kind& kind) {
  static constexpr std::pair<std::string_view, Kind> kinds[] = {
      {"secure_link_expires", Kind::expires}, {"expires", Kind::expires},
      {"arg_expires", Kind::expires},         {"uri", Kind::uri},
      {"remote_addr", Kind::remote_addr},     {"secret", Kind::secret}};
  for (const auto& [known, its_kind] : kinds)
    if (known == name) return kind = its_kind, true;
  return false;
}

// rest: begins with '$'; moves behind the variable.
Result<SecureLink::Piece> SecureLink::parse_variable(std::string_view& rest) {
  rest.remove_prefix(1);
  const bool braces = rest.starts_with('{');
  if (braces) rest.remove_prefix(1);
  const auto size = static_cast<std::size_t>(
      std::find_if_not(rest.begin(), rest.end(), is_variable_character) - rest.begin());
  const std::string_view name = rest.substr(0, size);
  rest.remove_prefix(size);
  Piece piece;
  if ((braces && !rest.starts_with('}')) || !find_kind(name, piece.kind))
    return Error{Errc::usage,
                 "a variable that secure_link cannot have here; there are $secure_link_expires, "
                 "$uri, $remote_addr and $secret"};
  if (braces) rest.remove_prefix(1);
  return piece;
}

Result<void> SecureLink::check() const {
  const auto has = [&](Kind kind) {
    return std::any_of(pieces_.begin(), pieces_.end(),
                       [&](const Piece& piece) { return piece.kind == kind; });
  };
  if (!has(Kind::expires))
    return Error{Errc::usage, "$secure_link_expires is missing: anybody could change the expiry"};
  if (!has_secret_ && literal_.size() < min_literal_secret_bytes)
    return Error{Errc::usage, "$secret is missing, and what is written out has less than 8 bytes"};
  return {};
}

Result<SecureLink> SecureLink::parse(std::string_view text) {
  if (text.size() > max_template_bytes)
    return Error{Errc::usage, "the template of secure_link is longer than 1024 bytes"};
  SecureLink link;
  while (!text.empty()) {
    if (text.front() == '$') {
      auto piece = parse_variable(text);
      if (!piece) return std::move(piece).error();
      link.has_secret_ = link.has_secret_ || piece->kind == Kind::secret;
      link.pieces_.push_back(*std::move(piece));
      continue;
    }
    const std::string_view literal = text.substr(0, text.find('$'));
    link.pieces_.push_back({Kind::text, std::string(literal)});
    link.literal_.append(literal);
    text.remove_prefix(literal.size());
  }
  if (auto checked = link.check(); !checked) return std::move(checked).error();
  return link;
}

std::string SecureLink::hash(const Values& values) const {
  std::string text;
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Kind::text:
        text.append(piece.text);
        break;
      case Kind::expires:
        text.append(values.expires);
        break;
      case Kind::uri:
        text.append(values.uri);
        break;
      case Kind::remote_addr:
        text.append(values.remote_addr);
        break;
      case Kind::secret:
        text.append(values.secret);
        break;
    }
  }
  return digest_of(Digest::md5, text);
}

}  // namespace srs::access
