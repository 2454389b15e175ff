// Moves a connection to another io_context, and so to another thread.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/ip/tcp.hpp>

namespace srs::net {

// The same connection on another executor. Nothing may be pending on the socket, which is closed afterwards.
inline asio::ip::tcp::socket move_socket(asio::ip::tcp::socket& socket,
                                         const asio::any_io_executor& executor) {
  asio::error_code ignored;
  const auto protocol = socket.local_endpoint(ignored).protocol();
  asio::ip::tcp::socket moved(executor, protocol, socket.release());
  moved.non_blocking(true, ignored);
  return moved;
}

}  // namespace srs::net
