// Wanted: what a player asks the hub for. Upstream: who may get it from elsewhere.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "net/url.h"

namespace srs::relay {

struct Wanted {
  std::string path;
  std::string query;                      // of the player's URL
  std::string via;                        // the relays that ask, if it is a relay: see media/via.h
  std::chrono::milliseconds patience{0};  // with a stream that is not there
  std::string_view protocol = "rtmp";     // that the player speaks, by the scheme of its URLs; a literal
  std::string client;                     // who asks: "10.0.0.7:50123"
  std::string permit{};                   // what of the query the origin decides by: see Upstream::permit()

  // Without the port.
  std::string address() const { return std::string(net::without_port(client)); }
};

// What came of wanting a stream.
enum class Wish {
  fetching,  // Hub::begin(), give_up(), admit() or deny() follows within round_time()
  nobody,    // nobody fetches it now: it may come all the same
  refused,   // there is no point in waiting
};

// Main thread, except for asks_for_each().
class Upstream {
 public:
  virtual ~Upstream() = default;
  // A wanted stream is not here, or the player's permit is not known yet.
  virtual Wish want(const Wanted& wanted) = 0;
  virtual std::chrono::milliseconds round_time() const = 0;
  // Whether the origin decides for each player of a pulled stream, by its permit. Any thread; never
  // changes.
  virtual bool asks_for_each() const { return false; }
  // The part of a player's query that the origin sees.
  virtual std::string permit(const std::string&) const { return {}; }
  // Whether the origin recently permitted this player the stream.
  virtual bool permits(const Wanted&) const { return true; }
  // Whether players are redirected to the origins, instead of want().
  virtual bool redirects() const { return false; }
  // Calls `done` later with the URL to go to; none if no origin serves its protocol.
  virtual void redirect(Wanted, std::function<void(std::optional<net::Url>)> done) { done(std::nullopt); }
  // A publisher brings this stream: pulls of it end.
  virtual void yield(const std::string& path) = 0;
};

// Whether a player asks for our own script tags (onClock, onDiscontinuity), by its query's `annotations=1`.
// Ordinary players would take them for another track.
bool wants_annotations(std::string_view query);

// How long a player waits, by its query's `wait` (relays say wait=0), but no longer than `longest`.
std::chrono::milliseconds patience_of(std::string_view query, std::chrono::milliseconds longest);

// Queries go into URLs, fields and logs, here and at origins, so control characters and excessive length
// are refused. via: of a relay that asks, or empty. Errors are for the player.
inline constexpr std::size_t max_query_bytes = 2048;
Result<void> check_query(std::string_view query, std::string_view via);

}  // namespace srs::relay
