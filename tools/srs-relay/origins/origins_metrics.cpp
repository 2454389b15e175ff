// Reads the load that origins report in their metrics, for least-conn.
#include <utility>

#include "srs-relay/origins/origins.h"
#include "srs-relay/origins/reported_load.h"

namespace srs::relay {
namespace {

constexpr std::chrono::milliseconds metrics_time{2'000};
constexpr std::size_t max_metrics_bytes = 4u << 20;

}  // namespace

void Origins::read_metrics(const OriginPtr& origin) {
  const std::string& url = origin->spec.metrics_url;
  if (url.empty() || metrics_.contains(url)) return;
  http::ClientRequest request;
  request.url = url;
  request.total_time = metrics_time;
  const auto text = std::make_shared<std::string>();
  http::ClientHandlers handlers;
  handlers.on_bytes = [text](Bytes bytes) {
    text->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return text->size() <= max_metrics_bytes;
  };
  handlers.on_done = [this, origin, url, text](const Result<void>& result) {
    // Without an answer the last known load stays.
    const auto players = result ? players_in_metrics(*text) : std::nullopt;
    if (players) origin->reported_load = *players;
    metrics_.erase(url);
  };
  metrics_[url] = http_.get(std::move(request), std::move(handlers));
}

}  // namespace srs::relay
