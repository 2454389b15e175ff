// Redis: a connection to a Redis server, with blocking calls that have time-outs.
//
// Owned by one thread. hiredis implements the protocol.
#pragma once

#include <hiredis/hiredis.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "net/url.h"

namespace srs::registry {

struct RedisServer {
  net::Url url;  // redis://[USER@]HOST[:PORT][/DATABASE], the user decoded, no password
  std::string password;
  std::chrono::milliseconds timeout{1'000};  // of each step

  unsigned database() const;
};

// redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]
Result<RedisServer> parse_redis_server(const std::string& text);

class Redis {
 public:
  using Command = std::vector<std::string>;
  // The strings of an answer: one, those of an array, or none.
  using Answer = std::vector<std::string>;

  // Connects, authenticates and selects the database.
  static Result<Redis> open(const RedisServer& server);

  // Sends all commands at once and reads all answers. After an error the connection is unusable. A command on
  // a key of the wrong type has an empty answer. too_large: an answer of more than a MiB.
  Result<std::vector<Answer>> run(const std::vector<Command>& commands);

 private:
  struct Free {
    void operator()(redisContext* context) const { ::redisFree(context); }
  };
  explicit Redis(std::unique_ptr<redisContext, Free> context) : context_(std::move(context)) {}
  using Clock = std::chrono::steady_clock;
  Result<Answer> read_answer(Clock::time_point deadline);
  Result<void*> read_reply(Clock::time_point deadline);
  Error failure() const;

  std::unique_ptr<redisContext, Free> context_;
};

}  // namespace srs::registry
