// Connection: a socket that speaks a Protocol. Player and Publisher handle the media.
//
// All connections of a thread read into one buffer; a connection owns only its socket, its protocol's state,
// and unsent bytes. A connection that only counts reads nothing: see Drain.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "srs-bench/loop/address.h"
#include "srs-bench/loop/drain.h"
#include "srs-bench/loop/event_loop.h"
#include "srs-bench/loop/protocol.h"
#include "srs-bench/loop/socket.h"

namespace srs::bench {

class Connection : public EventHandler {
 public:
  Connection(EventLoop& loop, std::vector<std::uint8_t>& buffer) : loop_(loop), buffer_(buffer) {}
  ~Connection() override { close(); }

  // The local address to connect from; outlives the connection.
  void bind_to(const Address& local) { local_ = &local; }

  bool is_open() const { return socket_.is_open(); }
  std::uint64_t bytes() const { return bytes_; }  // received

  void on_ready(std::uint32_t events, Clock::time_point now) final;
  // For connections that only count, called a few times a second: a slow stream seldom wakes them, a silent
  // one never.
  void tick(Clock::time_point now);

 protected:
  void open(const Address& address, TlsTarget tls, std::unique_ptr<Protocol> protocol);
  void close();
  // From now on bytes are counted, not read; this cannot be undone. Over TLS they are read all the same.
  void count_only(std::size_t low_water_bytes);
  bool is_counting() const { return drain_.has_value(); }
  // Sends, or queues what the socket does not accept. False if the connection failed.
  bool send(Bytes bytes);
  bool has_unsent() const { return !unsent_.empty() || socket_.holds_unsent(); }
  Clock::time_point now() const { return now_; }
  EventLoop& loop() { return loop_; }
  // The server's refusal, for on_failed(); empty if that was not the cause.
  const Refusal& refusal() const { return refusal_; }
  // What an open connection waits for: "a connection", or as the protocol defines.
  std::string_view awaits() const;

  // Bytes were received.
  virtual void on_received() = 0;
  // All queued bytes are sent.
  virtual void on_sent() {}
  // The connection is closed for good. reason: a few words, the same for the same cause.
  virtual void on_failed(const std::string& reason) = 0;
  // The server closed it, or ended the stream.
  virtual void on_closed(bool stream_ended) = 0;

 private:
  void fail(const std::string& reason);
  bool finish_connecting();
  void receive();
  bool receive_some();
  void drain_received();
  void count_received();
  void end_counting(int error);
  // Sending failed. False.
  bool on_send_error(int error);
  bool flush();
  bool send_output();
  void watch_events(std::uint32_t events);

  EventLoop& loop_;
  std::vector<std::uint8_t>& buffer_;
  const Address* local_ = nullptr;  // null: the system chooses
  Socket socket_;
  TlsTarget tls_;
  bool connecting_ = false;  // or shaking hands
  std::uint32_t watched_events_ = 0;
  std::uint64_t bytes_ = 0;
  Clock::time_point now_{};
  std::unique_ptr<Protocol> protocol_;
  Refusal refusal_;
  std::optional<Drain> drain_;
  std::uint64_t bytes_before_drain_ = 0;
  bool end_checked_ = false;  // since the last received byte
  Clock::time_point keep_alive_due_{};
  std::vector<std::uint8_t> unsent_;
  std::size_t waiting_replies_ = 0;  // upper bound of the protocol's replies within unsent_
};

}  // namespace srs::bench
