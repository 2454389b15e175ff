#include "http/client.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>

#include "net/url.h"

namespace srs::http {
namespace {

constexpr long max_redirects = 5;
// Heads of all answers to a request: redirects and "100 Continue" have one as well.
constexpr std::size_t max_head_bytes = 64 * 1024;
constexpr std::size_t max_head_lines = 1024;
// Of a body that nobody reads, of an answer to a PUT or of an error: a server could go on with it for ever.
constexpr std::size_t max_unread_bytes = 1u << 20;
// Connections that are kept although nothing is under way on them.
constexpr long idle_connections_max = 64;
// What a transfer has to move each second so that it does not count as stalled.
constexpr long stalled_bytes_per_second = 1024;
// libcurl's buffer of what goes out: a segment in a few system calls.
constexpr long send_buffer_bytes = 256 * 1024;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

}  // namespace

// What libcurl watches for one of its sockets. A duplicate of the descriptor is watched, since libcurl closes
// its own whenever it likes.
struct Watch {
  explicit Watch(asio::io_context& io, int fd) : descriptor(io, fd) {}

  asio::posix::stream_descriptor descriptor;
  int wanted = 0;  // CURL_POLL_*
  bool reads = false;
  bool writes = false;
};

struct Client::State : std::enable_shared_from_this<Client::State> {
  explicit State(asio::io_context& context) : io(context), timer(context) {}
  ~State() { curl_multi_cleanup(multi); }

  void start();
  void act(curl_socket_t socket, int events);
  void finish_done();
  void wait_for(curl_socket_t socket, const std::shared_ptr<Watch>& watch);
  void on_ready(curl_socket_t socket, const std::shared_ptr<Watch>& watch, int event);
  static int on_socket(CURL*, curl_socket_t socket, int what, void* user, void*);
  static int on_timer(CURLM*, long milliseconds, void* user);

  asio::io_context& io;
  asio::steady_timer timer;
  CURLM* multi = curl_multi_init();
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches;
};

class Transfer : public std::enable_shared_from_this<Transfer> {
 public:
  Transfer(std::shared_ptr<Client::State> client, ClientRequest request, ClientHandlers handlers)
      : client_(std::move(client)), request_(std::move(request)), handlers_(std::move(handlers)) {
    set_options();
    curl_multi_add_handle(client_->multi, curl_);
  }
  ~Transfer() { release(); }

  // Its owner is done with it.
  void abandon() {
    abandoned_ = true;
    if (!in_callback_) return release();
    self = shared_from_this();  // until libcurl has seen that its callback failed
  }
  void finish(CURLcode code);
  void pause();
  void resume();

  std::shared_ptr<Transfer> self;  // until it is destroyed by its owner

 private:
  void release();
  void set_options();
  void set_method();
  void set_limits();
  static std::size_t on_read(char* to, std::size_t, std::size_t size, void* user);
  static int on_seek(void* user, curl_off_t offset, int origin);
  static std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* user);
  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* user);
  bool take_header(std::string_view line);
  Result<void> judge(CURLcode code) const;

  std::shared_ptr<Client::State> client_;
  ClientRequest request_;
  ClientHandlers handlers_;
  CURL* curl_ = curl_easy_init();
  curl_slist* header_list_ = nullptr;
  curl_slist* connect_list_ = nullptr;
  Headers headers_;
  std::size_t piece_ = 0;     // of the body: what is read next
  std::size_t in_piece_ = 0;  // its bytes that were read
  char reason_[CURL_ERROR_SIZE] = {};
  long status_ = 0;
  std::size_t head_bytes_ = 0;
  std::size_t head_lines_ = 0;
  bool head_too_large_ = false;
  std::size_t unread_bytes_ = 0;
  bool paused_ = false;
  bool abandoned_ = false;
  bool in_callback_ = false;
};

void TransferDeleter::operator()(Transfer* transfer) const {
  const auto held = std::move(transfer->self);
  transfer->abandon();
}

// Not from inside a callback of libcurl: there abandon() makes the callback fail, and finish() comes here.
void Transfer::release() {
  if (curl_ == nullptr) return;
  curl_multi_remove_handle(client_->multi, curl_);
  curl_easy_cleanup(curl_);
  curl_ = nullptr;
  curl_slist_free_all(header_list_);
  curl_slist_free_all(connect_list_);
}

void Transfer::set_options() {
  // A "100 Continue" costs a round trip for each segment.
  if (request_.method == "PUT") header_list_ = curl_slist_append(nullptr, "Expect:");
  for (const std::string& header : request_.headers)
    header_list_ = curl_slist_append(header_list_, header.c_str());
  // Only for the host of the URL: a redirect leads to where it says.
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

// HTTP/1.1: a connection for each transfer under way, so that none stops the others, paused or not.
void Transfer::set_method() {
  curl_easy_setopt(curl_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  if (request_.method == "GET") return;
  curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  if (request_.method != "PUT") return;
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
    const Bytes left = body[transfer.piece_].bytes().subspan(transfer.in_piece_);
    const std::size_t part = std::min(left.size(), size - filled);
    if (part > 0) std::memcpy(to + filled, left.data(), part);
    filled += part;
    transfer.in_piece_ += part;
    if (part < left.size()) break;
    ++transfer.piece_;
    transfer.in_piece_ = 0;
  }
  return filled;
}

// From the start again: a kept connection turned out to be closed.
int Transfer::on_seek(void* user, curl_off_t offset, int origin) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  if (origin != SEEK_SET || offset != 0) return CURL_SEEKFUNC_CANTSEEK;
  transfer.piece_ = transfer.in_piece_ = 0;
  return CURL_SEEKFUNC_OK;
}

