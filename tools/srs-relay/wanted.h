// Wanted: what a player asks the hub for, and Upstream: who may get it from elsewhere.
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
  bool over_http = false;                 // else over RTMP
  std::string client;                     // who asks: "10.0.0.7:50123"
  std::string permit{};                   // what of the query the origin decides by: see Upstream::permit()

  // Without the port.
  std::string address() const { return client.substr(0, client.rfind(':')); }
};

// What came of wanting a stream.
enum class Wish {
  fetching,  // Hub::begin(), give_up(), admit() or deny() follows within round_time()
  nobody,    // nobody fetches it now: it may come all the same
  refused,   // there is no point in waiting
};

// The main thread, but for asks_for_each().
class Upstream {
 public:
  virtual ~Upstream() = default;
  // A stream is wanted that is not here, or by somebody whose permit is not known yet.
  virtual Wish want(const Wanted& wanted) = 0;
  virtual std::chrono::milliseconds round_time() const = 0;
  // Whether each player of a stream that is fetched needs the origin's leave for its own permit. Any thread,
  // always the same.
  virtual bool asks_for_each() const { return false; }
  // What the origin sees of a player's query.
  virtual std::string permit(const std::string&) const { return {}; }
  // Whether the origin said lately that this player may have the stream.
  virtual bool permits(const Wanted&) const { return true; }
  // Whether players are sent to where the streams are, instead of want().
  virtual bool redirects() const { return false; }
  // Calls `done`, later, with where a player is to go; none: nobody is known who serves its protocol.
  virtual void redirect(Wanted, std::function<void(std::optional<net::Url>)> done) { done(std::nullopt); }
  // A publisher wants to bring this stream: whoever fetches it ends.
  virtual void yield(const std::string& path) = 0;
};

// How long a player waits, by its query's `wait` (relays say wait=0), but no longer than `longest`.
std::chrono::milliseconds patience_of(std::string_view query, std::chrono::milliseconds longest);

// Queries go into URLs, fields and logs, here and at origins: control characters have no place there, and so
// much text has no purpose. via: of a relay that asks, or empty. Errors are for the player.
inline constexpr std::size_t max_query_bytes = 2048;
Result<void> check_query(std::string_view query, std::string_view via);

}  // namespace srs::relay
