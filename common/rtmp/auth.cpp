#include "rtmp/auth.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <new>
#include <vector>

#include "cli/log.h"
#include "net/random_id.h"

namespace srs::rtmp {
namespace {

using Md5 = std::array<std::uint8_t, 16>;

Md5 md5(std::string_view text) {
  Md5 hash;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_md5(), nullptr) != 1 ||
      size != hash.size())
    throw std::bad_alloc();  // an OpenSSL without MD5 has none of this; nothing else fails here
  return hash;
}

std::string base64(const Md5& bytes) {
  std::array<unsigned char, 25> text;  // with the zero that OpenSSL puts behind it
  const int size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + size};
}

std::string hex(const Md5& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

// A parameter behind "?reason=needauth", as it stands there; empty if it is missing.
std::string_view parameter(std::string_view parameters, std::string_view name) {
  while (!parameters.empty()) {
    const auto end = std::min(parameters.find('&'), parameters.size());
    const std::string_view pair = parameters.substr(0, end);
    if (pair.starts_with(name) && pair.size() > name.size() && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
  }
  return {};
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

// Words of ours, which quote nothing that may be a secret: not Errc::refused.
Error not_known(std::string why) {
  return {Errc::unsupported, std::move(why)};
}

}  // namespace

Result<Credentials> Credentials::of(const net::Url& url) {
  auto user = net::percent_decode(url.user);
  auto password = net::percent_decode(url.password);
  if (!user || !password)
    return Error{Errc::usage, "the user name or password has a broken %-escape (a % itself is %25)"};
  // The user's name goes into a query as it is: none of the servers decodes it.
  if (std::any_of(user->begin(), user->end(),
                  [](unsigned char c) { return c <= ' ' || c == '&' || c == '?'; }))
    return Error{Errc::usage, "the user name has a character that RTMP's authentication cannot carry"};
  if (user->empty() != password->empty())
    return Error{Errc::usage, "a user name and a password belong together: rtmp://USER:PASSWORD@HOST/..."};
  return Credentials{*std::move(user), *std::move(password)};
}

std::string Authentication::make_challenge() {
  return net::random_id();
}

Result<bool> Authentication::take_refusal(std::string_view description, std::string_view app) {
  const auto mod = description.find("authmod=");
  if (mod == description.npos) return false;
  if (description.size() > description_max)
    return not_known("the server asks for a password at too great length");
  std::string_view name = description.substr(mod + std::string_view("authmod=").size());
  name = name.substr(0, name.find_first_of(" ;]&"));
  if (name != "adobe" && name != "llnw")
    return not_known(
        fmt::format("the server wants a user to be known by '{}', which is not supported; adobe "
                    "and llnw are",
                    cli::peer_text(name)));
  if (credentials_.empty())
    return not_known("the server wants a user name and a password: rtmp://USER:PASSWORD@HOST/...");
  if (contains(description, "reason=authfailed") || contains(description, "reason=nosuchuser"))
    return not_known("the server does not take the user name or the password");
  const Scheme scheme = name == "adobe" ? Scheme::adobe : Scheme::llnw;
  constexpr std::string_view needs = "?reason=needauth";
  const auto asked = description.find(needs);
  if (answered_ || (named_ && asked == description.npos))
    return not_known("the server does not take the user name or the password");
  if (asked != description.npos) {
    const std::string_view parameters = description.substr(asked + needs.size());
    query_ = scheme == Scheme::adobe ? adobe_answer(parameters) : llnw_answer(parameters, app);
    return named_ = answered_ = true;
  }
  query_ = fmt::format("?authmod={}&user={}", name, credentials_.user);
  return named_ = true;
}

std::string Authentication::adobe_answer(std::string_view parameters) const {
  const std::string_view salt = parameter(parameters, "salt");
  const std::string_view opaque = parameter(parameters, "opaque");
  const std::string_view asked = opaque.empty() ? parameter(parameters, "challenge") : opaque;
  const std::string secret =
      base64(md5(fmt::format("{}{}{}", credentials_.user, salt, credentials_.password)));
  const std::string response = base64(md5(fmt::format("{}{}{}", secret, asked, challenge_)));
  std::string answer =
      fmt::format("?authmod=adobe&user={}&challenge={}&response={}", credentials_.user, challenge_, response);
  if (!opaque.empty()) answer += fmt::format("&opaque={}", opaque);
  return answer;
}

std::string Authentication::llnw_answer(std::string_view parameters, std::string_view app) const {
  constexpr std::string_view count = "00000001";
  const std::string_view nonce = parameter(parameters, "nonce");
  const std::string who = hex(md5(fmt::format("{}:live:{}", credentials_.user, credentials_.password)));
  const std::string what =
      hex(md5(fmt::format("publish:/{}{}", app, app.find('/') == app.npos ? "/_definst_" : "")));
  const std::string response =
      hex(md5(fmt::format("{}:{}:{}:{}:auth:{}", who, nonce, count, challenge_, what)));
  return fmt::format("?authmod=llnw&user={}&nonce={}&cnonce={}&nc={}&response={}", credentials_.user, nonce,
                     challenge_, count, response);
}

}  // namespace srs::rtmp
