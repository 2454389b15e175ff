#include "http/transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "http/client_state.h"
#include "net/url.h"

namespace srs::http {
namespace {

constexpr long max_redirects = 5;
// For the heads of all answers to a request: redirects and "100 Continue" have heads as well.
constexpr std::size_t max_head_bytes = 64 * 1024;
constexpr std::size_t max_head_lines = 1024;
// For a body that is discarded, that of an answer to a PUT or of a refusal: a server could send it for ever.
constexpr std::size_t max_discarded_bytes = 1u << 20;
// A transfer that moves fewer bytes a second counts as stalled.
constexpr long stalled_bytes_per_second = 1024;
// libcurl's send buffer: a segment goes out in a few system calls.
constexpr long send_buffer_bytes = 256 * 1024;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

}  // namespace

Transfer::Transfer(std::shared_ptr<Client::State> client, ClientRequest request, ClientHandlers handlers)
    : client_(std::move(client)), request_(std::move(request)), handlers_(std::move(handlers)) {
  set_options();
  curl_multi_add_handle(client_->multi, curl_);
}

// Not called from inside a callback of libcurl: there abandon() makes the callback fail, and finish() calls
// this.
void Transfer::release() {
  if (curl_ == nullptr) return;
  curl_multi_remove_handle(client_->multi, curl_);
  curl_easy_cleanup(curl_);
  curl_ = nullptr;
  curl_slist_free_all(header_list_);
  curl_slist_free_all(connect_list_);
}

void Transfer::set_options() {
  // No "100 Continue": it costs a round trip for each segment.
  if (has_body()) header_list_ = curl_slist_append(nullptr, "Expect:");
  for (const std::string& header : request_.headers)
    header_list_ = curl_slist_append(header_list_, header.c_str());
  // Only for the host of the URL: a redirect is followed to its own host.
  if (const auto url = net::parse_url(request_.url); url && !request_.connect_to.empty())
    connect_list_ =
        curl_slist_append(nullptr, fmt::format("{}:{}", url->authority(), request_.connect_to).c_str());
  curl_easy_setopt(curl_, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(curl_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl_, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl_, CURLOPT_FOLLOWLOCATION, request_.follow_redirects ? 1L : 0L);
  curl_easy_setopt(curl_, CURLOPT_MAXREDIRS, max_redirects);
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  // The end of a transfer does not wait for a look-up of its name, which goes on for tens of seconds when
  // name servers are down: the thread that does it is left behind, and frees what it holds.
  curl_easy_setopt(curl_, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(curl_, CURLOPT_PROXY, "");
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, header_list_);
  curl_easy_setopt(curl_, CURLOPT_CONNECT_TO, connect_list_);
  set_limits();
  set_method();
  curl_easy_setopt(curl_, CURLOPT_USERAGENT, "srs-tools");
  curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, reason_);
  curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl_, CURLOPT_WRITEDATA, this);
  if (const char* authorities = std::getenv("SSL_CERT_FILE"); authorities != nullptr && *authorities != '\0')
    curl_easy_setopt(curl_, CURLOPT_CAINFO, authorities);
}

void Transfer::set_limits() {
  curl_easy_setopt(curl_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_time.count()));
  curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, static_cast<long>(request_.total_time.count()));
  if (request_.stalled_time.count() == 0) return;
  curl_easy_setopt(curl_, CURLOPT_LOW_SPEED_LIMIT, stalled_bytes_per_second);
  curl_easy_setopt(curl_, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request_.stalled_time.count()));
}

