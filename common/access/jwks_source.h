// JwksSource: the keys of tokens, from a file or from the URL where who signs them publishes them.
//
// It fetches at the start, every hour, and when a token names a key that is not there, then at most once a
// minute: nobody can make it ask more often. What fails leaves the keys that are there as they are; who
// verifies takes a snapshot of them and waits for nothing. Redirects are not followed.
//
// Belongs to the thread of its io_context, which also destroys it, or nobody after run() has ended; keys(),
// key_unknown() and health_error() are for any thread.
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "access/jwk_set.h"
#include "core/clock.h"
#include "core/result.h"
#include "net/tls_context.h"

namespace srs::access {

struct JwksOptions {
  std::string from;  // a URL of http or https, or the name of a file
  std::chrono::milliseconds refresh{std::chrono::hours(1)};
  std::chrono::milliseconds pause{std::chrono::minutes(1)};  // between two requests, and after a failed one
  std::chrono::milliseconds total_time{std::chrono::seconds(10)};
  std::shared_ptr<const net::TlsContext> trust{};  // for https; null: the system's authorities
};

class JwksSource {
 public:
  // A line for the log: what failed, once for each cause; that it works again; what was left out of a set. On
  // the thread of the io_context.
  using Report = std::function<void(const std::string& line)>;

  // Whether keys are fetched from there; else it is a file.
  static bool is_url(std::string_view from);

  JwksSource(asio::io_context& io, JwksOptions options, Report report, const Clock& clock = system_clock());
  ~JwksSource();
  JwksSource(const JwksSource&) = delete;
  JwksSource& operator=(const JwksSource&) = delete;

  // A file is read before it returns, a URL is fetched from then on.
  void start();
  // The same again, at once; a fetch that is under way goes on.
  void reload();

  // Never null; no keys before the first ones are there.
  std::shared_ptr<const JwkSet> keys() const;
  // A token named a key that keys() did not have. Does nothing for a file.
  void key_unknown();
  // What was wrong the last time; empty if nothing was.
  std::string health_error() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Keys of a file: a JWK Set, secrets included, or PEM (see jwk_set.h).
Result<JwkSet> read_keys(const std::string& file);

}  // namespace srs::access
