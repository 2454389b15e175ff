// Moves a connection to another io_context, and so to another thread.
#pragma once

#include "net/socket.h"

namespace srs::net {

// The same connection on another executor. Nothing may be pending on the socket, which is closed afterwards.
inline Socket move_socket(Socket& socket, const asio::any_io_executor& executor) {
  asio::error_code ignored;
  const auto protocol = socket.tcp().local_endpoint(ignored).protocol();
  asio::ip::tcp::socket moved(executor, protocol, socket.tcp().release());
  moved.non_blocking(true, ignored);
  return {std::move(moved), socket.take_tls()};  // the descriptor stays the same
}

}  // namespace srs::net
