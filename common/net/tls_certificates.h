// TlsCertificates: the certificates of --tls-cert as they are now.
//
// The files are read again on SIGHUP, and by itself a few seconds after they have changed: once nothing has
// changed for one look, so that a file is seldom read while it is written. What cannot be read leaves the old
// certificates in force and is logged once. Connections keep those that they began with.
//
// Belongs to the thread of the io_context, but for context().
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "cli/log.h"
#include "net/file_state.h"
#include "net/tls_context.h"
#include "net/tls_options.h"

namespace srs::net {

class TlsCertificates {
 public:
  static constexpr std::chrono::seconds look_interval{2};

  // Both must outlive it.
  TlsCertificates(asio::io_context& io, TlsOptions options, const cli::Log& log)
      : options_(std::move(options)), log_(log), timer_(io) {}

  // Reads the files, and watches them from now on. Does nothing if there are none.
  Result<void> open();
  // Reads them again.
  void reload();
  // Looks whether they have changed. Called by itself after open().
  void look();
  // Stops watching, so that io_context::run() may return.
  void close() { timer_.cancel(); }

  // Any thread. The ones in force, null before open(); for operators also with the demand for a client's
  // certificate.
  std::shared_ptr<const TlsContext> context(bool for_operators) const;
  // Whether operators must have a certificate.
  bool demands_certificate() const { return !options_.client_authorities.empty(); }

 private:
  std::vector<FileState> states() const;
  Result<void> load();
  void watch();

  const TlsOptions options_;
  const cli::Log& log_;
  asio::steady_timer timer_;
  std::vector<FileState> read_;  // of the files when they were read last
  std::vector<FileState> seen_;  // at the last look
  mutable std::mutex mutex_;     // of those below
  std::shared_ptr<const TlsContext> context_;
  std::shared_ptr<const TlsContext> for_operators_;
};

}  // namespace srs::net
