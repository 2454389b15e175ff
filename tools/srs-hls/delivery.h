// Delivery: what players get over HTTP: playlists made on the spot, segments, parts and keys from memory, and
// from the directory what memory has no more.
//
// Low-Latency HLS blocks (rfc8216bis 6.2.5): a playlist is answered when it has the segment or part that the
// player asked for, the hinted part when it is whole. Those who wait are coroutines on one timer a rendition.
// Runs on the io_context's thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "clock.h"
#include "http/response.h"
#include "http/static_files.h"
#include "streams.h"

namespace srs::hls {

class Delivery {
 public:
  // files: the directory, or null.
  Delivery(asio::io_context& io, const Streams& streams, const http::StaticFiles* files, const Clock& clock);

  asio::awaitable<http::Answer> answer(http::Request request);
  // Those who wait look at the time; call it about once a second.
  void tick();

 private:
  struct Bell;
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
  // key: what the text is kept by for the next one who asks; empty: it is not kept.
  http::Response text_response(const http::Request& request, const std::string& key, const std::string& tag,
                               std::string_view cache, const std::function<std::string()>& make);
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
  // The newest text of each playlist in each form that was asked for, as it goes out.
  struct Text {
    std::string tag;
    Slice bytes;
    bool compressed = false;
  };
  std::map<std::string, Text> texts_;
  Utc texts_since_{};
};

}  // namespace srs::hls
