#include "srs-hls/delivery/delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <charconv>

#include "access/credentials.h"
#include "http/stored.h"
#include "net/url.h"
#include "srs-hls/delivery/carry_query.h"
#include "srs-hls/delivery/gzip.h"
#include "srs-hls/delivery/time_shift.h"

namespace srs::hls {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::string_view playlist_type = "application/vnd.apple.mpegurl";
// A request may be this many target durations early (rfc8216bis 6.2.5.2).
constexpr int patience_target_durations = 3;
// For requests of a live stream that has no segment yet.
constexpr seconds first_segment_patience{15};
constexpr std::size_t texts_max = 20'000, texts_bytes_max = 64u << 20;
constexpr std::size_t shifted_max = 64, shifted_bytes_max = 8u << 20;
constexpr std::size_t compressed_a_second_max = 4u << 20;
constexpr std::size_t playlist_bytes_max = 16u << 20;

std::optional<std::uint64_t> number(const std::string& text) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return {};
  return value;
}

http::Response not_there(const http::Request& request, std::string_view why) {
  return http::error_response(404, fmt::format("{}: {}", request.path, why));
}

http::Response query_too_long() {
  return http::error_response(414, "the query is too long for a playlist of this length");
}

// Whether the list has what a blocking request asked for. A part past the end of its segment means the first
// part of the next.
bool has(const Playlist& list, std::uint64_t sequence, std::optional<std::uint64_t> part) {
  const std::uint64_t next = list.next_sequence();
  if (list.ended || sequence + 1 < next) return true;
  const std::size_t open_parts = list.open ? list.open->parts.size() : 0;
  if (!part || list.segments.empty())
    return sequence < next || (part && sequence == next && *part < open_parts);
  if (sequence + 1 == next) return *part < list.segments.back().parts.size() || open_parts > 0;
  return sequence == next && *part < open_parts;
}

}  // namespace

// Wakes the requests that wait for a change of a rendition.
struct Delivery::Wakeup : Watcher {
  explicit Wakeup(asio::io_context& io) : timer(io, std::chrono::steady_clock::time_point::max()) {}
  void changed() override { timer.cancel(); }
  asio::steady_timer timer;
  std::size_t waiting = 0;
};

