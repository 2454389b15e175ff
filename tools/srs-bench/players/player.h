// Player: plays one stream and measures what arrives when.
//
// Every player reads its stream up to the first complete key frame. Then a verified player reads on and
// passes each message to its Verifier; all others only count bytes (see Drain), so that a player costs far
// less here than on the server.
#pragma once

#include <memory>

#include "srs-bench/clients/client.h"
#include "srs-bench/content/media_listener.h"
#include "srs-bench/content/verifier.h"
#include "srs-bench/http/http_redirect.h"

namespace srs::bench {

// The same for all players of a run.
struct PlayerSettings {
  Address address;
  std::chrono::milliseconds timeout{};  // from connecting to the first media
  std::size_t low_water_bytes = 0;      // of a counting player: see Drain
  std::optional<Reference> reference;   // what verified players must get
  std::shared_ptr<const net::TlsContext> trust{};
  std::shared_ptr<ServerAddresses> addresses = std::make_shared<ServerAddresses>();  // of servers sent to
};

class Player : public StreamClient, private MediaListener {
 public:
  // url: rtmp(s):// or http(s)://.
  Player(EventLoop& loop, std::vector<std::uint8_t>& buffer, ThreadFigures& thread, Progress& progress,
         net::Url url, const PlayerSettings& settings, bool verified);

  void finish(Clock::time_point now) override;
  void on_timer(Clock::time_point now) override;

 private:
  void on_received() override;
  void on_failed(const std::string& reason) override;
  void on_closed(bool stream_ended) override;
  void on_media(const MediaMessage& message) override;
  void on_frame(bool is_video);
  bool has_seen_enough() const;
  void connect();
  // Follows a redirect at the next timer, or gives up with the reason.
  void follow();
  // Something that a viewer waits for has arrived.
  void mark_alive();

  net::Url url_;
  const PlayerSettings& settings_;
  Address address_;
  int redirects_ = 0;
  bool is_redirected_ = false;          // and not connected there yet
  std::unique_ptr<Verifier> verifier_;  // null: counts only
  Clock::time_point last_alive_{};
  bool video_seen_ = false;
  std::uint32_t first_audio_ms_ = 0;  // of a stream without video: measures its length
  std::uint32_t last_audio_ms_ = 0;
};

}  // namespace srs::bench
