// TlsStream: either side of TLS (RFC 8446, RFC 5246) over a connected socket, by OpenSSL.
//
// It never blocks: each call does what is possible now, and the caller waits for the socket. Bytes that
// send() accepted count as sent, whether the socket had room for them or not; so the caller may go on with
// other bytes, as a player that skips does. One thread.
//
// OpenSSL reads from the socket by itself. What it writes goes to the socket as well, and only what that has
// no room for is kept, so that an idle connection holds no buffer.
//
// A server must prove its name: its certificate must be for the host, and come from an authority that the
// context trusts. A client's certificate is asked for if the context says so.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"
#include "net/tls_context.h"

struct ssl_st;
struct bio_st;

namespace srs::net {

class TlsStream {
 public:
  enum class Wait : std::uint8_t { none, readable, writable };
  // What a handshake may take from the peer. Usually it is less than 4 KiB.
  static constexpr std::size_t max_handshake_bytes = 64 * 1024;

  // The socket must outlive the stream. host: as the user wrote it, a name or an address.
  static Result<std::unique_ptr<TlsStream>> client(int socket, const std::string& host,
                                                   std::shared_ptr<const TlsContext> context);
  // protocols: those of ALPN that are served, the best first, in the form of RFC 7301, section 3.1, such as
  // alpn_http; a client that offers others is refused. Empty: ALPN is not used. Outlives the stream.
  static Result<std::unique_ptr<TlsStream>> server(int socket, std::shared_ptr<const TlsContext> context,
                                                   std::string_view protocols);
  static constexpr std::string_view alpn_http{"\x08http/1.1"};  // h2 goes before it, once it is served
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  // One step of the handshake. Returns what to wait for before the next step; none once it is done. Errors
  // say what to do about them: invalid_data; closed for a peer that is gone.
  Result<Wait> handshake();
  // Whether the handshake failed because the client speaks plain HTTP.
  bool is_plain_http() const { return is_plain_http_; }
  // The common name in the client's certificate, which has been verified; empty if it has none.
  std::string peer_name() const;

  // Reads and decrypts; 0: nothing more is there, or it was 64 KiB without content. Errors: closed.
  Result<std::size_t> read(std::span<std::uint8_t> to);
  // The same, again and again, until all of `to` is filled or nothing more is there.
  Result<std::size_t> fill(std::span<std::uint8_t> to);
  // Whether there may be something to read though the socket is not readable: until read() has returned 0.
  bool has_input() const { return has_input_; }

  // Accepts bytes from the front, as many as the socket has room for and up to 32 KiB more; 0: it is full.
  // At most 512 KiB in a call. Without any bytes it only sends those that were accepted. Errors: closed.
  Result<std::size_t> send(std::span<const iovec> pieces);
  // Sends accepted bytes. True once none are left.
  Result<bool> flush();
  bool has_unsent() const { return sent_ < unsent_.size(); }
  // Tells the peer that nothing more comes. The socket should be shut down afterwards.
  void end();

  // What OpenSSL calls to choose a protocol of ALPN.
  static int on_protocols(ssl_st* ssl, const unsigned char** chosen, unsigned char* chosen_size,
                          const unsigned char* offered, unsigned offered_size, void*);

 private:
  // Encrypted bytes on their way to the socket, on the stack of send().
  struct Stage;
  struct Bio;  // how OpenSSL gets to the socket

  TlsStream(int socket, std::string peer, std::shared_ptr<const TlsContext> context, ssl_st* ssl);
  static Result<ssl_st*> open(const TlsContext& context);

  Result<std::size_t> encrypt(std::span<const iovec>& pieces, std::size_t& offset);
  Result<void> send_staged(Bytes bytes);
  bool keep_unsent(Bytes bytes);
  Error failure(int result);
  Error refused_certificate(long why) const;
  Error foreign_peer(int reason);

  const int socket_;
  const std::string host_;  // of a server; empty: the peer is a client
  const std::shared_ptr<const TlsContext> context_;
  ssl_st* const ssl_;
  std::string_view protocols_;   // of a server
  Stage* stage_ = nullptr;       // while send() encrypts
  std::size_t may_receive_ = 0;  // in this call
  std::size_t handshake_bytes_ = 0;
  std::size_t late_messages_ = 0;  // after the handshake
  std::vector<std::uint8_t> unsent_;
  std::size_t sent_ = 0;  // of unsent_
  bool has_input_ = true;
  bool shaken_ = false;
  bool hung_up_ = false;  // the socket is at its end
  bool is_plain_http_ = false;
};

}  // namespace srs::net
