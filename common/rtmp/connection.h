// Connection: a socket that RTMP messages are read from and bytes are written to, with deadlines.
//
// What the protocol itself asks for (pings, acknowledgements) is answered here: into the outbox, because
// only the owner knows where a message boundary of its output is. One thread; one read and one write at
// a time.
//
// A peer that says much at once must not keep the thread: what is received is parsed in turns of 64 messages
// and one read of the socket. next() gives nothing more once the turn is over, or while more than 64 KiB of
// answers wait in the outbox; wait_for_input() lets the others of the thread have theirs, and begins the
// next.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "core/result.h"
#include "net/tls.h"
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
  // How much waits for a peer that asks and does not read.
  static constexpr std::size_t max_reply_bytes = 64 * 1024;
  static constexpr unsigned messages_a_turn = 64;

  // budget: of the process, for unfinished messages; null: none.
  explicit Connection(asio::ip::tcp::socket socket, std::shared_ptr<MessageBudget> budget = nullptr);

  // To another io_context, and so to another thread. Nothing may be pending.
  void move_to(const asio::any_io_executor& executor);
  asio::ip::tcp::socket& socket() { return state_->socket; }
  Outbox& outbox() { return outbox_; }
  ChunkReader& reader() { return reader_; }
  // Since the handshake.
  std::uint64_t received_bytes() const { return received_bytes_.all(); }

  // As long as the handshake runs: raw bytes, at least one.
  asio::awaitable<Result<std::vector<std::uint8_t>>> read_bytes(Deadline deadline);
  // Bytes that came behind the handshake.
  void unread(Bytes bytes) { take_in(bytes); }

  // The next message that is not the protocol's own business. Errors: closed, timed_out, invalid_data.
  // Sends the outbox before it waits for input.
  asio::awaitable<Result<Message>> read(Deadline deadline);
  // The same in steps, for who sends the outbox himself: a message that has been received, none if there is
  // none or the turn is over; then a wait for input, at most until the deadline. While it waits, a connection
  // holds little memory.
  Result<std::optional<Message>> next();
  asio::awaitable<Result<void>> wait_for_input(Deadline deadline);
  // A long message of many parts counts as many: whether its reader should pause now (see pass_on()).
  bool is_turn_over() const { return turn_left_ == 0; }
  void count_part() { turn_left_ -= turn_left_ > 0 ? 1 : 0; }
  // Lets the others of the thread have their turn, and begins the next one here.
  asio::awaitable<void> pass_on();

  // For who waits for the socket by himself: a turn is begin_turn() and then poll() until it gives nothing.
  // If has_more() then, what is left needs another turn and no wait. Call forget_deadline() before: the one
  // of the last operation is still running.
  void begin_turn();
  Result<std::optional<Message>> poll();
  bool has_more() const { return rest_taken_ < rest_.size() || has_tls_input(); }
  void forget_deadline();

  // From now on everything goes through TLS, as a client: first the handshake with the server of this name.
  asio::awaitable<Result<void>> start_tls(std::string host, Deadline deadline);
  // Null without TLS. Who writes to the socket himself writes to this instead.
  net::TlsStream* tls() { return state_->tls.get(); }
  // Nothing more will be written.
  void shut_sending();

  asio::awaitable<Result<void>> write(std::vector<std::uint8_t> bytes, Deadline deadline);
  asio::awaitable<Result<void>> flush(Deadline deadline);

 private:
  struct State : std::enable_shared_from_this<State> {
    explicit State(asio::ip::tcp::socket connected)
        : socket(std::move(connected)), timer(socket.get_executor()) {}
    void set_timer();
    void on_timer();

    asio::ip::tcp::socket socket;
    std::unique_ptr<net::TlsStream> tls;
    asio::steady_timer timer;
    Deadline deadline = no_deadline;      // of what is waited for now
    Deadline timer_set_to = no_deadline;  // never: no timer runs
    bool timed_out = false;
  };

  void arm(Deadline deadline);
  Error failure(const asio::error_code& error) const;
  Result<void> receive();
  Result<void> receive_tls();
  asio::awaitable<Result<std::vector<std::uint8_t>>> read_bytes_tls();
  asio::awaitable<Result<void>> write_tls(std::vector<std::uint8_t> bytes);
  asio::awaitable<Result<void>> wait_for(asio::ip::tcp::socket::wait_type what);
  void take_in(Bytes input);
  void parse(Bytes& input);
  bool may_parse() const { return turn_left_ > 0 && outbox_.size() < max_reply_bytes; }
  bool has_tls_input() const { return state_->tls && state_->tls->has_input(); }
  bool answer(const Message& message);

  // Shared with the timer's handler, which may run once more after we are gone.
  std::shared_ptr<State> state_;
  ChunkReader reader_;
  Outbox outbox_;
  std::vector<Message> ready_;
  std::size_t ready_taken_ = 0;
  std::vector<std::uint8_t> rest_;  // received, and not parsed yet; mostly empty
  std::size_t rest_taken_ = 0;
  unsigned turn_left_ = messages_a_turn;
  bool received_ = false;  // in this turn
  std::optional<Error> broken_;
  ReceivedBytes received_bytes_;
  std::uint32_t window_bytes_ = 2'500'000;
};

}  // namespace srs::rtmp
