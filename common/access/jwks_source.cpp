#include "access/jwks_source.h"

#include <fmt/format.h>

#include <asio/post.hpp>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <utility>

#include "core/read_up_to.h"
#include "http/client.h"
#include "net/timer.h"
#include "net/url.h"
#include "net/url_display.h"

namespace srs::access {
namespace {

// Who is on the way could put other keys in place of these.
bool is_open_to_others(const std::string& from) {
  const auto url = net::parse_url(from);
  return url && url->scheme == "http" && !net::is_loopback(url->host);
}

}  // namespace

bool JwksSource::is_url(std::string_view from) {
  return from.starts_with("http://") || from.starts_with("https://");
}

Result<JwkSet> read_keys(const std::string& file) {
  const auto read = read_up_to(file, JwkSet::max_bytes);
  if (!read) return system_error("cannot open " + file, errno);
  const std::string& text = *read;
  if (text.empty()) return Error{Errc::invalid_data, file + ": it is empty, or cannot be read"};
  const auto first = text.find_first_not_of(" \t\r\n");
  const bool is_json = first != text.npos && text[first] == '{';
  auto keys = is_json ? parse_jwks(text, Secrets::taken) : keys_of_pem(text, "");
  if (!keys) return std::move(keys).error().in(file);
  return keys;
}

struct JwksSource::State : std::enable_shared_from_this<State> {
  State(asio::io_context& context, JwksOptions all, Report to, const Clock& time)
      : io(context),
        options(std::move(all)),
        report(std::move(to)),
        clock(time),
        shown(JwksSource::is_url(options.from) ? net::display_url(options.from) : options.from),
        client(context, options.trust),
        timer(context, time) {}

  void begin();
  void fetch();
  void on_fetched(Result<void> fetched);
  void on_keys(Result<JwkSet> read);
  void on_failure(const std::string& why);
  void wait(std::chrono::milliseconds time);
  void fetch_unless_recent();

  asio::io_context& io;
  const JwksOptions options;
  const Report report;
  const Clock& clock;
  const std::string shown;  // for people
  http::Client client;
  net::Timer timer;
  http::TransferPtr transfer;
  bool fetching = false;
  bool too_large = false;
  std::string body;
  std::optional<Clock::TimePoint> begun;  // the newest fetch
  std::vector<std::string> left_out;
  std::atomic<bool> wished{false};

  mutable std::mutex mutex;
  std::shared_ptr<const JwkSet> keys = std::make_shared<const JwkSet>();
  std::string error;
};

void JwksSource::State::begin() {
  if (JwksSource::is_url(options.from)) return fetch();
  on_keys(read_keys(options.from));
}

void JwksSource::State::fetch() {
  if (fetching) return;
  fetching = true;
  too_large = false;
  body.clear();
  begun = clock.steady();
  http::ClientHandlers handlers;
  handlers.on_bytes = [this](Bytes bytes) {
    too_large = bytes.size() > JwkSet::max_bytes - body.size();
    if (!too_large) body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return !too_large;
  };
  handlers.on_done = [this](Result<void> result) { on_fetched(std::move(result)); };
  http::ClientRequest request;
  request.url = options.from;
  request.headers = {"Accept: application/jwk-set+json, application/json"};
  request.connect_time = request.total_time = options.total_time;
  request.follow_redirects = false;
  transfer = client.get(std::move(request), std::move(handlers));
}

void JwksSource::State::on_fetched(Result<void> fetched) {
  fetching = false;
  if (too_large)
    on_keys(Error{Errc::too_large, "more than 256 KiB"});
  else if (!fetched)
    on_keys(std::move(fetched).error());
  else
    on_keys(parse_jwks(body, Secrets::refused));
  body = {};
  const bool failed = [&] {
    const std::lock_guard lock(mutex);
    return !error.empty();
  }();
  wait(failed ? std::min(options.pause, options.refresh) : options.refresh);
}

void JwksSource::State::on_keys(Result<JwkSet> read) {
  if (!read) return on_failure(read.error().message);
  std::vector<std::string> now_left_out = read->left_out;
  const auto fresh = std::make_shared<const JwkSet>(*std::move(read));
  bool was_wrong = false;
  {
    const std::lock_guard lock(mutex);
    keys = fresh;
    was_wrong = !std::exchange(error, {}).empty();
  }
  if (was_wrong) report(fmt::format("keys of tokens from {}: there again", shown));
  if (now_left_out != left_out)
    for (const std::string& one : now_left_out)
      report(fmt::format("keys of tokens from {}: left out: {}", shown, one));
  left_out = std::move(now_left_out);
}

void JwksSource::State::on_failure(const std::string& why) {
  bool none = false;
  {
    const std::lock_guard lock(mutex);
    none = keys->keys.empty();
    if (std::exchange(error, why) == why) return;
  }
  report(fmt::format("keys of tokens from {}: {}; {}", shown, why,
                     none ? "there are none yet, so no token is good" : "those of before stay"));
}

void JwksSource::State::wait(std::chrono::milliseconds time) {
  timer.expires_after(time);
  timer.async_wait([held = weak_from_this()](const asio::error_code& cancelled) {
    const auto state = held.lock();
    if (!cancelled && state) state->fetch();
  });
}

void JwksSource::State::fetch_unless_recent() {
  wished = false;
  if (!begun || clock.steady() - *begun >= options.pause) fetch();
}

JwksSource::JwksSource(asio::io_context& io, JwksOptions options, Report report, const Clock& clock)
    : state_(std::make_shared<State>(io, std::move(options), std::move(report), clock)) {}

JwksSource::~JwksSource() {
  state_->transfer.reset();
  state_->timer.cancel();
}

void JwksSource::start() {
  if (is_open_to_others(state_->options.from))
    state_->report(
        fmt::format("keys of tokens from {}: not over https://, so that who is on the way could replace them",
                    state_->shown));
  state_->begin();
}

void JwksSource::reload() {
  state_->begin();
}

std::shared_ptr<const JwkSet> JwksSource::keys() const {
  const std::lock_guard lock(state_->mutex);
  return state_->keys;
}

std::string JwksSource::health_error() const {
  const std::lock_guard lock(state_->mutex);
  return state_->error;
}

void JwksSource::key_unknown() {
  if (!JwksSource::is_url(state_->options.from) || state_->wished.exchange(true)) return;
  asio::post(state_->io, [held = std::weak_ptr(state_)] {
    if (const auto state = held.lock()) state->fetch_unless_recent();
  });
}

}  // namespace srs::access
