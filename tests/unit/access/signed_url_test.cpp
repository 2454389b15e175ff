#include "access/signed_url.h"

#include <doctest/doctest.h>

#include "access/base64url.h"
#include "access/digest.h"
#include "access/unix_time.h"
#include "access/url_scope.h"

namespace srs::access {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t expiry = 1'764'000'000;
const UtcTime before = time_of_seconds(std::int64_t{expiry}) - 1h;
const UrlKey key1{"k1", "0123456789abcdef0123456789abcdef"}, key2{"k2", "another secret of a key"};
const auto viewer = asio::ip::make_address("192.0.2.7");

std::string outcome(const std::optional<SignedUrlResult>& result) {
  if (!result) return "none";
  if (const auto* url = std::get_if<SignedUrl>(&*result)) return url->key_id.empty() ? "right" : url->key_id;
  const Refusal& refusal = std::get<Refusal>(*result);
  CHECK(refusal.why.find(key1.secret) == std::string::npos);
  return refusal.kind == Refusal::Kind::expired ? "expired"
         : refusal.kind == Refusal::Kind::wrong ? "wrong"
                                                : "?";
}

const SignedUrls& two_keys() {
  static const SignedUrls urls = SignedUrls::make({{key1, key2}, {}}).value();
  return urls;
}

std::string verified(std::string_view query, std::string_view path, UtcTime now = before,
                     const asio::ip::address& address = viewer) {
  return outcome(two_keys().verify(query, path, address, now));
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  REQUIRE(at != text.npos);
  return text.replace(at, what.size(), with);
}

// A query with the right signature of a text that is written out here.
std::string signed_text(const std::string& parameters, const std::string& text) {
  return parameters + "&sig=" + hex_of(hmac_of(Digest::sha256, key1.secret, text));
}

TEST_CASE("signatures that others made: HMACs of Python's hmac module") {
  CHECK(sign_url(key1, {.acl = "/live/cam1/*", .expires = expiry}) ==
        "exp=1764000000&acl=/live/cam1/*&kid=k1&sig="
        "543b8cfd7217f5d7e2cbfd193dd046031864b9bac8d96721a768909a96463138");
  CHECK(
      sign_url({"", key1.secret}, {.path = "/live/caf\xc3\xa9.flv", .expires = expiry, .address = viewer}) ==
      "exp=1764000000&addr=1&sig=884464dfc8805d0aadb3e52a5e9bedeaa4061b386c4f4956b05fef180dbe27ed");
}

TEST_CASE("a signed path is good until it expires, and for nothing else") {
  const std::string query = sign_url(key1, {.path = "/live/cam1.flv", .expires = expiry});
  const auto result = two_keys().verify("x=1&" + query, "/live/cam1.flv", viewer, before);
  REQUIRE(outcome(result) == "k1");
  const SignedUrl& url = std::get<SignedUrl>(*result);
  CHECK(url.expires == before + 1h);
  CHECK(url.scope == "/live/cam1.flv");
  CHECK(url.fingerprint == fingerprint_of(key1.secret));
  CHECK(url.fingerprint != fingerprint_of(key2.secret));
  CHECK(verified(query, "/live/cam1.flv", before + 1h - 1ns) == "k1");
  CHECK(verified(query, "/live/cam1.flv", before + 1h) == "expired");
  CHECK(verified(query, "/live/cam2.flv") == "wrong");
  CHECK(verified(query, "/live/cam1.flv/x") == "wrong");
  CHECK(verified(replaced(query, "exp=1764000000", "exp=1764000001"), "/live/cam1.flv") == "wrong");
  CHECK(verified(replaced(query, "exp=1764000000", "exp=1"), "/live/cam1.flv") == "wrong");  // not "expired"
  CHECK(verified(query + "&acl=/live/cam1.flv", "/live/cam1.flv") == "wrong");
}

TEST_CASE("an ACL is for one stream with all that belongs to it, or for all below a folder") {
  for (const char* path : {"/live/cam1", "/live/cam1.m3u8", "/live/cam1.flv", "/live/cam1/av.m3u8",
                           "/live/cam1/812.m4s", "/live/cam1/"})
    CHECK_MESSAGE(acl_covers("/live/cam1/*", path), path);
  for (const char* path : {"/live/cam10", "/live/cam10.m3u8", "/live/cam", "/live/cam1.v2",
                           "/live/cam1.m3u8/x", "/live/cam1.v2.flv", "/Live/cam1", "/", "/live/cam10/1.ts"})
    CHECK_FALSE_MESSAGE(acl_covers("/live/cam1/*", path), path);
  CHECK(acl_covers("/live/*", "/live/cam1/812.ts"));
  CHECK(acl_covers("/live/*", "/live"));
  CHECK_FALSE(acl_covers("/live/*", "/vod/live/x"));
  CHECK(acl_covers("/*", "/any/thing"));
  CHECK_FALSE(acl_covers("/live/cam1", "/live/cam1.flv"));

  const std::string query = sign_url(key1, {.acl = "/live/cam1/*", .expires = expiry});
  CHECK(verified(query, "/live/cam1/812.m4s") == "k1");
  CHECK(verified(query, "/live/cam10.m3u8") == "wrong");
  CHECK(verified(replaced(query, "acl=/live/cam1/*", "acl=/live/*"), "/live/cam1.flv") == "wrong");
  CHECK(verified(replaced(query, "acl=/live/cam1/*", "acl=%2Flive%2Fcam1%2F%2A"), "/live/cam1.flv") == "k1");
}

TEST_CASE("ACLs that could be misread are refused, also if they are signed") {
  for (const std::string acl : {"", "*", "/live/cam1*", "/l*ve/*", "/live/**", "live/*", "/live/../*", "/./*",
                                "/a\nb/*", "/live/*/x"}) {
    CHECK_FALSE_MESSAGE(is_url_acl(acl), acl);
    const std::string query =
        signed_text("exp=1764000000&acl=" + acl, "srs-url-1\nkid:\nexp:1764000000\naddr:\nacl:" + acl);
    CHECK_MESSAGE(verified(query, "/live/cam1") == "wrong", acl);
  }
  CHECK_FALSE(is_url_acl("/" + std::string(1024, 'a')));
  CHECK(is_url_path("/live/*"));  // as a path it stands for itself
}

TEST_CASE("a path and an ACL of the same text, and fields that hold others, are signed differently") {
  const std::string path = sign_url(key1, {.path = "/live/cam1", .expires = expiry}),
                    acl = sign_url(key1, {.acl = "/live/cam1", .expires = expiry});
  CHECK(path.substr(path.find("sig=")) != acl.substr(acl.find("sig=")));
  CHECK(verified(acl, "/live/cam1") == "k1");
  // A line feed in a field would be the end of that field.
  const std::string text = "srs-url-1\nkid:k1\nexp:1764000000\naddr:\nacl:/x\npath:/live/cam1";
  CHECK(verified(signed_text("exp=1764000000&kid=k1&acl=/x%0apath:/live/cam1", text), "/x") == "wrong");
  CHECK(verified(signed_text("exp=1764000000&kid=k1%0aexp:9", text), "/live/cam1") == "wrong");
}

TEST_CASE("keys: by their id, or every one of them; the old one stays good while a new one is brought in") {
  const std::string with_id = sign_url(key2, {.path = "/x", .expires = expiry}),
                    without = sign_url({"", key2.secret}, {.path = "/x", .expires = expiry});
  CHECK(verified(with_id, "/x") == "k2");
  CHECK(verified(without, "/x") == "k2");
  CHECK(verified(replaced(with_id, "kid=k2", "kid=k1"), "/x") == "wrong");
  CHECK(verified(replaced(with_id, "kid=k2", "kid=K2"), "/x") == "wrong");
  CHECK(verified(replaced(with_id, "kid=k2", "kid=../../etc/passwd"), "/x") == "wrong");
  CHECK(verified(replaced(with_id, "kid=k2", "kid=" + std::string(8192, 'k')), "/x") == "wrong");
  const auto only_first = SignedUrls::make({{key1}, {}}).value();
  CHECK(outcome(only_first.verify(with_id, "/x", viewer, before)) == "wrong");
}

TEST_CASE("bound to an address") {
  const std::string query = sign_url(key1, {.path = "/x", .expires = expiry, .address = viewer});
  CHECK(verified(query, "/x") == "k1");
  CHECK(verified(query, "/x", before, asio::ip::make_address("::ffff:192.0.2.7")) == "k1");
  CHECK(verified(query, "/x", before, asio::ip::make_address("192.0.2.8")) == "wrong");
  CHECK(verified(replaced(query, "&addr=1", ""), "/x") == "wrong");
  CHECK(verified(replaced(query, "addr=1", "addr=2"), "/x") == "wrong");
  CHECK(verified(sign_url(key1, {.path = "/x", .expires = expiry}) + "&addr=1", "/x") == "wrong");
  CHECK(text_of_address(asio::ip::make_address("2001:DB8:0:0::0007")) == "2001:db8::7");
  CHECK(text_of_address(asio::ip::make_address("fe80::1%1")) == "fe80::1");
}

TEST_CASE("signatures that are not the right one") {
  const std::string query = sign_url(key1, {.path = "/x", .expires = expiry});
  const std::string start = query.substr(0, query.size() - 64), sig = query.substr(query.size() - 64);
  CHECK(verified(start, "/x") == "wrong");
  CHECK(verified(start + sig.substr(0, 63), "/x") == "wrong");
  CHECK(verified(start + sig + "0", "/x") == "wrong");
  CHECK(verified(start + std::string(64, '0'), "/x") == "wrong");
  std::string upper = sig;
  for (char& c : upper)
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  CHECK(verified(start + upper, "/x") == "wrong");
  for (std::size_t i = 0; i < sig.size(); ++i) {
    std::string other = sig;
    other[i] = other[i] == '0' ? '1' : '0';
    CHECK(verified(start + other, "/x") == "wrong");
  }
}

TEST_CASE("queries without a signature are none of this") {
  for (const char* query :
       {"", "a=b", "exp=1764000000&acl=/x", "sign=1", "md5=x&expires=1", "exp=1&exp=2", "&&=&"})
    CHECK(verified(query, "/x") == "none");
  CHECK(verified("sig", "/x") == "wrong");
  CHECK(verified("s%69g=1&exp=1", "/x") == "wrong");
  CHECK(outcome(SignedUrls::make({{}, "$secure_link_expires a literal one"})
                    .value()
                    .verify("sig=1&exp=2", "/x", viewer, before)) == "none");
}

TEST_CASE("a parameter that is there twice is refused, wherever") {
  const std::string query = sign_url(key1, {.acl = "/x", .expires = expiry, .address = viewer});
  REQUIRE(verified(query, "/x") == "k1");
  for (const char* again : {"exp=1764000000", "acl=/x", "kid=k1", "addr=1", "sig=", "%65xp=1764000000"}) {
    CHECK(verified(query + "&" + again, "/x") == "wrong");
    CHECK(verified(std::string(again) + "&" + query, "/x") == "wrong");
  }
  CHECK(verified(query + "&md5=1&md5=1", "/x") == "k1");  // no signature here
}

TEST_CASE("every number as an expiry is defined") {
  const auto at = [](const std::string& exp, UtcTime now = before) {
    return verified(signed_text("exp=" + exp, "srs-url-1\nkid:\nexp:" + exp + "\naddr:\npath:/x"), "/x", now);
  };
  CHECK(at("0") == "expired");
  CHECK(at("2147483647") == "k1");
  CHECK(at("2147483648", time_of_seconds(std::int64_t{2'147'483'648}) - 1s) == "k1");
  CHECK(at("2147483648", time_of_seconds(std::int64_t{2'147'483'648})) == "expired");
  CHECK(at("4294967296", time_of_seconds(std::int64_t{4'294'967'296}) - 1s) == "k1");
  CHECK(at("9223372036", never - 2s) == "k1");
  CHECK(at("9223372037", never - 1s) == "k1");
  CHECK(at("999999999999999999", never - 1s) == "k1");
  for (const char* exp : {"", "-1", "+1764000000", "01764000000", "00", "1764000000.5", "1e10", " 1764000000",
                          "0x7fffffff", "9223372036854775807", "1000000000000000000", "18446744073709551616",
                          "nan", "1764000000 ", "1764000000%00"})
    CHECK_MESSAGE(at(exp) == "wrong", exp);
  CHECK(verified("sig=" + std::string(64, '0'), "/x") == "wrong");  // no exp
}

TEST_CASE("queries and paths without measure") {
  const std::string query = sign_url(key1, {.path = "/x", .expires = expiry});
  CHECK(verified(query + "&x=" + std::string(16'000, 'x'), "/x") == "k1");
  CHECK(verified(query + "&x=" + std::string(20'000, 'x'), "/x") == "wrong");
  CHECK(verified(query + std::string(15'000, '&'), "/x") == "k1");
  CHECK(verified(query, "/" + std::string(100'000, 'x')) == "wrong");
  CHECK(verified(query, "") == "wrong");
  CHECK(verified(query, "x") == "wrong");
  CHECK(verified(sign_url(key1, {.acl = "/live/*", .expires = expiry}), "/live/../admin") == "wrong");
}

TEST_CASE("rules that cannot be safe are refused") {
  CHECK_FALSE(SignedUrls::make({}));
  CHECK_FALSE(SignedUrls::make({{{"k1", "too short"}}, {}}));
  CHECK_FALSE(SignedUrls::make({{key1, key1}, {}}));
  CHECK_FALSE(SignedUrls::make({{key1, {"", key2.secret}}, {}}));
  CHECK_FALSE(SignedUrls::make({{{"k 1", key1.secret}}, {}}));
  CHECK_FALSE(SignedUrls::make({{}, std::string(SecureLink::usual)}));
  CHECK_FALSE(SignedUrls::make({std::vector<UrlKey>(17, key1), {}}));
  for (const char* text :
       {"", "$uri a literal secret", "$secure_link_expires$uri", "$secure_link_expires short",
        "$secure_link_expires$host long enough", "$secure_link_expires $", "${secret $expires",
        "$secret$expires${}", "$secure_link_expires$secrets"})
    CHECK_FALSE_MESSAGE(SecureLink::parse(text), text);
  CHECK_FALSE(SecureLink::parse("$expires" + std::string(1024, 's')));
}

TEST_CASE("nginx's own example of secure_link_md5") {
  const auto link = SecureLink::parse("$secure_link_expires$uri$remote_addr $secret").value();
  CHECK(encode_base64url(link.hash({"2147483647", "/s/link", "127.0.0.1", "secret"})) ==
        "_e4Nc3iduzkWRm01TBBNYw");
  CHECK(SecureLink::parse("${expires}${uri}${remote_addr} ${secret}").value().hash({"1", "2", "3", "4"}) ==
        digest_of(Digest::md5, "123 4"));
}

TEST_CASE("nginx's secure links are verified as nginx does") {
  const auto link = SecureLink::parse(SecureLink::usual).value();
  const auto urls = SignedUrls::make({{key1, key2}, std::string(SecureLink::usual)}).value();
  const auto ask = [&](const std::string& query, const char* path, UtcTime now = before) {
    return outcome(urls.verify(query, path, viewer, now));
  };
  const std::string query = sign_secure_link(link, key2.secret, "/live/x.flv", expiry, viewer);
  CHECK(ask(query, "/live/x.flv") == "k2");
  CHECK(ask(replaced(query, "&expires", "==&expires"), "/live/x.flv") == "k2");
  CHECK(ask(query, "/live/x.flv", before + 1h) == "expired");
  CHECK(ask(query, "/live/y.flv") == "wrong");
  CHECK(ask(replaced(query, "expires=1764000000", "expires=1764000001"), "/live/x.flv") == "wrong");
  CHECK(ask(query + "&expires=1764000000", "/live/x.flv") == "wrong");
  CHECK(ask(query.substr(0, query.find('&')), "/live/x.flv") == "wrong");
  CHECK(ask("md5=&expires=1764000000", "/live/x.flv") == "wrong");
  CHECK(ask("md5=%2b/&expires=1764000000", "/live/x.flv") == "wrong");
  CHECK(ask(query + "&" + sign_url(key1, {.path = "/live/x.flv", .expires = expiry}), "/live/x.flv") ==
        "wrong");
  CHECK(ask(sign_url(key1, {.path = "/live/x.flv", .expires = expiry}), "/live/x.flv") == "k1");
}

TEST_CASE("nginx's template with its secret written out") {
  const std::string text = "$secure_link_expires$uri my old secret";
  const auto urls = SignedUrls::make({{}, text}).value();
  const std::string query = sign_secure_link(SecureLink::parse(text).value(), "", "/x", expiry, {});
  const auto result = urls.verify(query, "/x", viewer, before);
  REQUIRE(outcome(result) == "right");
  CHECK(std::get<SignedUrl>(*result).fingerprint != 0);
  CHECK(outcome(urls.verify(query, "/y", viewer, before)) == "wrong");
}

TEST_CASE("base64url is strict") {
  for (const std::string bytes : {"", "f", "fo", "foo", "foob", "fooba", "foobar", "\xff\xfe\xfd"})
    CHECK(decode_base64url(encode_base64url(bytes)) == bytes);
  CHECK(encode_base64url("\xff\xef") == "_-8");
  for (const char* text : {"Zg==", "Zh", "Zm9", "Z", "Zm9vY", "+/+/", "Zm 9", "Zm9v\n", "Zm9=", "Zm9\x80"})
    CHECK_FALSE_MESSAGE(decode_base64url(text).has_value(), text);
}

}  // namespace
}  // namespace srs::access
