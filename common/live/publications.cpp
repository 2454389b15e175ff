#include "live/publications.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <atomic>
#include <utility>

#include "cli/quantities.h"
#include "live/publications_entry.h"
#include "media/via.h"
#include "net/url.h"

namespace srs::live {
namespace {

constexpr std::chrono::milliseconds first_room_poll{2}, last_room_poll{16};

// Of a publisher: operators name it by this, whichever thread serves it.
std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

// A node of ours sends an absolute timeline.
Publication::Options options_for(const PublishRequest& request) {
  Publication::Options options;
  if (!request.via.empty()) {
    options.join = Publication::Join::splice;
    options.source_clock = Publication::SourceClock::used;  // that node's notes are nearer to the source
  }
  return options;
}

}  // namespace

Publications::Publications(asio::io_context& io, StreamSink& sink, Options options, const cli::Log& log,
                           const Clock& clock)
    : io_(io),
      sink_(sink),
      options_(std::move(options)),
      log_(log),
      clock_(clock),
      quota_(options_.quota ? options_.quota : std::make_shared<StreamQuota>(options_.limits)),
      room_(io, clock),
      room_poll_(io, clock) {}

// Many lines of one cause are merged into one.
template <class... Args>
void Publications::report(const char* cause, fmt::format_string<Args...> text, Args&&... args) const {
  log_.info_by({cause, {}, cli::log_burst}, text, std::forward<Args>(args)...);
}

Result<void> Publications::may_publish(const PublishRequest& request) const {
  if (stopping_) return Error{Errc::refused, "shutting down"};
  if (!options_.only_path.empty() && request.path != options_.only_path)
    return Error{Errc::refused, "this stream is not accepted here"};  // the accepted name may be a secret
  if (media::came_through(request.via, options_.node))
    return Error{Errc::refused, "loop: this stream was here before"};
  if (std::max(request.via.size(), request.timeline.size()) > media::max_via_size)
    return Error{Errc::refused, "the stream came through too many relays"};
  return {};
}

Result<std::unique_ptr<Publications::Feed>> Publications::enter(const PublishRequest& request,
                                                                const std::shared_ptr<Publisher>& publisher) {
  if (auto may = may_publish(request); !may) return std::move(may).error();
  const bool comes_back = streams_.contains(request.path);
  auto found = find_or_begin(request);
  if (!found) return std::move(found).error();
  Entry& entry = **found;
  entry.publication.begin_source(
      {request.path, request.protocol + " " + request.address, request.via, request.timeline});
  entry.publisher = request;
  entry.session = publisher;
  entry.number = next_number();
  entry.published_at = clock_.steady();
  entry.received_before = entry.publication.received_bytes();
  entry.reported_left_out = false;
  report("publisher comes", "{}: published by {}{}{}", request.path, request.address,
         comes_back ? ", goes on" : "", request.software.empty() ? "" : " (" + request.software + ")");
  return std::make_unique<Feed>(*this, *found);
}

// A new stream, or the existing one of this path, without its former publisher.
Result<Publications::EntryPtr> Publications::find_or_begin(const PublishRequest& request) {
  const auto found = streams_.find(request.path);
  if (found == streams_.end()) return begin(request);
  const EntryPtr entry = found->second;
  const bool is_silent = entry->session && may_be_replaced(*entry, request);
  if (entry->session && !is_silent && options_.takeover == Takeover::reject)
    return Error{Errc::refused, fmt::format("{} is being published by another encoder", request.path)};
  if (auto counted = count_for(*entry, request); !counted) return std::move(counted).error();
  if (entry->session)
    replace(*entry, is_silent ? "it was silent and another came" : "another publisher takes its place");
  entry->grace_timer.cancel();
  entry->publication.resume_after_loss("publisher came back");
  return entry;
}

Result<Publications::EntryPtr> Publications::begin(const PublishRequest& request) {
  const std::string address(net::without_port(request.address));
  if (auto counted = quota_->add(address, clock_.steady()); !counted) return std::move(counted).error();
  media::StreamInfo info{request.path, request.protocol + " " + request.address, request.via,
                         request.timeline};
  auto entry = std::make_shared<Entry>(io_, sink_, std::move(info), options_for(request), clock_);
  entry->address = address;
  if (!entry->publication.begin()) {
    quota_->remove(address);
    return Error{Errc::refused, fmt::format("{} comes from another input", request.path)};
  }
  streams_[request.path] = entry;
  return entry;
}

// A stream counts for the address of its newest publisher.
Result<void> Publications::count_for(Entry& entry, const PublishRequest& request) {
  std::string address(net::without_port(request.address));
  if (address != entry.address) {
    if (auto counted = quota_->add(address, clock_.steady()); !counted) return counted;
  }
  if (std::exchange(entry.waits_brief, false)) quota_->remove_brief(entry.address);
  if (address == entry.address) return {};
  quota_->remove(entry.address);
  entry.address = std::move(address);
  return {};
}

bool Publications::may_be_replaced(const Entry& entry, const PublishRequest& request) const {
  const bool same = !request.timeline.empty() && request.timeline == entry.publisher.timeline;
  return clock_.steady() - entry.publication.last_message_at() > (same ? relay_silence_limit : silence_limit);
}

void Publications::replace(Entry& entry, const std::string& why) {
  const auto session = std::exchange(entry.session, nullptr);
  entry.number = 0;
  report("publisher is cut off", "{}: publisher {} is cut off: {}", entry.publication.path(),
         entry.publisher.address, why);
  session->cut_off(Publisher::CutOff::replaced, why);
}

// The stream waits for its publisher, unless it never had media.
void Publications::leave(const EntryPtr& entry, const std::string& why) {
  entry->session = nullptr;
  entry->number = 0;
  const std::string& path = entry->publication.path();
  const bool is_brief = clock_.steady() - entry->begun_at < brief_time;
  const bool waits = !stopping_ && options_.grace.count() > 0 && entry->publication.has_media() &&
                     (!is_brief || quota_->add_brief(entry->address));
  if (!waits) {
    report("publisher goes", "{}: publisher {} is gone: {}", path, entry->publisher.address, why);
    return end(entry);
  }
  entry->waits_brief = is_brief;
  report("publisher goes", "{}: publisher {} is gone: {}; waiting {} for it to come back", path,
         entry->publisher.address, why, cli::format_duration(options_.grace));
  entry->grace_timer.expires_after(options_.grace);
  entry->grace_timer.async_wait([this, entry](const asio::error_code& error) {
    if (!error && !entry->session && !stopping_) end(entry);
  });
}

// Another input has the path, and had it first.
void Publications::give_way(const EntryPtr& entry) {
  replace(*entry, "the stream comes from another input");
  end(entry);
}

void Publications::end(const EntryPtr& entry) {
  const auto found = streams_.find(entry->publication.path());
  if (found == streams_.end() || found->second != entry) return;
  streams_.erase(found);
  if (std::exchange(entry->waits_brief, false)) quota_->remove_brief(entry->address);
  quota_->remove(entry->address);
  entry->number = 0;
  report("stream ends", "{}: ended", entry->publication.path());
  entry->publication.end(media::EndReason::ended);
}

// One waiter polls, at growing intervals, and wakes the others: the polling rate does not depend on their
// number.
asio::awaitable<void> Publications::wait_for_room() {
  asio::error_code ignored;
  while (full()) {
    if (polls_room_) {
      co_await room_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      continue;
    }
    polls_room_ = true;
    for (auto pause = first_room_poll; full(); pause = std::min(2 * pause, last_room_poll)) {
      room_poll_.expires_after(pause);
      co_await room_poll_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    polls_room_ = false;
    room_.cancel();
  }
}

void Publications::drain() {
  draining_ = true;
  options_.grace = std::chrono::milliseconds(0);
  const auto streams = streams_;
  for (const auto& [path, entry] : streams) {
    if (entry->session) {
      entry->session->ask_to_reconnect();
    } else {
      entry->grace_timer.cancel();
      end(entry);
    }
  }
}

void Publications::stop() {
  if (std::exchange(stopping_, true)) return;
  room_poll_.cancel();
  room_.cancel();
  const auto streams = streams_;
  for (const auto& [path, entry] : streams) {
    entry->grace_timer.cancel();
    entry->session = nullptr;
    end(entry);
  }
}

std::vector<Publications::Client> Publications::clients() const {
  std::vector<Client> clients;
  for (const auto& [path, entry] : streams_) {
    if (!entry->session) continue;
    const PublishRequest& publisher = entry->publisher;
    clients.push_back({entry->number, publisher.protocol, path, publisher.address, publisher.software,
                       entry->published_at, entry->publication.received_bytes() - entry->received_before});
  }
  return clients;
}

bool Publications::cut_off(std::uint64_t number, const std::string& why) {
  for (const auto& [path, entry] : streams_) {
    if (!entry->session || entry->number != number) continue;
    log_.info("{}: publisher {} is cut off: {}", path, entry->publisher.address, why);
    entry->session->cut_off(Publisher::CutOff::by_operator, why);
    return true;
  }
  return false;
}

Publications::Feed::Feed(Publications& owner, EntryPtr entry)
    : owner_(owner), entry_(std::move(entry)), number_(entry_->number) {}

Publications::Feed::~Feed() {
  leave("its session ended");
}

bool Publications::Feed::is_current() const {
  return entry_->number == number_;
}

void Publications::Feed::push(flv::TagType type, std::int64_t timestamp_ms, Slice payload) {
  if (!is_current()) return;
  media::Message message = media::make_message(type, timestamp_ms, std::move(payload));
  if (const auto note = entry_->notes.add(message))
    owner_.report("tracks", "{}: {}", entry_->publication.path(), *note);
  const Publication::Pushed pushed = entry_->publication.push(std::move(message));
  if (!pushed.accepted) return owner_.give_way(entry_);
  if (pushed.left_out) report_left_out();
}

void Publications::Feed::report_left_out() {
  if (!is_current() || std::exchange(entry_->reported_left_out, true)) return;
  owner_.log_.warning_by({"large data", entry_->address},
                         "{}: {} sends metadata or data that is too large or too much: it is left out",
                         entry_->publication.path(), entry_->address);
}

void Publications::Feed::leave(const std::string& why) {
  if (is_current()) owner_.leave(entry_, why);
}

}  // namespace srs::live
