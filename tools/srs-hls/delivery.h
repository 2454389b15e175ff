// Delivery: what players get over HTTP: playlists made on the spot, segments, parts and keys from memory, and
// from the directory what memory has no more.
//
// Low-Latency HLS blocks (rfc8216bis 6.2.5): a playlist is answered when it has the segment or part that the
// player asked for, the hinted part when it is whole. Those who wait are coroutines on one timer a rendition;
// there are only so many, of a rendition and in all, and one of a connection, which asks when it was
// answered.
//
// Playlists are made and compressed once for all who ask. Those with ?start= are as many as there are times
// to begin at: they share a small cache of their own, and so much compression a second; beyond it they go out
// as they are. Runs on the io_context's thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "clock.h"
#include "http/response.h"
#include "http/static_files.h"
#include "streams.h"
#include "text_cache.h"

namespace srs::hls {

class Delivery {
 public:
  // Who may wait for one rendition, and for all. Others get a 503.
  static constexpr std::size_t waiting_of_one_max = 20'000, waiting_max = 40'000;

  // files: the directory, or null.
  Delivery(asio::io_context& io, const Streams& streams, const http::StaticFiles* files, const Clock& clock);

  asio::awaitable<http::Answer> answer(http::Request request);
  // Those who wait look at the time; call it about once a second.
  void tick();

 private:
  struct Bell;
  class Waiting;
  // What a player asked for in the query of a playlist.
  struct Directives {
    std::optional<std::uint64_t> sequence, part;
    bool skip = false;
    std::string start;  // of time-shift, as it was given
    std::string error;
  };

  static Directives directives_of(const http::Request& request);
  asio::awaitable<http::Answer> answer_multivariant(http::Request request, std::string path);
  asio::awaitable<http::Answer> answer_playlist(http::Request request, std::string folder, std::string name);
  asio::awaitable<http::Answer> answer_file(http::Request request, std::string folder, std::string name);
  http::Response playlist_response(const http::Request& request, const Presentation& presentation,
                                   Rendition& rendition, const Directives& directives);
  struct TextKey {
    std::string name;      // what the text is kept by for the next one who asks
    std::string tag;       // of its version
    bool shifted = false;  // it is one of ?start=
  };
  http::Response text_response(const http::Request& request, const TextKey& key, std::string_view cache,
                               const std::function<std::string()>& make);
  Slice text_of(const TextKey& key, bool& compressed, const std::function<std::string()>& make);
  bool may_wait(const Bell& bell) const;
  http::Response stored_response(const http::Request& request, const StoredFile& file) const;
  http::Response key_response(const Keys::Key& key) const;
  http::Answer from_files(const http::Request& request) const;

  std::shared_ptr<Bell> bell_of(Rendition& rendition);
  Rendition* find(const std::string& folder, const std::string& name) const;
  std::chrono::milliseconds patience(const Rendition& rendition) const;

  asio::io_context& io_;
  const Streams& streams_;
  const http::StaticFiles* const files_;
  const Clock& clock_;
  const std::string run_;  // tells this run's playlists from those of others, in ETags
  TextCache texts_, shifted_;
  std::size_t compressed_bytes_ = 0;                                         // of shifted ones, since tick()
  std::shared_ptr<std::size_t> waiting_ = std::make_shared<std::size_t>(0);  // all who wait
};

}  // namespace srs::hls
