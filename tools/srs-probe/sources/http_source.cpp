#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "http/trust.h"
#include "srs-probe/sources/sources.h"

namespace srs::probe {
namespace {

class HttpSource {
 public:
  HttpSource(Session& session, const std::string& url, const std::string& stream)
      : session_(session),
        reader_(session.flv(), session.options().stream, stream),
        multi_(curl_multi_init()),
        easy_(curl_easy_init()) {
    curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy_, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy_, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(easy_, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_, CURLOPT_USERAGENT, "srs-probe");
    curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, complaint_);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
    http::set_trust(easy_, session.options().trust.get());
    curl_easy_setopt(
        easy_, CURLOPT_WRITEFUNCTION, +[](char* data, std::size_t, std::size_t size, void* self) {
          return static_cast<HttpSource*>(self)->on_bytes({reinterpret_cast<std::uint8_t*>(data), size})
                     ? size
                     : 0;
        });
    curl_multi_add_handle(multi_, easy_);
  }
  HttpSource(const HttpSource&) = delete;
  ~HttpSource() {
    curl_multi_remove_handle(multi_, easy_);
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }

  Result<void> run() {
    int running = 1;
    while (session_.tick()) {
      curl_multi_perform(multi_, &running);
      if (!failure_.ok()) break;
      if (running == 0) return finish();
      curl_multi_poll(multi_, nullptr, 0, tick_ms, nullptr);
    }
    return std::move(failure_);
  }

 private:
  bool on_bytes(std::span<const std::uint8_t> bytes) {
    session_.on_bytes(bytes.size());
    while (!bytes.empty()) {
      const auto room = reader_.prepare();
      const std::size_t size = std::min(room.size(), bytes.size());
      std::memcpy(room.data(), bytes.data(), size);
      failure_ = reader_.commit(size);
      if (!failure_.ok()) return false;
      bytes = bytes.subspan(size);
    }
    return true;
  }

  Result<void> finish() {
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi_, &left);
    const CURLcode code = message != nullptr ? message->data.result : CURLE_OK;
    if (code == CURLE_HTTP_RETURNED_ERROR) {
      long status = 0;
      curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
      return Error{Errc::refused, status == 404 ? "there is no such stream (HTTP 404)"
                                                : fmt::format("the server answers HTTP {}", status)};
    }
    auto ended = reader_.finish();
    if (code != CURLE_OK)
      return Error{Errc::closed, complaint_[0] != 0 ? complaint_ : curl_easy_strerror(code)};
    return ended;
  }

  Session& session_;
  pipe::PipeReader reader_;
  CURLM* multi_;
  CURL* easy_;
  Result<void> failure_;
  char complaint_[CURL_ERROR_SIZE] = {};
};

}  // namespace

Result<void> read_http_flv(Session& session, const std::string& url, const std::string& stream) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  return HttpSource(session, url, stream).run();
}

}  // namespace srs::probe
