// HlsTrack: plays one HLS media playlist: reloads it, and fetches its segments or parts in order.
//
// Plain HLS: reloads as in RFC 8216 section 6.3.4, and fetches whole segments. Low-Latency HLS: requests each
// next playlist at once, which the server holds back until it has changed (blocking reload), and each part in
// advance, by the preload hint, as hls.js and AVPlayer do. Two connections: one for playlists, one for media.
//
// It does not decide the player's state, but reports to its listener. Owned by its player; one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "srs-bench/figures/figures.h"
#include "srs-bench/hls/deliveries.h"
#include "srs-bench/hls/hls_playlist.h"
#include "srs-bench/hls/segment_clocks.h"
#include "srs-bench/http/http_connection.h"

namespace srs::bench {

class HlsTrackListener {
 public:
  virtual ~HlsTrackListener() = default;
  virtual void on_received(std::size_t size) = 0;
  virtual void on_multivariant(const MultivariantPlaylist& playlist) = 0;
  // The first media playlist has arrived. skipped, hold_back: see Playout.
  virtual void on_position(std::size_t lane, MediaTime skipped, MediaTime hold_back, bool low_latency) = 0;
  virtual void on_first_media_byte() = 0;
  // A whole segment or part has arrived. Negative: corrects an earlier call.
  virtual void on_media(std::size_t lane, MediaTime duration) = 0;
  // The stream has ended and everything was fetched.
  virtual void on_ended(std::size_t lane) = 0;
  // The server redirects the first playlist. location: a reference, not trusted.
  virtual void on_redirected(std::size_t lane, const std::string& location) = 0;
  // The track cannot continue. detail: the server's message, for people; may be empty.
  virtual void on_track_failed(const std::string& reason, const std::string& detail) = 0;
};

// What the tracks of a thread, or of a run, share.
struct HlsContext {
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
  // lane: its number at the listener. verified: searches the media for clocks.
  HlsTrack(const HlsContext& context, std::size_t lane, bool verified, HlsTrackListener& listener);

  void bind_to(const Address* local);
  // target: path and query of the playlist.
  void begin(const std::string& target);
  // The same, at the new server of the context.
  void begin_elsewhere(const std::string& target);
  // Called a few times a second, to notice overdue answers.
  void tick(Clock::time_point now);
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
  void reload_at(Clock::time_point time) { context_.loop.set_timer(*this, time); }
  void on_playlist();
  void check_order(const MediaPlaylist& before, const MediaPlaylist& after);
  void reload_later(bool changed);
  void playlist_failed(const std::string& what, const std::string& detail = {});

  // Media: hls_track_media.cpp. Sets where play begins.
  void choose_start(const MediaPlaylist& playlist);
  void fetch_next();
  void fetch_in_segment(const MediaPlaylist& playlist);
  void fetch_in_open_segment(const MediaPlaylist& playlist);
  void fetch(Fetching what, const std::string& uri, MediaTime duration);
  bool fetch_map(const std::string& uri);
  // Handles a hinted part once it, or something else in its place, is listed.
  void find_hinted(const MediaPlaylist& playlist);
  void found_hinted(const HlsPart& part);
  Position after_segment(const MediaPlaylist& playlist, Position position) const;
  void media_answered();
  void media_failed(const std::string& what);
  void record_arrival();

  const HlsContext& context_;
  const std::size_t lane_;
  HlsTrackListener& listener_;
  HttpConnection playlists_;
  HttpConnection media_;
  std::unique_ptr<SegmentClocks> clocks_;  // null: not verified

  UtcMicroseconds joined_{};
  std::string target_;  // of the playlist
  std::string text_;    // of the playlist as far as received; or the beginning of an error's body
  int playlist_status_ = 0;
  bool blocks_ = false;            // the request is a blocking reload
  bool asks_plainly_ = false;      // the next request does not block, since the last was refused
  Clock::time_point last_good_{};  // when the last playlist arrived
  std::shared_ptr<const MediaPlaylist> playlist_;
  bool by_parts_ = false;

  Fetching fetching_ = Fetching::nothing;
  int media_status_ = 0;
  std::string uri_;  // of the current or last fetch
  MediaTime duration_{};
  Position next_;             // to fetch next
  Position after_fetch_;      // value of next_ after this fetch
  bool media_waits_ = false;  // after an error, until the next tick()
  std::string map_;           // the map that was fetched
  std::string hinted_;        // requested URI that no playlist lists yet
  bool hinted_arrived_ = false;
  Position fresh_;          // from here on, content is newer than our joining
  bool is_fresh_ = false;   // the current fetch
  bool has_begun_ = false;  // media has arrived
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace srs::bench
