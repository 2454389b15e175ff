// HttpConnection: one GET after the other on a connection that is kept (RFC 9112), for players that fetch
// files.
//
// A connection that the server closes between two requests is opened anew; so is one that breaks off before
// the first byte of an answer to a request that went out on a used connection, once. Bodies that nobody has
// to see are thrown away in the socket, uncopied. Belongs to its listener, one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "address.h"
#include "core/byte_reader.h"
#include "event_loop.h"

namespace srs::bench {

class HttpConnection;

class HttpListener {
 public:
  virtual ~HttpListener() = default;
  // So many bytes more have come, heads included.
  virtual void on_bytes(std::size_t size) = 0;
  // The head of an answer has come. What follows comes in on_body(), if it is to be read.
  virtual void on_head(HttpConnection& from, int status) = 0;
  virtual void on_body(HttpConnection& from, Bytes piece) = 0;
  // The answer is whole.
  virtual void on_answered(HttpConnection& from) = 0;
  // There is no answer, or not all of it; the connection is closed. reason: the same for the same cause.
  virtual void on_broken(HttpConnection& from, const std::string& reason) = 0;
};

// The same for all connections of a run; outlives them.
struct HttpServer {
  Address address;
  std::string authority;  // for the Host header
};

class HttpConnection : public EventHandler {
 public:
  enum class Body { read, pass_over };

  HttpConnection(EventLoop& loop, std::vector<std::uint8_t>& buffer, const HttpServer& server,
                 HttpListener& listener)
      : loop_(loop), buffer_(buffer), server_(server), listener_(listener) {}
  ~HttpConnection() override { close(); }

  // Connects from there; outlives the connection.
  void bind_to(const Address* local) { local_ = local; }

  // target: path and query. Not while an answer is awaited.
  void get(const std::string& target, Body body);
  bool is_busy() const { return state_ != State::idle; }
  // When the answer that is awaited was asked for.
  Clock::time_point asked() const { return asked_; }
  // When the last byte came.
  Clock::time_point now() const { return now_; }
  // Nothing is awaited any more.
  void close();

  void on_ready(std::uint32_t events, Clock::time_point now) override;
  void on_timer(Clock::time_point) override {}

 private:
  enum class State { idle, head, body, chunk_size, chunk, chunk_end, trailer };

  void open();
  void drop();
  void send();
  void receive();
  // False: no more to read now.
  bool receive_some();
  void lose(const std::string& reason);
  // What is left of the bytes behind it; nothing after an error, which was told.
  std::optional<Bytes> feed(Bytes bytes);
  std::optional<Bytes> take_head(Bytes bytes);
  bool read_head();
  std::optional<Bytes> take_chunked(Bytes bytes);
  Bytes take_body(Bytes bytes, State then);
  void finish();

  EventLoop& loop_;
  std::vector<std::uint8_t>& buffer_;
  const HttpServer& server_;
  HttpListener& listener_;
  const Address* local_ = nullptr;
  int fd_ = -1;
  bool connecting_ = false;
  bool used_ = false;        // has answered before
  bool told_ = false;        // something of the answer has come
  bool keeps_ = true;        // after this answer
  bool to_the_end_ = false;  // the body ends with the connection
  Body how_ = Body::read;
  State state_ = State::idle;
  std::uint64_t left_ = 0;  // of the body or the chunk
  Clock::time_point asked_{};
  Clock::time_point now_{};
  std::string request_;  // while its answer is awaited
  std::size_t sent_ = 0;
  std::string line_;  // a head or a chunk's size, as far as it came
};

}  // namespace srs::bench
