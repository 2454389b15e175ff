// PushUrl: where streams are pushed to, as the user wrote it: rtmp://HOST/APP/KEY or rtmps://..., with {path}
// where the stream's path is to be.
//
// Stream keys are passwords: what is shown of a URL is not. The last component of the path, and the query,
// are shown only if the stream's path is all there is in them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "net/tls_context.h"
#include "net/url.h"

namespace srs::relay {

class PushUrl {
 public:
  // Errors do not quote it.
  static Result<PushUrl> parse(std::string_view text);

  // Whether it takes every stream, each under its own name. Other URLs take one stream at a time.
  bool has_path() const { return text_.find("{path}") != text_.npos; }
  net::Url url_for(const std::string& path) const;
  // "rtmps://host:443/app/***", for people.
  std::string display_for(const std::string& path) const;
  // Why a push failed, for logs. The server's message may contain our key: if there is one, only known
  // status codes are shown.
  std::string explain(const Error& error) const;

  bool operator==(const PushUrl& other) const = default;
  bool operator<(const PushUrl& other) const { return text_ < other.text_; }

 private:
  explicit PushUrl(std::string_view text) : text_(text) {}
  bool hides_name() const;
  bool has_secret() const;

  std::string text_;
};

// What --push, --push-file and --match say.
struct PushOptions {
  std::vector<PushUrl> urls;
  std::string file;                // with more of them, read again on SIGHUP; may be empty
  std::vector<std::string> match;  // patterns of stream paths, see fnmatch(3); none: every stream
  std::shared_ptr<const net::TlsContext> tls{};  // whom to trust; null: the system's authorities
  bool wanted() const { return !urls.empty() || !file.empty(); }
};

// Errors do not quote URLs.
Result<PushOptions> parse_push_options(const std::vector<std::string>& urls, std::string file,
                                       std::vector<std::string> match);
// One URL a line, at most a MiB; empty lines and those that start with '#' are left out. Errors name the
// line, not the URL.
Result<std::vector<PushUrl>> read_push_file(const std::string& path);

}  // namespace srs::relay
