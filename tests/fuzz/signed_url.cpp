// Signed URLs, three lines: a query, a path, a template of secure_link. A query is right only with a
// signature of one of the keys; what is signed here is right, for its path, its address and its time alone.
#include "access/signed_url.h"

#include "access/unix_time.h"
#include "access/url_scope.h"
#include "choices.h"
#include "target.h"

using namespace srs;
using namespace srs::access;

namespace {

constexpr std::uint64_t expiry = 1'900'000'000;
const UtcTime now = time_of_seconds(std::int64_t{1'800'000'000});
const UrlKey key{"k1", "a secret for the search of bytes"};
const auto viewer = asio::ip::make_address("192.0.2.7"), other = asio::ip::make_address("2001:db8::7");

std::string_view next_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

bool is_right(const std::optional<SignedUrlResult>& result) {
  return result && std::holds_alternative<SignedUrl>(*result);
}

// Every byte escaped, as parameters of the query may hold any.
std::string escaped(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string query;
  for (const char c : text)
    (query += '%')
        .append({digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 15]});
  return query;
}

void check_query(const SignedUrls& urls, const std::string& query, std::string_view path) {
  const auto result = urls.verify(query, path, viewer, now);
  if (!is_right(result)) return;
  const SignedUrl& url = std::get<SignedUrl>(*result);
  MUST_HOLD(url.expires > now && url.fingerprint != 0);
  MUST_HOLD(is_url_path(path));
  MUST_HOLD(!is_right(urls.verify(query, path, viewer, url.expires)));
  MUST_HOLD(!is_right(urls.verify(query + "&sig=&exp=1&md5=&expires=1", path, viewer, now)));
}

void check_signing(const SignedUrls& urls, std::string_view path) {
  const bool is_path = is_url_path(path), is_acl = is_url_acl(path);
  MUST_HOLD(is_path || !is_acl);
  const std::string query = sign_url(key, {.path = std::string(path), .expires = expiry, .address = viewer});
  MUST_HOLD(is_right(urls.verify(query, path, viewer, now)) == is_path);
  MUST_HOLD(!is_right(urls.verify(query, path, other, now)));
  MUST_HOLD(!is_right(urls.verify(query, std::string(path) + "x", viewer, now)));
  if (path.empty()) return;
  const std::string for_acl = sign_url(key, {.acl = std::string(path), .expires = expiry});
  for (const char* asked : {"/live/cam1", "/live/cam1.m3u8", "/live/cam10", "/"})
    MUST_HOLD(is_right(urls.verify(for_acl, asked, viewer, now)) == (is_acl && acl_covers(path, asked)));
  MUST_HOLD(!is_right(urls.verify(for_acl + "&x=1&acl=" + escaped(path), "/live/cam1", viewer, now)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of({data, size});
  const std::string query(next_line(text)), path(next_line(text)), link_text(next_line(text));
  static const auto usual = SignedUrls::make({{key}, std::string(SecureLink::usual)}).value();
  check_query(usual, query, path);
  check_signing(usual, path);
  const auto link = SecureLink::parse(link_text);
  const auto urls = SignedUrls::make({{key}, link_text});
  MUST_HOLD(link.ok() == urls.ok());
  if (!link) return 0;
  check_query(*urls, query, path);
  const std::string linked = sign_secure_link(*link, key.secret, path, expiry, viewer);
  MUST_HOLD(is_right(urls->verify(linked, path, viewer, now)) == is_url_path(path));
  return 0;
}
