// Connection: a socket that speaks a Protocol. Player and Publisher say what the media is for.
//
// All connections of a thread read into one buffer; what a connection owns is its socket, its protocol's
// state, and the bytes that its socket did not take. A connection that only counts reads nothing: see Drain.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "address.h"
#include "drain.h"
#include "event_loop.h"
#include "protocol.h"

namespace srs::bench {

class Connection : public EventHandler {
 public:
  Connection(EventLoop& loop, std::vector<std::uint8_t>& buffer) : loop_(loop), buffer_(buffer) {}
  ~Connection() override { close(); }

  // Connects from there; lives longer than the connection.
  void bind_to(const Address& local) { local_ = &local; }

  bool is_open() const { return fd_ >= 0; }
  std::uint64_t bytes() const { return bytes_; }  // received

  void on_ready(std::uint32_t events, Clock::time_point now) final;
  // For connections that only count, a few times a second: a slow stream wakes them seldom, and one that
  // falls silent never.
  void look(Clock::time_point now);

 protected:
  void open(const Address& address, std::unique_ptr<Protocol> protocol);
  void close();
  // From now on bytes are counted, not read; there is no way back.
  void count_only(std::size_t low_water_bytes);
  bool is_counting() const { return drain_.has_value(); }
  // Sends, or keeps what the socket does not take. False if the connection failed.
  bool send(Bytes bytes);
  bool has_unsent() const { return !unsent_.empty(); }
  Clock::time_point now() const { return now_; }
  EventLoop& loop() { return loop_; }

  // The first bytes, or more.
  virtual void on_received() = 0;
  // Everything is sent that send() took.
  virtual void on_sent() {}
  // The connection is closed and will not come back. reason: a few words, the same for the same cause.
  virtual void on_failed(const std::string& reason) = 0;
  // The server closed it, or said that the stream is over.
  virtual void on_closed(bool stream_ended) = 0;

 private:
  void fail(const std::string& reason);
  bool connect_to(const Address& address);
  bool finish_connecting();
  void receive();
  void take_unseen();
  void count_received();
  void end_counting(int error);
  int pending_error() const;
  // Sending failed. False.
  bool lose(int error);
  bool flush();
  bool send_output();
  void want(std::uint32_t events);

  EventLoop& loop_;
  std::vector<std::uint8_t>& buffer_;
  const Address* local_ = nullptr;  // null: the system chooses
  int fd_ = -1;
  bool connecting_ = false;
  std::uint32_t wanted_ = 0;
  std::uint64_t bytes_ = 0;
  Clock::time_point now_{};
  std::unique_ptr<Protocol> protocol_;
  std::optional<Drain> drain_;
  std::uint64_t bytes_before_drain_ = 0;
  bool end_looked_for_ = false;  // since the last byte
  Clock::time_point keep_alive_due_{};
  std::vector<std::uint8_t> unsent_;
  std::size_t waiting_replies_ = 0;  // bytes of unsent_, at most, that the protocol answered with
};

}  // namespace srs::bench
