// HlsTrack: plays one media playlist of HLS: reloads it, and fetches its segments or parts in order.
//
// Plain HLS: reloads as RFC 8216 section 6.3.4 says, and fetches whole segments. Low-Latency HLS: asks for
// each next playlist at once, which the server holds back until there is news (blocking reload), and for each
// part in advance, by the preload hint, as hls.js and AVPlayer do. Two connections: one for playlists, one
// for media.
//
// It does not decide what the player is: it tells its listener. Belongs to its player, one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "deliveries.h"
#include "figures.h"
#include "hls_playlist.h"
#include "http_connection.h"
#include "segment_clocks.h"

namespace srs::bench {

class HlsTrackListener {
 public:
  virtual ~HlsTrackListener() = default;
  virtual void on_received(std::size_t size) = 0;
  virtual void on_multivariant(const MultivariantPlaylist& playlist) = 0;
  // The first media playlist is there. skipped, hold_back: see Playout.
  virtual void on_position(std::size_t lane, MediaTime skipped, MediaTime hold_back, bool low_latency) = 0;
  virtual void on_first_media_byte() = 0;
  // A whole segment or part. Negative: so much less than was told before.
  virtual void on_media(std::size_t lane, MediaTime duration) = 0;
  // Everything was fetched that there will ever be.
  virtual void on_ended(std::size_t lane) = 0;
  // It cannot go on.
  virtual void on_track_failed(const std::string& reason) = 0;
};

// What tracks of a thread share, or all of a run.
struct HlsSurroundings {
  EventLoop& loop;
  std::vector<std::uint8_t>& buffer;
  PlaylistCache& cache;
  ThreadFigures& thread;
  Deliveries& deliveries;
  const HttpServer& server;
  bool low_latency = true;  // where the server offers it
  std::chrono::milliseconds timeout{};
};

class HlsTrack : private EventHandler, private HttpListener {
 public:
  // lane: its number at the listener. verified: looks for clocks in the media.
  HlsTrack(const HlsSurroundings& surroundings, std::size_t lane, bool verified, HlsTrackListener& listener);

  void bind_to(const Address* local);
  // target: path and query of the playlist.
  void begin(const std::string& target);
  // A few times a second: whether an answer is overdue.
  void look(Clock::time_point now);
  void close();

 private:
  enum class Fetching { nothing, map, segment, part, hint };
  struct Position {
    std::uint64_t msn = 0;
    std::size_t part = 0;
    auto operator<=>(const Position&) const = default;
  };

  void on_ready(std::uint32_t, Clock::time_point) override {}
  void on_timer(Clock::time_point now) override;
  void on_bytes(std::size_t size) override { listener_.on_received(size); }
  void on_head(HttpConnection& from, int status) override;
  void on_body(HttpConnection& from, Bytes piece) override;
  void on_answered(HttpConnection& from) override;
  void on_broken(HttpConnection& from, const std::string& reason) override;

  // Playlists: hls_track.cpp.
  void reload();
  void reload_at(Clock::time_point time) { around_.loop.set_timer(*this, time); }
  void take_playlist();
  void compare(const MediaPlaylist& before, const MediaPlaylist& after);
  void reload_later(bool changed);
  void playlist_failed(const std::string& what);

  // Media: hls_track_media.cpp.
  // Where play begins.
  void place(const MediaPlaylist& playlist);
  void fetch_next();
  void fetch_in_segment(const MediaPlaylist& playlist);
  void fetch_in_the_making(const MediaPlaylist& playlist);
  void fetch(Fetching what, const std::string& uri, MediaTime duration);
  bool fetch_map(const std::string& uri);
  // Once a hinted part is listed, or something else in its place.
  void find_hinted(const MediaPlaylist& playlist);
  void found_hinted(const HlsPart& part);
  Position behind_segment(const MediaPlaylist& playlist, Position position) const;
  void media_answered();
  void media_failed(const std::string& what);
  void note_arrival();

  const HlsSurroundings& around_;
  const std::size_t lane_;
  HlsTrackListener& listener_;
  HttpConnection playlists_;
  HttpConnection media_;
  std::unique_ptr<SegmentClocks> clocks_;  // null: not verified

  UtcMicroseconds joined_{};
  std::string target_;  // of the playlist
  std::string text_;    // of the playlist, as far as it came
  int playlist_status_ = 0;
  bool blocks_ = false;            // the request waits for news
  bool asks_plainly_ = false;      // the next one does not: the last one was refused
  Clock::time_point last_good_{};  // a playlist came
  std::shared_ptr<const MediaPlaylist> playlist_;
  bool by_parts_ = false;

  Fetching fetching_ = Fetching::nothing;
  int media_status_ = 0;
  std::string uri_;  // of what is fetched, or was last
  MediaTime duration_{};
  Position next_;             // to be fetched
  Position then_;             // next_ once this is fetched
  bool media_waits_ = false;  // after an error, for the next look()
  std::string map_;           // that was fetched
  std::string hinted_;        // URI that was asked for and is in no playlist yet
  bool hinted_is_here_ = false;
  Position fresh_;          // what is from there on came into the playlist since we joined
  bool is_fresh_ = false;   // what is fetched
  bool has_begun_ = false;  // a byte of media has come
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace srs::bench