std::size_t Transfer::on_header(char* bytes, std::size_t, std::size_t size, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const auto held = transfer.shared_from_this();
  transfer.in_callback_ = true;
  const bool goes_on = transfer.take_header(std::string_view(bytes, size));
  transfer.in_callback_ = false;
  return goes_on ? size : 0;
}

bool Transfer::take_header(std::string_view line) {
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
  if (transfer.status_ < 200 || transfer.status_ >= 300 || !transfer.handlers_.on_bytes) {
    transfer.unread_bytes_ += size;
    return transfer.unread_bytes_ > max_unread_bytes ? 0 : size;
  }
  transfer.in_callback_ = true;
  const auto on_bytes = transfer.handlers_.on_bytes;  // it may destroy us
  const bool goes_on = on_bytes(Bytes(reinterpret_cast<const std::uint8_t*>(bytes), size));
  transfer.in_callback_ = false;
  return goes_on && !transfer.abandoned_ ? size : 0;
}

Result<void> Transfer::judge(CURLcode code) const {
  if (head_too_large_)
    return Error{Errc::too_large, fmt::format("the heads of its answer have more than {} KiB or {} lines",
                                              max_head_bytes / 1024, max_head_lines)};
  const std::string reason = *reason_ ? reason_ : curl_easy_strerror(code);
  const bool cut_short = unread_bytes_ > max_unread_bytes;
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
  if (const auto on_done = std::move(handlers_.on_done)) on_done(judge(code));
}

void Transfer::pause() {
  if (curl_ == nullptr || paused_) return;
  paused_ = true;
  curl_easy_pause(curl_, CURLPAUSE_RECV);
}

// What libcurl holds for us comes in a turn of its own: whoever resumes need not expect a call of on_bytes.
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

void Client::State::start() {
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, idle_connections_max);
}

int Client::State::on_timer(CURLM*, long milliseconds, void* user) {
  State& state = *static_cast<State*>(user);
  if (milliseconds < 0) return state.timer.cancel(), 0;
  state.timer.expires_after(std::chrono::milliseconds(milliseconds));
  state.timer.async_wait([held = state.weak_from_this()](const asio::error_code& cancelled) {
    const auto waiting = held.lock();
    if (!cancelled && waiting) waiting->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

int Client::State::on_socket(CURL*, curl_socket_t socket, int what, void* user, void*) {
  State& state = *static_cast<State*>(user);
  if (what == CURL_POLL_REMOVE) {
    state.watches.erase(socket);
    return 0;
  }
  std::shared_ptr<Watch>& watch = state.watches[socket];
  if (!watch) {
    const int duplicate = ::dup(socket);
    if (duplicate < 0) return state.watches.erase(socket), -1;
    watch = std::make_shared<Watch>(state.io, duplicate);
  }
  watch->wanted = what;
  state.wait_for(socket, watch);
  return 0;
}

void Client::State::wait_for(curl_socket_t socket, const std::shared_ptr<Watch>& watch) {
  const auto wait = [&](bool wanted, bool& waits, asio::posix::descriptor_base::wait_type type, int event) {
    if (!wanted || waits) return;
    waits = true;
    watch->descriptor.async_wait(type, [held = weak_from_this(), socket, weak = std::weak_ptr(watch), &waits,
                                        event](const asio::error_code& error) {
      const auto state = held.lock();
      const auto watched = weak.lock();
      if (!watched) return;
      waits = false;
      if (!error && state) state->on_ready(socket, watched, event);
    });
  };
  wait((watch->wanted & CURL_POLL_IN) != 0, watch->reads, asio::posix::descriptor_base::wait_read,
       CURL_CSELECT_IN);
  wait((watch->wanted & CURL_POLL_OUT) != 0, watch->writes, asio::posix::descriptor_base::wait_write,
       CURL_CSELECT_OUT);
}

void Client::State::on_ready(curl_socket_t socket, const std::shared_ptr<Watch>& watch, int event) {
  const auto is_watched = [&] {
    const auto found = watches.find(socket);
    return found != watches.end() && found->second == watch;
  };
  if (!is_watched()) return;
  act(socket, event);
  if (is_watched()) wait_for(socket, watch);
}

void Client::State::act(curl_socket_t socket, int events) {
  const auto held = shared_from_this();
  int running = 0;
  curl_multi_socket_action(multi, socket, events, &running);
  finish_done();
}

void Client::State::finish_done() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Transfer* transfer = nullptr;
    const CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->finish(code);
  }
}

Client::Client(asio::io_context& io) : state_(std::make_shared<State>(io)) {
  state_->start();
}

Client::~Client() {
  state_->timer.cancel();
}

void Client::pause(Transfer& transfer) {
  transfer.pause();
}

void Client::resume(Transfer& transfer) {
  transfer.resume();
}

TransferPtr Client::send(ClientRequest request, ClientHandlers handlers) {
  auto transfer = std::make_shared<Transfer>(state_, std::move(request), std::move(handlers));
  transfer->self = transfer;
  return TransferPtr(transfer.get());
}

}  // namespace srs::http
