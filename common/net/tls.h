// TlsStream: the client's side of TLS (RFC 8446, RFC 5246) over a connected socket, by OpenSSL.
//
// It never blocks: each call does what is possible now, and the caller waits for the socket. Bytes that
// write() accepted count as sent, whether the socket had room for them or not; so the caller may go on with
// other bytes, as a player that skips does. One thread.
//
// The server must prove its name: its certificate must be for the host, and come from an authority in the
// system's store (or in the file that SSL_CERT_FILE names in the environment).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"

struct ssl_st;
struct bio_st;

namespace srs::net {

class TlsStream {
 public:
  enum class Wait : std::uint8_t { none, readable, writable };

  // The socket must outlive the stream. host: as the user wrote it, a name or an address.
  static Result<std::unique_ptr<TlsStream>> client(int socket, const std::string& host);
  ~TlsStream();

  // One step of the handshake. Returns what to wait for before the next step; none once it is done. Errors
  // say what to do about them.
  Result<Wait> handshake();

  // Buffers what the socket has. Errors: closed.
  Result<void> receive();
  // Decrypts buffered input; 0: nothing is left.
  Result<std::size_t> read(std::span<std::uint8_t> to);
  // Whether buffered input is left to read.
  bool has_input() const;

  // Accepts up to 64 KiB from the front, and sends what the socket has room for; 0: it is full.
  Result<std::size_t> write(Bytes bytes);
  // Sends accepted bytes. True once none are left.
  Result<bool> flush();
  bool has_unsent() const { return sent_ < unsent_.size(); }
  // Tells the server that nothing more comes. The socket should be shut down afterwards.
  void end();

 private:
  TlsStream(int socket, std::string host, ssl_st* ssl);

  void collect_output();
  Error failure(int result) const;
  Error refused_certificate(long why) const;

  const int socket_;
  const std::string host_;
  ssl_st* const ssl_;
  bio_st* const input_;   // encrypted; owned by ssl_
  bio_st* const output_;  // likewise
  std::vector<std::uint8_t> unsent_;
  std::size_t sent_ = 0;  // of unsent_
};

}  // namespace srs::net
