// How a Connection sends its answers.
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>

#include "http/connection.h"

namespace srs::http {
namespace {

// Of a file, in one call: large enough that the calls do not count, small enough that others get their turn.
constexpr std::size_t file_piece_bytes = 512 * 1024;

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

asio::awaitable<bool> Connection::send_response(const Request* request, Response response, bool keep_alive) {
  if (!server_->options.cross_origin) response.cross_origin = false;
  const bool bodiless = (request && request->is_head()) || response.status == 204 || response.status == 304;
  const std::string head = head_of(response, keep_alive, request ? request->version_minor : 1);
  const bool more = !bodiless && response.size_bytes() > 0;
  if (more && !response.pieces.empty()) {
    const bool all = co_await send_pieces(head, std::move(response.pieces));
    co_return all;
  }
  if (more && !response.file) {
    const bool all = co_await send(head + response.body, 0);
    co_return all;
  }
  bool sent = co_await send(head, more ? MSG_MORE : 0);
  if (!sent || !more) co_return sent;
  sent = co_await send_file(std::move(*response.file));
  co_return sent;
}

// All of it, and what TLS has taken before.
asio::awaitable<bool> Connection::send(std::string_view bytes, int flags) {
  while (!bytes.empty() || socket_.holds_unsent()) {
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    const ssize_t size = socket_.send({&piece, 1}, flags);
    if (size < 0 && !would_block()) co_return false;
    if (size > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(size));
      sent_bytes_ += static_cast<std::uint64_t>(size);
    }
    if (bytes.empty() && !socket_.holds_unsent()) break;
    const bool ready = co_await writable();
    if (!ready) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Connection::send_file(FileRegion region) {
  auto offset = static_cast<off_t>(region.offset);
  std::uint64_t left = region.size_bytes;
  while (left > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, file_piece_bytes));
    const ssize_t size = socket_.send_file(region.file.descriptor(), offset, wanted);
    if (size == 0) co_return false;  // the file shrank: the promised length cannot be kept
    if (size < 0 && !would_block()) co_return false;
    if (size > 0) {
      left -= static_cast<std::uint64_t>(size);
      sent_bytes_ += static_cast<std::uint64_t>(size);
    }
    if (left == 0) break;
    const bool ready = co_await writable();
    if (!ready) co_return false;
  }
  if (!socket_.holds_unsent()) co_return true;
  const bool flushed = co_await send(std::string_view(), 0);
  co_return flushed;
}

asio::awaitable<bool> Connection::send_pieces(std::string head, std::vector<Slice> pieces) {
  std::vector<Bytes> left;
  left.reserve(pieces.size() + 1);
  left.emplace_back(reinterpret_cast<const std::uint8_t*>(head.data()), head.size());
  for (const Slice& piece : pieces) left.push_back(piece.bytes());
  for (std::size_t first = 0; first < left.size();) {
    std::array<iovec, 64> gathered;
    std::size_t count = 0;
    for (; count < gathered.size() && first + count < left.size(); ++count) {
      const Bytes bytes = left[first + count];
      gathered[count] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    }
    const ssize_t size = socket_.send({gathered.data(), count});
    if (size < 0 && !would_block()) co_return false;
    std::size_t taken = size > 0 ? static_cast<std::size_t>(size) : 0;
    sent_bytes_ += taken;
    while (first < left.size() && taken >= left[first].size()) taken -= left[first++].size();
    if (first == left.size()) break;
    left[first] = left[first].subspan(taken);
    const bool ready = co_await writable();
    if (!ready) co_return false;
  }
  if (!socket_.holds_unsent()) co_return true;
  const bool flushed = co_await send(std::string_view(), 0);
  co_return flushed;
}

asio::awaitable<bool> Connection::writable() {
  asio::error_code error;
  set_deadline(server_->options.stalled_time);
  auto& socket = socket_.tcp();
  if (!socket.is_open()) co_return false;
  co_await socket.async_wait(asio::ip::tcp::socket::wait_write,
                             asio::redirect_error(asio::use_awaitable, error));
  co_return !error && !timed_out_;
}

}  // namespace srs::http