// HTTP/1.1: each transfer has a connection of its own, so that none stops the others, paused or not.
void Transfer::set_method() {
  curl_easy_setopt(curl_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  if (request_.method == "GET") return;
  curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  if (!has_body()) return;
  curl_off_t size = 0;
  for (const Slice& piece : request_.body) size += static_cast<curl_off_t>(piece.size());
  curl_easy_setopt(curl_, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl_, CURLOPT_INFILESIZE_LARGE, size);
  curl_easy_setopt(curl_, CURLOPT_UPLOAD_BUFFERSIZE, send_buffer_bytes);
  curl_easy_setopt(curl_, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(curl_, CURLOPT_READDATA, this);
  curl_easy_setopt(curl_, CURLOPT_SEEKFUNCTION, on_seek);
  curl_easy_setopt(curl_, CURLOPT_SEEKDATA, this);
}

std::size_t Transfer::on_read(char* to, std::size_t, std::size_t size, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const auto& body = transfer.request_.body;
  std::size_t filled = 0;
  while (filled < size && transfer.piece_ < body.size()) {
    const Bytes left = body[transfer.piece_].bytes().subspan(transfer.piece_offset_);
    const std::size_t part = std::min(left.size(), size - filled);
    if (part > 0) std::memcpy(to + filled, left.data(), part);
    filled += part;
    transfer.piece_offset_ += part;
    if (part < left.size()) break;
    ++transfer.piece_;
    transfer.piece_offset_ = 0;
  }
  return filled;
}

// Starts over: a kept connection turned out to be closed.
int Transfer::on_seek(void* user, curl_off_t offset, int origin) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  if (origin != SEEK_SET || offset != 0) return CURL_SEEKFUNC_CANTSEEK;
  transfer.piece_ = transfer.piece_offset_ = 0;
  return CURL_SEEKFUNC_OK;
}

std::size_t Transfer::on_header(char* bytes, std::size_t, std::size_t size, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const auto held = transfer.shared_from_this();
  transfer.in_callback_ = true;
  const bool goes_on = transfer.on_header_line(std::string_view(bytes, size));
  transfer.in_callback_ = false;
  return goes_on ? size : 0;
}

bool Transfer::on_header_line(std::string_view line) {
  head_bytes_ += line.size();
  if (head_bytes_ > max_head_bytes || ++head_lines_ > max_head_lines) {
    head_too_large_ = true;
    return false;
  }
  line = trim(line);
  if (line.starts_with("HTTP/")) {
    headers_ = {};
  } else if (const auto colon = line.find(':'); colon != line.npos) {
    headers_.add(std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
  } else if (line.empty()) {
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status_);
    const bool is_redirect =
        request_.follow_redirects && status_ >= 300 && status_ < 400 && headers_.find("Location") != nullptr;
    const auto on_head = handlers_.on_head;  // it may destroy us
    if (status_ >= 200 && !is_redirect && on_head) on_head(static_cast<int>(status_), headers_);
  }
  return !abandoned_;
}

std::size_t Transfer::on_body(char* bytes, std::size_t, std::size_t size, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const auto held = transfer.shared_from_this();
  const bool is_refusal = transfer.status_ < 200 || transfer.status_ >= 300;
  if ((is_refusal && !transfer.request_.reads_refusals) || !transfer.handlers_.on_bytes) {
    transfer.discarded_bytes_ += size;
    return transfer.discarded_bytes_ > max_discarded_bytes ? 0 : size;
  }
  transfer.in_callback_ = true;
  const auto on_bytes = transfer.handlers_.on_bytes;  // it may destroy us
  const bool goes_on = on_bytes(Bytes(reinterpret_cast<const std::uint8_t*>(bytes), size));
  transfer.in_callback_ = false;
  return goes_on && !transfer.abandoned_ ? size : 0;
}

Result<void> Transfer::result_of(CURLcode code) const {
  if (head_too_large_)
    return Error{Errc::too_large, fmt::format("the heads of its answer have more than {} KiB or {} lines",
                                              max_head_bytes / 1024, max_head_lines)};
  const std::string reason = *reason_ ? reason_ : curl_easy_strerror(code);
  const bool cut_short = discarded_bytes_ > max_discarded_bytes;
  if (cut_short && status_ < 300)
    return Error{Errc::too_large, "its answer has a body without end, which nobody asked for"};
  if (code == CURLE_OPERATION_TIMEDOUT) return Error{Errc::timed_out, reason};
  if (code != CURLE_OK && !cut_short) return Error{Errc::closed, reason};
  if (status_ == 404) return Error{Errc::not_found, "status 404"};
  if (status_ >= 300) return Error{Errc::refused, fmt::format("status {}", status_)};
  return {};
}

void Transfer::finish(CURLcode code) {
  const auto held = shared_from_this();
  release();
  if (abandoned_) return self.reset();
  if (const auto on_done = std::move(handlers_.on_done)) on_done(result_of(code));
}

void Transfer::pause() {
  if (curl_ == nullptr || paused_) return;
  paused_ = true;
  curl_easy_pause(curl_, CURLPAUSE_RECV);
}

// Posted, so that on_bytes is not called from within resume() with what libcurl has buffered.
void Transfer::resume() {
  if (curl_ == nullptr || !paused_) return;
  paused_ = false;
  asio::post(client_->io, [held = weak_from_this()] {
    const auto transfer = held.lock();
    if (!transfer || transfer->curl_ == nullptr || transfer->paused_) return;
    const CURLcode code = curl_easy_pause(transfer->curl_, CURLPAUSE_CONT);
    if (code != CURLE_OK) transfer->finish(code);
  });
}

}  // namespace srs::http
