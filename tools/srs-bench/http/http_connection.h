// HttpConnection: successive GETs on a persistent connection (RFC 9112), for players that fetch files.
//
// A connection closed by the server between two requests is reopened; so is, once, a reused connection that
// breaks before the first byte of an answer. Bodies that nobody reads are discarded in the socket, uncopied.
// Owned by its listener; one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/byte_reader.h"
#include "srs-bench/loop/address.h"
#include "srs-bench/loop/event_loop.h"
#include "srs-bench/loop/socket.h"

namespace srs::bench {

class HttpConnection;

class HttpListener {
 public:
  virtual ~HttpListener() = default;
  // More bytes have arrived, heads included.
  virtual void on_bytes(std::size_t size) = 0;
  // The head of an answer has arrived. The body follows in on_body(), with Body::read.
  virtual void on_head(HttpConnection& from, int status) = 0;
  virtual void on_body(HttpConnection& from, Bytes piece) = 0;
  // The answer is complete.
  virtual void on_answered(HttpConnection& from) = 0;
  // The answer is missing or incomplete; the connection is closed. reason: the same for the same cause.
  virtual void on_broken(HttpConnection& from, const std::string& reason) = 0;
};

// Outlives its connections; changed only while none is open.
struct HttpServer {
  Address address;
  std::string authority;  // for the Host header
  TlsTarget tls;
};

class HttpConnection : public EventHandler {
 public:
  enum class Body { read, pass_over };

  HttpConnection(EventLoop& loop, std::vector<std::uint8_t>& buffer, const HttpServer& server,
                 HttpListener& listener)
      : loop_(loop), buffer_(buffer), server_(server), listener_(listener) {}
  ~HttpConnection() override { close(); }

  // The local address to connect from; outlives the connection.
  void bind_to(const Address* local) { local_ = local; }

  // target: path and query. Only while idle.
  void get(const std::string& target, Body body);
  bool is_busy() const { return state_ != State::idle; }
  // When the current request was made.
  Clock::time_point asked() const { return asked_; }
  // The answer's redirect target, if any: a reference.
  const std::string& location() const { return location_; }
  // When the last bytes arrived.
  Clock::time_point now() const { return now_; }
  // Closes the connection and drops the current request.
  void close();

  void on_ready(std::uint32_t events, Clock::time_point now) override;
  void on_timer(Clock::time_point) override {}

 private:
  enum class State { idle, head, body, chunk_size, chunk, chunk_end, trailer };

  void open();
  void finish_connecting();
  void drop();
  void send();
  void receive();
  // False: nothing more to read now.
  bool receive_some();
  void on_lost(const std::string& reason);
  // Returns the remaining bytes; nothing after an error, which was reported.
  std::optional<Bytes> feed(Bytes bytes);
  std::optional<Bytes> consume_head(Bytes bytes);
  bool parse_head();
  std::optional<Bytes> consume_chunked(Bytes bytes);
  Bytes consume_body(Bytes bytes, State then);
  void finish();

  EventLoop& loop_;
  std::vector<std::uint8_t>& buffer_;
  const HttpServer& server_;
  HttpListener& listener_;
  const Address* local_ = nullptr;
  Socket socket_;
  bool connecting_ = false;
  bool used_ = false;          // has carried an answer before
  bool answer_begun_ = false;  // part of the answer has arrived
  bool keep_alive_ = true;     // the connection persists after this answer
  bool until_close_ = false;   // the body ends when the connection closes
  Body how_ = Body::read;
  State state_ = State::idle;
  std::uint64_t left_ = 0;  // bytes left of the body or chunk
  Clock::time_point asked_{};
  Clock::time_point now_{};
  std::string request_;  // while its answer is awaited
  std::size_t sent_ = 0;
  std::string location_;
  std::string line_;  // a head or chunk size, as far as received
};

}  // namespace srs::bench
