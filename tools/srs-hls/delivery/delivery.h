// Delivery: answers players over HTTP: playlists made on demand, segments, parts and keys from memory, and
// from the directory what memory no longer holds.
//
// Low-Latency HLS blocks (rfc8216bis 6.2.5): a playlist request is answered once the list has the requested
// segment or part, a request for the hinted part once that is whole. Waiting requests are coroutines on one
// timer per rendition. Their number is limited per rendition and in all; a connection has one at a time,
// since it sends the next request after the answer.
//
// Playlists are made and compressed once for all players. Those with ?start= differ by their start time: they
// share a small cache of their own, and a limit of compressed bytes per second, beyond which they go out
// uncompressed. So do those that carry what a player shows for its right (see carry_query.h).
//
// The gate is asked for each request. The stream of a playlist, segment, part or key is the one whose folder
// it is in. Runs on the io_context's thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/clock.h"
#include "gate/gate.h"
#include "http/response.h"
#include "http/static_files.h"
#include "srs-hls/delivery/text_cache.h"
#include "srs-hls/delivery/viewers.h"
#include "srs-hls/streams/streams.h"

namespace srs::hls {

class Delivery {
 public:
  // Limits of waiting requests per rendition, and in all. Others get a 503.
  static constexpr std::size_t waiters_per_rendition_max = 20'000, waiters_max = 40'000;

  // files: the directory, or null. All must outlive it.
  Delivery(asio::io_context& io, gate::Gate& gate, const Streams& streams, const http::StaticFiles* files,
           const Clock& clock);

  asio::awaitable<http::Answer> answer(http::Request request);
  // Wakes the waiting requests to check their deadlines; call it about once a second.
  void tick();
  const Viewers& viewers() const { return viewers_; }

 private:
  struct Wakeup;
  class Waiter;
  // What the query of a playlist request asks for.
  struct Directives {
    std::optional<std::uint64_t> sequence, part;
    bool skip = false;
    std::string start;  // of time-shift, as given
    std::string error;
  };

  static Directives directives_of(const http::Request& request);
  asio::awaitable<http::Answer> answer_if_admitted(http::Request request);
  asio::awaitable<http::Answer> answer_admitted(http::Request request);
  std::string stream_of(const std::string& path) const;
  access::Question question_of(const http::Request& request) const;
  std::string carried(const http::Request& request) const;
  asio::awaitable<http::Answer> answer_multivariant(http::Request request, std::string path);
  asio::awaitable<http::Answer> answer_playlist(http::Request request, std::string folder, std::string name);
  asio::awaitable<http::Answer> answer_file(http::Request request, std::string folder, std::string name);
  http::Response playlist_response(const http::Request& request, const Presentation& presentation,
                                   Rendition& rendition, const Directives& directives);
  struct TextKey {
    std::string name;      // the cache key
    std::string tag;       // of the version
    bool shifted = false;  // made for few players: for ?start=, or with the query of one
  };
  http::Response text_response(const http::Request& request, TextKey key, std::string_view cache,
                               const std::function<std::string()>& make_open);
  Slice text_of(const TextKey& key, bool& compressed, const std::function<std::string()>& make);
  void count_viewer(const http::Request& request, const std::string& stream, const Playlist& list);
  bool may_wait(const Wakeup& wakeup) const;
  http::Response stored_response(const http::Request& request, const StoredFile& file) const;
  http::Response key_response(const Keys::Key& key) const;
  http::Answer from_files(const http::Request& request) const;

  std::shared_ptr<Wakeup> wakeup_of(Rendition& rendition);
  Rendition* find(const std::string& folder, const std::string& name) const;
  std::chrono::milliseconds patience(const Rendition& rendition) const;

  asio::io_context& io_;
  gate::Gate& gate_;
  const Streams& streams_;
  const http::StaticFiles* const files_;
  const Clock& clock_;
  const std::string run_;  // distinguishes this run's playlists from those of others, in ETags
  TextCache texts_, shifted_;
  Viewers viewers_;
  std::size_t compressed_bytes_ = 0;  // of shifted playlists, since tick()
  std::shared_ptr<std::size_t> waiting_ = std::make_shared<std::size_t>(0);  // waiting requests in all
};

}  // namespace srs::hls
