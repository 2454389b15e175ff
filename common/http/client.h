// Client: HTTP requests on an io_context, by libcurl; answers may be endless.
//
//     http::Client client(io);
//     auto transfer = client.get({"http://origin:8080/live/x.flv"}, handlers);  // destroying it ends it
//
//     auto upload = client.send({.url = "https://cdn/x.ts", .method = "PUT", .body = pieces}, handlers);
//
// libcurl's multi interface is driven by the io_context: no thread, no polling; names are resolved by
// libcurl's own resolver threads. Connections are reused. The server of an https:// URL must prove its name,
// by an authority in the system's store or in the file that SSL_CERT_FILE names in the environment. Belongs
// to the thread of the io_context.
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"
#include "core/slice.h"
#include "http/request.h"

namespace srs::http {

struct ClientRequest {
  std::string url;                   // http:// or https://
  std::vector<std::string> headers;  // "Name: value"
  // Where to connect instead of to the URL's host ("192.0.2.7:8080", "[2001:db8::7]:8080"); may be empty.
  std::string connect_to;
  std::chrono::milliseconds connect_time{10'000};
  std::chrono::milliseconds total_time{0};  // 0: endless
  std::string method = "GET";               // or PUT, POST, DELETE
  std::vector<Slice> body{};                // of a PUT or POST, one after the other, read in place
  std::chrono::seconds stalled_time{0};     // ends a transfer that hardly moves for so long; 0: never
  bool follow_redirects = true;
  bool reads_refusals = false;  // on_bytes gets the body of an answer of 300 and up, too
};

// Called from the io_context, one after another. on_head and on_bytes may destroy their own transfer, but
// must not destroy or start any other: libcurl is in the middle of its work.
struct ClientHandlers {
  // The head of the answer itself has arrived (not that of a redirect). May be empty.
  std::function<void(int status, const Headers& headers)> on_head;
  // A part of the body of a 2xx answer (see reads_refusals). False ends the transfer. May be empty.
  std::function<bool(Bytes bytes)> on_bytes;
  // The end. Errors: not_found (404), refused (other statuses of 400 and up, and redirects that are not
  // followed), timed_out, too_large (64 KiB of heads), closed.
  std::function<void(Result<void> result)> on_done;
};

class Transfer;
struct TransferDeleter {
  void operator()(Transfer* transfer) const;
};
using TransferPtr = std::unique_ptr<Transfer, TransferDeleter>;  // destroying it ends the transfer

class Client {
 public:
  explicit Client(asio::io_context& io);
  // All transfers must have been destroyed.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  TransferPtr send(ClientRequest request, ClientHandlers handlers);
  TransferPtr get(ClientRequest request, ClientHandlers handlers) {
    return send(std::move(request), std::move(handlers));
  }

  // pause() stops reading the answer, resume() goes on. While a transfer is paused its server fills the
  // buffers of the kernel and then waits; one read (16 KiB) may still arrive. pause() may be called from
  // on_bytes; both may be called repeatedly, and after the end. Time-outs keep running, but a paused transfer
  // does not count as stalled.
  void pause(Transfer& transfer);
  void resume(Transfer& transfer);

 private:
  struct State;
  friend class Transfer;
  std::shared_ptr<State> state_;
};

}  // namespace srs::http
