// Publishers: who publishes which stream over RTMP, and what happens when they go and come back.
//
// A publisher that goes away leaves its stream open for the grace time. If one comes back under
// the same path in time, the stream goes on: its timeline continues and an onDiscontinuity tag marks the
// seam. Then the stream ends.
//
// A publisher that is a relay (it says which way its stream came) sends what is on an absolute timeline
// already, with onClock and onDiscontinuity in it. When it is lost and back, its stream is spliced
// (media::Splice): what it repeats is left out and its times go on unchanged.
//
// A second publisher of a stream whose first is alive is rejected with NetStream.Publish.BadName, or
// kicks the first, as --takeover says. A first one that has been silent for 5 s gives way anyway: a
// half-open connection must not lock an encoder out.
//
// What publishers may cost is bounded: streams in all and of one address (StreamQuota), unfinished messages
// of all (MessageBudget), metadata of each stream, lines of the log. A name that never brought media ends
// with its publisher. Metadata and data of more than 1 MiB is left out, which is said once.
//
// One thread. Sessions hold on to the Publishers object: stop() and run the io_context until
// sessions() is 0 before it goes.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/log.h"
#include "media/message.h"
#include "media/pipe_reader.h"
#include "rtmp/listed_session.h"
#include "rtmp/message_budget.h"
#include "rtmp/server_session.h"
#include "rtmp/stream_quota.h"

namespace srs::rtmp {

// Where published streams go. Timestamps are on the stream's absolute timeline.
class PublishSink {
 public:
  virtual ~PublishSink() = default;
  // False: the path is taken by another input; the publisher is rejected.
  virtual bool on_begin(const media::StreamInfo& info) = 0;
  virtual void on_message(const std::string& path, media::Message message) = 0;
  virtual void on_end(const std::string& path) = 0;
  // True while the sink has no room and wants publishers to be read no further.
  virtual bool full() const { return false; }
};

class Publishers {
 public:
  enum class Takeover { reject, kick };
  struct Options {
    std::chrono::milliseconds grace{15'000};
    Takeover takeover = Takeover::reject;
    std::string only_path;  // if set, other streams are refused
    std::string node;       // our id among relays: a stream that came through here before is refused
    StreamQuota::Limits limits;
    std::shared_ptr<MessageBudget> budget;  // null: none
  };
  // A first publisher that sent nothing for this long makes room for a second.
  static constexpr std::chrono::seconds silence_limit{5};
  // The same for a relay that brings the same timeline: two connections of one are not in use at a time.
  static constexpr std::chrono::seconds relay_silence_limit{1};

  Publishers(asio::io_context& io, PublishSink& sink, Options options, const cli::Log& log);

  // Serves one connection, from the handshake to its end.
  asio::awaitable<void> serve(asio::ip::tcp::socket socket, net::Ticket ticket = {});
  // Serves a publisher whose request is known and whose path is checked.
  asio::awaitable<void> serve(std::shared_ptr<ServerSession> session, Request request);

  // No more publishers come: those that are here are asked to go elsewhere, and a stream ends with its
  // publisher.
  void drain();
  // Ends all streams, as at the end of the program, and closes all connections.
  void stop();
  // A publisher that is connected, for operators. number: unique as long as this lives.
  struct Client {
    std::uint64_t number = 0;
    std::string path, address, software;
    std::chrono::steady_clock::time_point since{};
    std::uint64_t received_bytes = 0;  // of media
  };
  std::vector<Client> clients() const;
  // Cuts one off: its stream waits for it to come back, as after any loss. False if there is none.
  bool cut_off(std::uint64_t number, const std::string& why);
  std::size_t sessions() const { return sessions_.size(); }
  std::size_t streams() const { return streams_.size(); }

 private:
  struct Stream;
  using StreamPtr = std::shared_ptr<Stream>;

  Result<void> may_publish(const Request& request) const;
  Result<StreamPtr> enter(const std::shared_ptr<ServerSession>& session, const Request& request);
  Result<StreamPtr> begin(const Request& request);
  Result<void> count(Stream& stream, const Request& request);
  asio::awaitable<void> take_media(std::shared_ptr<ServerSession> session, StreamPtr stream);
  bool makes_room(const Stream& stream, const Request& request) const;
  void take_message(Stream& stream, MediaMessage message);
  void take_spliced(Stream& stream, MediaMessage message);
  void hand_on(Stream& stream, media::Message message);
  void add_clock(Stream& stream, std::int64_t timestamp_ms);
  void tell_left_out(Stream& stream);
  void tell_tracks(const Stream& stream, const std::string& note);
  template <class... Args>
  void tell(const char* cause, fmt::format_string<Args...> text, Args&&... args);
  void leave(const StreamPtr& stream, const ServerSession& session, const std::string& why);
  void kick(Stream& stream, const std::string& why);
  asio::awaitable<void> wait_for_room();
  void end(const StreamPtr& stream);

  asio::io_context& io_;
  PublishSink& sink_;
  Options options_;
  const cli::Log& log_;
  std::map<std::string, StreamPtr> streams_;
  SessionList sessions_;
  StreamQuota quota_;
  asio::steady_timer room_;  // cancelled when the sink has room again
  asio::steady_timer room_poll_;
  bool polls_room_ = false;
  bool draining_ = false;
  std::uint64_t last_number_ = 0;
  bool stopping_ = false;
};

}  // namespace srs::rtmp
