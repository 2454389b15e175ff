// Short texts from peers and users: URLs, queries, byte ranges, dates, durations, sizes, stream names.
// Accepted values are in range, and the same when written and read again.
#include "choices.h"
#include "cli/log.h"
#include "cli/quantities.h"
#include "http/range.h"
#include "http/response.h"
#include "media/stream_path.h"
#include "media/via.h"
#include "net/dns.h"
#include "net/url.h"
#include "srs-hls/delivery/time_shift.h"
#include "srs-hls/time/utc.h"
#include "target.h"

using namespace srs;

namespace {

void check_url(std::string_view text) {
  const auto url = net::parse_url(text);
  if (!url) return;
  MUST_HOLD(url->path.empty() || url->path.starts_with('/'));
  const std::string shown = url->display();
  MUST_HOLD(shown.size() <= text.size() + 10);
  const auto again = net::parse_url(url->text());
  MUST_HOLD(again.ok());
  MUST_HOLD(again->scheme == url->scheme && again->host == url->host && again->port == url->port);
  MUST_HOLD(again->user == url->user && again->password == url->password);
  MUST_HOLD(again->path == url->path && again->query == url->query);
  const auto without = net::parse_url(shown);
  MUST_HOLD(without.ok() && without->user.empty() && without->password.empty());
}

void check_query(std::string_view text) {
  std::size_t sum = 0;
  for (const auto& [name, value] : net::parse_query(text)) sum += name.size() + value.size();
  MUST_HOLD(sum <= text.size());
  if (const auto decoded = net::percent_decode(text)) MUST_HOLD(decoded->size() <= text.size());
}

void check_range(std::string_view text) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, UINT64_MAX}) {
    const http::RangeRequest range = http::parse_range(text, size);
    if (range.kind != http::RangeRequest::part) continue;
    MUST_HOLD(range.size_bytes > 0 && range.first < size && range.size_bytes <= size - range.first);
  }
}

void check_times(std::string_view text) {
  if (const auto time = http::parse_http_date(text))
    MUST_HOLD(http::parse_http_date(http::http_date(*time)) == time);
  if (const auto utc = hls::parse_utc(text)) {
    const auto again = hls::parse_utc(hls::format_utc(*utc));
    MUST_HOLD(!again.ok() || *again == *utc);
  }
  const hls::Utc now{std::chrono::milliseconds(1'790'000'000'000)};
  if (const auto start = hls::parse_start("start=" + std::string(text), now); start && *start)
    MUST_HOLD((**start).time_since_epoch() > std::chrono::hours(-24 * 366 * 20));
}

void check_amounts(std::string_view text) {
  if (const auto duration = cli::parse_duration(std::string(text))) {
    MUST_HOLD(duration->count() >= 0);
    const auto again = cli::parse_duration(cli::format_duration(*duration));
    MUST_HOLD(again.ok() && *again == *duration);
  }
  [[maybe_unused]] const auto size = cli::parse_size(std::string(text));
}

void check_names(std::string_view text) {
  const std::string shown = cli::printable(text);
  MUST_HOLD(cli::printable(shown) == shown);
  for (const char c : shown) MUST_HOLD(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  if (const auto path = media::parse_stream_path(text)) {
    MUST_HOLD(!path->empty() && path->size() <= media::max_stream_path_size);
    MUST_HOLD(cli::printable(*path) == *path);
    const auto again = media::parse_stream_path(*path);
    MUST_HOLD(again.ok() && *again == *path);
  }
  if (text.find(',') == text.npos && !text.empty())
    MUST_HOLD(media::came_through(media::via_with("a,b", text), text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of({data, size});
  check_url(text);
  check_query(text);
  check_range(text);
  check_times(text);
  check_amounts(text);
  check_names(text);
  if (const auto services = net::parse_services({data, size})) MUST_HOLD(services->size() <= 64);
  return 0;
}
