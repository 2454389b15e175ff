// Player: plays one stream and notes when what came.
#pragma once

#include "client.h"
#include "media_listener.h"

namespace srs::bench {

class Player : public Client, private MediaListener {
 public:
  // url: rtmp:// or http://. timeout: from connecting to the first media.
  Player(EventLoop& loop, std::vector<std::uint8_t>& buffer, ThreadFigures& thread, Progress& progress,
         net::Url url, const Address& address, std::chrono::milliseconds timeout)
      : Client(loop, buffer, thread, progress), url_(std::move(url)), address_(address), timeout_(timeout) {}

  void finish(Clock::time_point now) override;
  void on_timer(Clock::time_point now) override;

 private:
  void on_received() override;
  void on_failed(const std::string& reason) override { give_up(reason); }
  void on_closed(bool stream_ended) override;
  void on_media(media::MessageKind kind, std::uint32_t timestamp_ms) override;
  void on_frame(bool is_video);

  const net::Url url_;
  const Address& address_;
  const std::chrono::milliseconds timeout_;
  Clock::time_point last_frame_{};
};

}  // namespace srs::bench