// A waiting request, counted as long as it lives.
class Delivery::Waiter {
 public:
  Waiter(std::shared_ptr<Wakeup> wakeup, std::shared_ptr<std::size_t> all)
      : wakeup_(std::move(wakeup)), all_(std::move(all)) {
    ++wakeup_->waiting;
    ++*all_;
  }
  ~Waiter() {
    --wakeup_->waiting;
    --*all_;
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  asio::steady_timer& timer() { return wakeup_->timer; }

 private:
  const std::shared_ptr<Wakeup> wakeup_;
  const std::shared_ptr<std::size_t> all_;
};

bool Delivery::may_wait(const Wakeup& wakeup) const {
  return wakeup.waiting < waiters_per_rendition_max && *waiting_ < waiters_max;
}

namespace {

http::Response too_many_waiters() {
  http::Response response = http::error_response(503, "too many wait already");
  response.headers.add("Retry-After", "1");
  return response;
}

asio::awaitable<http::Answer> at_once(http::Answer answer) {
  co_return answer;
}

}  // namespace

Delivery::Delivery(asio::io_context& io, gate::Gate& gate, const Streams& streams,
                   const http::StaticFiles* files, const Clock& clock)
    : io_(io),
      gate_(gate),
      streams_(streams),
      files_(files),
      clock_(clock),
      run_(fmt::format("{:x}", clock.utc().time_since_epoch().count())),
      texts_(texts_max, texts_bytes_max),
      shifted_(shifted_max, shifted_bytes_max) {}

std::shared_ptr<Delivery::Wakeup> Delivery::wakeup_of(Rendition& rendition) {
  if (!rendition.watcher()) rendition.watch(std::make_shared<Wakeup>(io_));
  return std::static_pointer_cast<Wakeup>(rendition.watcher());
}

void Delivery::tick() {
  compressed_bytes_ = 0;
  viewers_.forget(clock_.steady());
  streams_.each_rendition([](Rendition& rendition) {
    if (rendition.watcher()) rendition.watcher()->changed();
  });
}

// Not a coroutine: each of thousands of waiting requests would have one more frame.
asio::awaitable<http::Answer> Delivery::answer(http::Request request) {
  if (!http::servable(request.path)) return at_once(not_there(request, "no such file"));
  return gate_.has_rules() ? answer_if_admitted(std::move(request)) : answer_admitted(std::move(request));
}

asio::awaitable<http::Answer> Delivery::answer_admitted(http::Request request) {
  const std::string path = request.path.substr(1);
  const auto slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "" : path.substr(0, slash);
  std::string name = path.substr(slash == path.npos ? 0 : slash + 1);
  if (!name.ends_with(".m3u8")) return answer_file(std::move(request), folder, std::move(name));
  name.resize(name.size() - 5);
  if (find(folder, name) != nullptr) return answer_playlist(std::move(request), folder, std::move(name));
  return answer_multivariant(std::move(request), path.substr(0, path.size() - 5));
}

Rendition* Delivery::find(const std::string& folder, const std::string& name) const {
  const Presentation* const presentation = streams_.presentation(folder);
  if (presentation == nullptr) return nullptr;
  for (const auto& rendition : presentation->renditions())
    if (rendition->names().name == name) return rendition.get();
  return nullptr;
}

milliseconds Delivery::patience(const Rendition& rendition) const {
  return seconds(patience_target_durations * std::max(rendition.playlist().target_duration_s, 1));
}

void Delivery::count_viewer(const http::Request& request, const std::string& stream, const Playlist& list) {
  viewers_.on_request(stream, net::without_port(request.remote_address), request.headers.value("User-Agent"),
                      list.target_duration_s, clock_.steady());
}

http::Answer Delivery::from_files(const http::Request& request) const {
  if (files_ == nullptr) return not_there(request, "no such file");
  const std::string query = request.path.ends_with(".m3u8") ? carried(request) : std::string();
  if (query.empty()) return files_->answer(request);
  http::Request whole = request;
  for (const char* name : {"Range", "If-None-Match", "If-Modified-Since"}) whole.headers.remove(name);
  http::Response found = files_->answer(whole);
  if (!found.file) return found;
  auto text = http::read_all(*found.file, playlist_bytes_max);
  if (!text) return http::error_response(500, text.error().message);
  if (carried_bytes(*text, query) > playlist_bytes_max) return query_too_long();
  http::Response response = http::ok(std::string(playlist_type), carry_query(*std::move(text), query));
  response.headers.set("Cache-Control", "no-cache");
  return response;
}

asio::awaitable<http::Answer> Delivery::answer_multivariant(http::Request request, std::string path) {
  const auto deadline = clock_.steady() + first_segment_patience;
  for (;;) {
    const Multivariant* const found = streams_.multivariant(path);
    if (found == nullptr) co_return from_files(request);
    if (found->ready()) break;
    if (clock_.steady() >= deadline) co_return not_there(request, "the stream has no segment yet");
    const auto wakeup = wakeup_of(const_cast<Presentation*>(found->members().front())->main());
    if (!may_wait(*wakeup)) co_return too_many_waiters();
    Waiter waiter(wakeup, waiting_);
    asio::error_code ignored;
    co_await waiter.timer().async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  const auto shift = parse_start(request.query, clock_.utc());
  if (!shift) co_return http::error_response(400, shift.error().message);
  const Multivariant& multivariant = *streams_.multivariant(path);
  const std::string query = *shift ? "start=" + format_utc(**shift) : "";
  const std::string text = multivariant.text(query);
  const TextKey key{path + "?" + query, fmt::format("{:x}", std::hash<std::string>()(text)),
                    shift->has_value()};
  const std::function<std::string()> make = [&text] { return text; };
  co_return text_response(request, key, "no-cache", make);
}

Delivery::Directives Delivery::directives_of(const http::Request& request) {
  Directives directives;
  for (const auto& [name, value] : net::parse_query(request.query)) {
    if (name == "_HLS_skip") directives.skip = value == "YES" || value == "v2";
    if (name == "start") directives.start = value;
    if (name != "_HLS_msn" && name != "_HLS_part") continue;
    const auto read = number(value);
    if (!read) directives.error = fmt::format("{}={}: a number is wanted", name, value);
    (name == "_HLS_msn" ? directives.sequence : directives.part) = read;
  }
  if (directives.part && !directives.sequence) directives.error = "_HLS_part needs _HLS_msn";
  return directives;
}

asio::awaitable<http::Answer> Delivery::answer_playlist(http::Request request, std::string folder,
                                                        std::string name) {
  const Directives directives = directives_of(request);
  if (!directives.error.empty()) co_return http::error_response(400, directives.error);
  const auto begun = clock_.steady();
  if (const Rendition* asked = find(folder, name)) count_viewer(request, folder, asked->playlist());
  for (;;) {
    Rendition* const rendition = find(folder, name);
    if (rendition == nullptr) co_return from_files(request);
    const Playlist& list = rendition->playlist();
    if (!list.has_media()) {
      if (clock_.steady() - begun >= first_segment_patience)
        co_return not_there(request, "the stream has no segment yet");
    } else {
      if (!directives.sequence || list.part_target.count() == 0) break;
      if (*directives.sequence > list.next_sequence() + 1)
        co_return http::error_response(400, "_HLS_msn is further ahead than two segments");
      if (has(list, *directives.sequence, directives.part)) break;
      if (clock_.steady() - begun >= patience(*rendition))
        co_return http::error_response(503, "no new segment came in three target durations");
    }
    const auto wakeup = wakeup_of(*rendition);
    if (!may_wait(*wakeup)) co_return too_many_waiters();
    Waiter waiter(wakeup, waiting_);
    asio::error_code ignored;
    co_await waiter.timer().async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return playlist_response(request, *streams_.presentation(folder), *find(folder, name), directives);
}

http::Response Delivery::playlist_response(const http::Request& request, const Presentation& presentation,
                                           Rendition& rendition, const Directives& directives) {
  const Playlist& list = rendition.playlist();
  View view;
  view.first = rendition.live_first();
  view.parts = list.part_target.count() > 0;
  view.skip = view.parts && directives.skip;
  if (!directives.start.empty()) {
    const auto start = parse_start(request.query, clock_.utc());
    if (!start || !*start) return http::error_response(400, start ? "start: empty" : start.error().message);
    view.first = first_segment_at(list, **start);
    view.from_start = true;
  }
  const auto& names = rendition.names();
  const std::string tag = view.from_start ? fmt::format("{}-{}", rendition.revision(), view.first)
                                          : std::to_string(rendition.revision());
  TextKey key{fmt::format("{}/{}{}", names.folder, names.name, view.skip ? "?skip" : ""), tag,
              view.from_start};
  if (view.from_start) key.name += fmt::format("?{}", view.first);
  // An answer to a request with a segment or part number does not change while it is the newest.
  const std::string cache = directives.sequence && view.parts && !list.ended
                                ? fmt::format("max-age={}", list.target_duration_s)
                                : "no-cache";
  return text_response(request, key, cache, [&] {
    if (view.parts) view.reports = streams_.group_of(presentation).reports(rendition);
    return format(list, view);
  });
}

// compressed: in: whether compression is wanted; out: whether it was done. Empty, and not kept, if nothing is
// made.
Slice Delivery::text_of(const TextKey& key, bool& compressed, const std::function<std::string()>& make) {
  TextCache& texts = key.shifted ? shifted_ : texts_;
  for (;;) {
    const std::string name = (compressed ? "z" : "t") + key.name;
    if (const Slice* const found = texts.find(name, key.tag)) return *found;
    if (compressed && key.shifted && compressed_bytes_ > compressed_a_second_max) {
      compressed = false;
      continue;
    }
    const std::string made = make();
    if (made.empty()) return {};
    if (compressed && key.shifted) compressed_bytes_ += made.size();
    const std::string sent = compressed ? gzip(made) : made;
    Slice bytes = Slice::copy_of(Bytes(reinterpret_cast<const std::uint8_t*>(sent.data()), sent.size()));
    texts.put(name, key.tag, bytes);
    return bytes;
  }
}

http::Response Delivery::text_response(const http::Request& request, TextKey key, std::string_view cache,
                                       const std::function<std::string()>& make_open) {
  const std::string query = carried(request);
  const std::function<std::string()> make = [&] {
    std::string open = make_open();
    const bool too_long = !query.empty() && carried_bytes(open, query) > playlist_bytes_max;
    return too_long ? std::string() : carry_query(std::move(open), query);
  };
  key.name += "?" + query;
  key.shifted = key.shifted || !query.empty();
  bool compressed = accepts_gzip(request.headers.value("Accept-Encoding"));
  const Slice text = text_of(key, compressed, make);
  if (text.size() == 0) return query_too_long();
  http::Stored stored;
  stored.tag = fmt::format("\"{}-{}{}\"", run_, key.tag, compressed ? "-gzip" : "");
  stored.size_bytes = text.size();
  stored.content_type = playlist_type;
  stored.cache_control = cache;
  http::StoredAnswer answer = http::answer_stored(request, stored);
  answer.response.headers.add("Vary", "Accept-Encoding");
  if (compressed && answer.has_body) answer.response.headers.add("Content-Encoding", "gzip");
  if (answer.has_body) answer.response.pieces.push_back(text.sub(answer.first, answer.size_bytes));
  return std::move(answer.response);
}

asio::awaitable<http::Answer> Delivery::answer_file(http::Request request, std::string folder,
                                                    std::string name) {
  std::optional<std::chrono::steady_clock::time_point> deadline;
  for (;;) {
    Presentation* const presentation = streams_.presentation(folder);
    if (presentation == nullptr) break;
    if (presentation->keys() != nullptr)
      if (const Keys::Key* const key = presentation->keys()->find(name)) co_return key_response(*key);
    Rendition* hinted = nullptr;
    for (const auto& rendition : presentation->renditions()) {
      if (const StoredFile* const file = rendition->find(name)) co_return stored_response(request, *file);
      if (rendition->playlist().hint == name) hinted = rendition.get();
    }
    if (hinted == nullptr) break;
    if (!deadline) deadline = clock_.steady() + patience(*hinted);
    if (clock_.steady() >= *deadline) co_return http::error_response(503, name + ": this part did not come");
    const auto wakeup = wakeup_of(*hinted);
    if (!may_wait(*wakeup)) co_return too_many_waiters();
    Waiter waiter(wakeup, waiting_);
    asio::error_code ignored;
    co_await waiter.timer().async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return from_files(request);
}

http::Response Delivery::stored_response(const http::Request& request, const StoredFile& file) const {
  http::Stored stored;
  for (const Slice& piece : file.content) stored.size_bytes += piece.size();
  const auto modified = file.modified.time_since_epoch();
  stored.tag = fmt::format("\"{:x}-{:x}\"", stored.size_bytes, modified.count());
  stored.modified = std::chrono::duration_cast<seconds>(modified).count();
  stored.content_type = http::content_type_of(request.path);
  stored.cache_control = http::live_cache_rule(request.path);
  http::StoredAnswer answer = http::answer_stored(request, stored);
  if (!answer.has_body) return std::move(answer.response);
  std::uint64_t skip = answer.first, left = answer.size_bytes;
  for (const Slice& piece : file.content) {
    const std::uint64_t from = std::min<std::uint64_t>(skip, piece.size());
    const std::uint64_t size = std::min<std::uint64_t>(piece.size() - from, left);
    skip -= from;
    left -= size;
    if (size > 0) answer.response.pieces.push_back(piece.sub(from, size));
  }
  return std::move(answer.response);
}

http::Response Delivery::key_response(const Keys::Key& key) const {
  http::Response response = http::ok("application/octet-stream", std::string(key.begin(), key.end()));
  response.headers.add("Cache-Control", "private, max-age=60");
  return response;
}

}  // namespace srs::hls
