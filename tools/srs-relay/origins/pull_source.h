// PullSource: a connection that plays one stream at one origin, and how it is opened. It counts as a pull of
// its origin. Belongs to the main thread.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "core/result.h"
#include "srs-relay/origins/origins.h"
#include "srs-relay/origins/pull_connection.h"
#include "srs-relay/origins/pulls.h"

namespace srs::relay {

// What an origin is asked for.
struct PullQuestion {
  std::string path;
  std::string permit;  // of the player, as Pulls::permit() gives it
  std::string via;     // the relays that ask us
  std::string resume;  // where the stream goes on: see streams/resume.h; may be empty
};

struct PullSource {
  PullSource(OriginPtr played, std::unique_ptr<PullConnection> made);
  ~PullSource();

  OriginPtr origin;
  std::unique_ptr<PullConnection> connection;
  const std::shared_ptr<PullState> state = std::make_shared<PullState>();
};

// Returns once the origin says that it plays. Its health is kept up to date; a refusal does not count against
// it. slot: holds the connection while it is being opened, so that it can be cancelled; must outlive the
// call. Errors: those of PullConnection::open(), not_found also if the stream comes from us.
asio::awaitable<Result<std::unique_ptr<PullSource>>> open_source(Pulls& pulls, PullQuestion question,
                                                                 OriginPtr origin, PullConnection** slot);

}  // namespace srs::relay
