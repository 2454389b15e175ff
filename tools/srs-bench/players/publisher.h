// Publisher: sends a recording in a loop, each message when its timestamp is due.
//
// Timestamps continue from loop to loop. A publisher that loses its connection after it was accepted
// reconnects after a second and starts over, as encoders do.
#pragma once

#include "srs-bench/clients/client.h"
#include "srs-bench/content/media_listener.h"
#include "srs-bench/content/recording.h"
#include "srs-bench/rtmp/rtmp_dialog.h"

namespace srs::bench {

// The same for all publishers of a run.
struct PublisherSettings {
  Address address;
  std::chrono::milliseconds timeout{};  // until it is accepted
  bool embeds_clock = true;             // see clock_sei.h
  Recording recording;
  std::shared_ptr<const net::TlsContext> trust{};
};

class Publisher : public StreamClient, private MediaListener {
 public:
  Publisher(EventLoop& loop, std::vector<std::uint8_t>& buffer, ThreadFigures& thread, Progress& progress,
            net::Url url, const PublisherSettings& settings)
      : StreamClient(loop, buffer, thread, progress), url_(std::move(url)), settings_(settings) {}

  void finish(Clock::time_point now) override;
  void on_timer(Clock::time_point now) override;

 private:
  void on_received() override;
  void on_sent() override;
  void on_failed(const std::string& reason) override { give_up_or_try_again(reason, refusal().detail); }
  void give_up_or_try_again(const std::string& reason, const std::string& detail);
  void on_closed(bool) override { on_failed("closed by the server"); }
  void on_media(const MediaMessage&) override {}  // servers send publishers none

  void connect(Clock::time_point now);
  void begin_media();
  // Sends what is due, and sets the timer for the next message.
  void send_due(Clock::time_point now);
  Clock::time_point next_due() const;
  void append(std::vector<std::uint8_t>& to, const media::Message& message, std::int64_t timestamp_ms,
              Clock::time_point due);
  const Recording& recording() const { return settings_.recording; }

  const net::Url url_;
  const PublisherSettings& settings_;
  RtmpDialog* dialog_ = nullptr;  // the connection owns it
  bool sending_ = false;
  Clock::time_point epoch_{};  // when timestamp 0 is due
  std::int64_t turn_start_ms_ = 0;
  std::size_t position_ = 0;
  std::vector<Clock::time_point> waiting_;  // due times of the messages in unsent data
};

}  // namespace srs::bench
