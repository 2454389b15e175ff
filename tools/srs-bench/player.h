// Player: plays one stream and notes when what came.
//
// Every player reads its stream up to the first whole key frame. Then a player that is to be verified reads
// on and shows each message to its Verifier; all others only count bytes (see Drain), so that what a
// player costs here is far less than what it costs the server.
#pragma once

#include <memory>

#include "client.h"
#include "media_listener.h"
#include "verifier.h"

namespace srs::bench {

// The same for all players of a run.
struct PlayerSettings {
  Address address;
  std::chrono::milliseconds timeout{};  // from connecting to the first media
  std::size_t low_water_bytes = 0;      // of a player that counts: see Drain
  std::optional<Reference> reference;   // what verified players must get
};

class Player : public StreamClient, private MediaListener {
 public:
  // url: rtmp:// or http://.
  Player(EventLoop& loop, std::vector<std::uint8_t>& buffer, ThreadFigures& thread, Progress& progress,
         net::Url url, const PlayerSettings& settings, bool verified);

  void finish(Clock::time_point now) override;
  void on_timer(Clock::time_point now) override;

 private:
  void on_received() override;
  void on_failed(const std::string& reason) override { give_up(reason); }
  void on_closed(bool stream_ended) override;
  void on_media(const MediaMessage& message) override;
  void on_frame(bool is_video);
  bool has_seen_enough() const;
  // Something that a viewer waits for has come.
  void mark_alive();

  const net::Url url_;
  const PlayerSettings& settings_;
  std::unique_ptr<Verifier> verifier_;  // null: counts
  Clock::time_point last_alive_{};
  bool video_seen_ = false;
  std::uint32_t first_audio_ms_ = 0;  // of a stream without video: how much of it was there
  std::uint32_t last_audio_ms_ = 0;
};

}  // namespace srs::bench
