// PullConnection: one stream as it comes from one origin, over RTMP or HTTP-FLV.
//
// To the origin it is an ordinary player that asks for annotations and an immediate answer (wait=0) and
// names the relays on its way (via). Belongs to one coroutine on the main thread; cancel() may be called
// from outside of it.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "http/client.h"
#include "media/message.h"
#include "net/tls_context.h"
#include "net/url.h"
#include "rtmp/message_budget.h"

namespace srs::relay {

struct PullTarget {
  net::Url url;                                 // of the stream, with its whole query
  std::string connect_to;                       // overrides the URL's address; may be empty
  std::string via;                              // the relays that ask, ourselves last
  std::shared_ptr<rtmp::MessageBudget> budget;  // of the process, for unfinished messages; null: none
  std::shared_ptr<const net::TlsContext> tls;   // whom to trust; null: the system's authorities
};

class PullConnection {
 public:
  virtual ~PullConnection() = default;

  // Returns once the origin says that it plays. Errors: not_found, refused, timed_out, closed.
  virtual asio::awaitable<Result<void>> open(std::chrono::milliseconds timeout) = 0;
  // The next message, with its kind and the origin's timestamp, unwrapped. None: the origin said that the
  // stream has ended. Errors: timed_out (nothing came for so long), closed, invalid_data.
  virtual asio::awaitable<Result<std::optional<media::Message>>> read(std::chrono::milliseconds timeout) = 0;
  // Ends pending operations with an error.
  virtual void cancel() = 0;
  // The origin asks its players to leave (Enhanced RTMP ReconnectRequest).
  virtual bool asks_to_leave() const { return false; }

  // From an origin that is a relay of ours: the relays that the stream came through, itself last, and the
  // name of the timeline. Empty otherwise.
  const std::string& via() const { return via_; }
  const std::string& timeline() const { return timeline_; }

 protected:
  std::string via_, timeline_;
};

// For OriginProtocol::connect.
std::unique_ptr<PullConnection> make_rtmp_pull(asio::io_context& io, http::Client& http, PullTarget target);
std::unique_ptr<PullConnection> make_http_pull(asio::io_context& io, http::Client& http, PullTarget target);

}  // namespace srs::relay
