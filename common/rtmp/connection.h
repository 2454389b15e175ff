// Connection reads RTMP messages from a socket and writes bytes to it, with deadlines.
//
// It answers pings and sends acknowledgements itself: into the outbox, because only the owner knows the
// message boundaries of its output. One thread; one read and one write at a time.
//
// A talkative peer must not hold the thread: input is parsed in turns of 64 messages and one read of the
// socket. next() returns nothing more once the turn is over, or while more than 64 KiB of answers wait in the
// outbox; wait_for_input() yields to the thread's other connections and begins the next turn.
#pragma once

#include <array>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "core/result.h"
#include "net/pacer.h"
#include "net/socket.h"
#include "rtmp/chunk_reader.h"
#include "rtmp/command.h"
#include "rtmp/received_bytes.h"

namespace srs::rtmp {

using Deadline = std::chrono::steady_clock::time_point;
inline constexpr Deadline no_deadline = Deadline::max();
inline Deadline deadline_in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

class Connection {
 public:
  // Most bytes of answers that wait for a peer that does not read.
  static constexpr std::size_t max_reply_bytes = 64 * 1024;
  static constexpr unsigned messages_per_turn = 64;

  // budget: the process's, for unfinished messages; null: none.
  explicit Connection(net::Socket socket, std::shared_ptr<MessageBudget> budget = nullptr);

  // Moves to another io_context, and so to another thread. Nothing may be pending.
  void move_to(const asio::any_io_executor& executor);
  // Asked before each wait for input; null: nobody. Outlives the connection.
  void set_pacer(net::Pacer* pacer) { pacer_ = pacer; }
  net::Socket& socket() { return state_->socket; }
  Outbox& outbox() { return outbox_; }
  ChunkReader& reader() { return reader_; }
  // Since the handshake.
  std::uint64_t received_bytes() const { return received_bytes_.all(); }

  // During the handshake: raw bytes, at least one.
  asio::awaitable<Result<std::vector<std::uint8_t>>> read_bytes(Deadline deadline);
  // Bytes that followed the handshake.
  void unread(Bytes bytes) { on_bytes(bytes); }

  // The next message that is not a control message. Errors: closed, timed_out, invalid_data. Sends the outbox
  // before it waits for input.
  asio::awaitable<Result<Message>> read(Deadline deadline);
  // The same in steps, for callers that send the outbox themselves: a received message, none if there is none
  // or the turn is over; then a wait for input, at most until the deadline. A waiting connection holds 4 KiB.
  Result<std::optional<Message>> next();
  asio::awaitable<Result<void>> wait_for_input(Deadline deadline);
  // Whether a reader should call yield_turn() now; each part of an aggregate counts as a message.
  bool is_turn_over() const { return turn_left_ == 0; }
  void count_part() { turn_left_ -= turn_left_ > 0 ? 1 : 0; }
  // Yields to the thread's other coroutines, then begins the next turn.
  asio::awaitable<void> yield_turn();

  // For callers that wait for the socket themselves: a turn is begin_turn(), then poll() until it returns
  // nothing. If has_more() then, another turn is needed, without a wait. Call forget_deadline() first: the
  // last operation's deadline is still running. It also gives back the buffer of wait_for_input().
  void begin_turn();
  Result<std::optional<Message>> poll();
  bool has_more() const { return consumed_ < unparsed_.size() || state_->socket.has_input(); }
  void forget_deadline();

  // Shakes hands as a TLS client with the server of this name; from then on everything goes through TLS.
  // context: whom to trust; null: the system's authorities.
  asio::awaitable<Result<void>> start_tls(std::string host, std::shared_ptr<const net::TlsContext> context,
                                          Deadline deadline);
  // Shuts down the sending side.
  void shut_sending();

  asio::awaitable<Result<void>> write(std::vector<std::uint8_t> bytes, Deadline deadline);
  asio::awaitable<Result<void>> flush(Deadline deadline);

 private:
  // What a wait for input reads by itself: most messages. Larger ones go on in a buffer that is not kept.
  using FirstBytes = std::array<std::uint8_t, 4096>;
  struct State : std::enable_shared_from_this<State> {
    explicit State(net::Socket connected)
        : socket(std::move(connected)), timer(socket.tcp().get_executor()) {}
    void set_timer();
    void on_timer();

    net::Socket socket;
    asio::steady_timer timer;
    Deadline deadline = no_deadline;      // of the pending operation
    Deadline timer_set_to = no_deadline;  // no_deadline: no timer runs
    bool timed_out = false;
  };

  void arm(Deadline deadline);
  Error failure(const asio::error_code& error) const;
  Result<void> receive();
  asio::awaitable<Result<std::vector<std::uint8_t>>> read_bytes_tls();
  asio::awaitable<Result<void>> write_tls(std::vector<std::uint8_t> bytes);
  asio::awaitable<Result<void>> wait_for(asio::ip::tcp::socket::wait_type what);
  void on_bytes(Bytes input);
  void parse(Bytes& input);
  bool may_parse() const { return turn_left_ > 0 && outbox_.size() < max_reply_bytes; }
  bool on_control(const Message& message);

  // Shared with the timer's handler, which may run once more after our destruction.
  std::shared_ptr<State> state_;
  ChunkReader reader_;
  Outbox outbox_;
  std::vector<Message> ready_;
  std::size_t next_ready_ = 0;
  std::unique_ptr<FirstBytes> first_bytes_;  // null until the first wait
  std::vector<std::uint8_t> unparsed_;       // mostly empty
  std::size_t consumed_ = 0;
  unsigned turn_left_ = messages_per_turn;
  bool received_ = false;  // the socket was read in this turn
  net::Pacer* pacer_ = nullptr;
  std::optional<Error> broken_;
  ReceivedBytes received_bytes_;
  std::uint32_t window_bytes_ = 2'500'000;
};

}  // namespace srs::rtmp
