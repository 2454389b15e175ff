// TlsStream: the client's side of TLS (RFC 8446, RFC 5246) over a connected socket, by OpenSSL.
//
// It never waits: each call does what can be done now, and who waits waits for the socket. What it has taken
// to be sent counts as sent, whether the socket had room for it or not; so the caller may go on with other
// bytes than those he would have sent, as a player does that skips. One thread.
//
// The server has to prove that it is who it is called: its certificate must come from an authority in the
// system's store (or in the file that the environment names in SSL_CERT_FILE) and be for the host's name.
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
  enum class Wait : std::uint8_t { nothing, input, room };

  // The socket must outlive the stream. host: as the user wrote it, a name or an address.
  static Result<std::unique_ptr<TlsStream>> client(int socket, const std::string& host);
  ~TlsStream();

  // A step of the handshake: what to wait for before the next one; nothing once it is done. Errors say what
  // to do about them.
  Result<Wait> shake();

  // Takes in what the socket has. Errors: closed.
  Result<void> receive();
  // What has been taken in, decrypted; 0: that was all.
  Result<std::size_t> read(std::span<std::uint8_t> to);
  // Whether something has been taken in that was not read yet.
  bool has_input() const;

  // Takes bytes from the front, up to 64 KiB, and sends what the socket has room for; 0: it is full.
  Result<std::size_t> write(Bytes bytes);
  // Sends what was taken. True once nothing is left.
  Result<bool> flush();
  bool has_unsent() const { return sent_ < unsent_.size(); }
  // Tells the server that nothing more comes. The socket is to be shut afterwards.
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
