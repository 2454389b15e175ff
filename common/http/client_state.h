// The state of a Client: libcurl's multi handle, and the sockets and the timer that it wants watched.
// Internal to the client. Shared by the Client and its transfers.
#pragma once

#include <curl/curl.h>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <map>
#include <memory>

#include "http/client.h"

namespace srs::http {

// Watches one of libcurl's sockets, by a duplicate of its descriptor, since libcurl may close its own at any
// time.
struct Watch {
  explicit Watch(asio::io_context& io, int fd) : descriptor(io, fd) {}

  asio::posix::stream_descriptor descriptor;
  int wanted = 0;  // CURL_POLL_*
  bool reads = false;
  bool writes = false;
};

struct Client::State : std::enable_shared_from_this<Client::State> {
  State(asio::io_context& context, std::shared_ptr<const net::TlsContext> trusted)
      : io(context), trust(std::move(trusted)), timer(context) {}
  ~State() { curl_multi_cleanup(multi); }

  void start();
  void act(curl_socket_t socket, int events);
  void finish_done();
  void wait_for(curl_socket_t socket, const std::shared_ptr<Watch>& watch);
  void on_ready(curl_socket_t socket, const std::shared_ptr<Watch>& watch, int event);
  static int on_socket(CURL*, curl_socket_t socket, int what, void* user, void*);
  static int on_timer(CURLM*, long milliseconds, void* user);

  asio::io_context& io;
  const std::shared_ptr<const net::TlsContext> trust;
  asio::steady_timer timer;
  CURLM* multi = curl_multi_init();
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches;
};

}  // namespace srs::http
