// Wanted: what a player asks the hub for, and Upstream: who may get it from elsewhere.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "net/url.h"

namespace srs::relay {

struct Wanted {
  std::string path;
  std::string query;                      // of the player's URL
  std::string via;                        // the relays that ask, if it is a relay: see media/via.h
  std::chrono::milliseconds patience{0};  // with a stream that is not there
  bool over_http = false;                 // else over RTMP
};

// The main thread.
class Upstream {
 public:
  virtual ~Upstream() = default;
  // A stream is wanted that is not here. True if it is being fetched: then Hub::begin() or Hub::give_up()
  // follows, within round_time().
  virtual bool want(const Wanted& wanted) = 0;
  virtual std::chrono::milliseconds round_time() const = 0;
  // Whether players are sent to where the streams are, instead of want().
  virtual bool redirects() const { return false; }
  // Calls `done`, later, with where a player is to go; none: nobody is known who serves its protocol.
  virtual void redirect(Wanted, std::function<void(std::optional<net::Url>)> done) { done(std::nullopt); }
  // A publisher wants to bring this stream: whoever fetches it ends.
  virtual void yield(const std::string& path) = 0;
};

// How long a player waits, by its query's `wait` (relays say wait=0), but no longer than `longest`.
std::chrono::milliseconds patience_of(std::string_view query, std::chrono::milliseconds longest);

}  // namespace srs::relay
