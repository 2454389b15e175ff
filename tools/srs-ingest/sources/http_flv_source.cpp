#include "srs-ingest/sources/http_flv_source.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "http/trust.h"
#include "net/url_display.h"
#include "srs-ingest/sources/single_stream.h"

namespace srs::ingest {
namespace {

constexpr long connect_seconds = 10;
constexpr long silent_seconds = 10;

// The state of one transfer, for libcurl's callbacks.
struct Transfer {
  SingleStream stream;
  std::stop_token stop;
  Result<void> result;
};

std::size_t on_data(char* bytes, std::size_t, std::size_t size, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  for (std::size_t taken = 0; taken < size;) {
    const auto room = transfer.stream.prepare();
    const std::size_t part = std::min(room.size(), size - taken);
    std::memcpy(room.data(), bytes + taken, part);
    taken += part;
    transfer.result = transfer.stream.commit(part);
    if (!transfer.result) return 0;
  }
  return transfer.stop.stop_requested() ? 0 : size;
}

int stop_asked(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->stop.stop_requested() ? 1 : 0;
}

class HttpFlvSource : public Source {
 public:
  HttpFlvSource(std::string url, std::shared_ptr<const net::TlsContext> trust)
      : url_(std::move(url)), trust_(std::move(trust)) {}

  std::string display() const override { return "http " + net::display_url(url_); }
  bool is_live() const override { return true; }

  Result<void> run(MediaSink& sink, std::stop_token stop) override {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
    if (!curl) return Error{Errc::io, "libcurl cannot start"};
    Transfer transfer{SingleStream(sink), stop, {}};
    char reason[CURL_ERROR_SIZE] = {};
    set_options(curl.get(), transfer, reason);
    const CURLcode code = curl_easy_perform(curl.get());
    if (stop.stop_requested()) return {};
    if (!transfer.result) return std::move(transfer.result).error().in(display());
    if (code == CURLE_HTTP_RETURNED_ERROR) {
      long status = 0;
      curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
      const std::string what = status == 404 ? "there is no such stream (HTTP 404)"
                                             : fmt::format("the server answers HTTP {}", status);
      return Error{Errc::refused, fmt::format("{}: {}", display(), what)};
    }
    if (code != CURLE_OK)
      return Error{Errc::closed,
                   fmt::format("{}: {}", display(),
                               net::display_urls_in(*reason ? reason : curl_easy_strerror(code)))};
    if (auto finished = transfer.stream.finish(); !finished) return std::move(finished).error().in(display());
    return {};
  }

 private:
  void set_options(CURL* curl, Transfer& transfer, char* reason) const {
    curl_easy_setopt(curl, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, silent_seconds);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L * 1024);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "srs-ingest");
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_asked);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
    http::set_trust(curl, trust_.get());
  }

  std::string url_;
  const std::shared_ptr<const net::TlsContext> trust_;
};

}  // namespace

std::unique_ptr<Source> open_http_flv_source(std::string url, std::shared_ptr<const net::TlsContext> trust) {
  return std::make_unique<HttpFlvSource>(std::move(url), std::move(trust));
}

}  // namespace srs::ingest
