// Resolver looks up the addresses of a URL's host without blocking the caller's thread.
//
// The system's resolver blocks, for tens of seconds when name servers are down, and cannot be interrupted. So
// it runs on threads of its own (at most four, started on demand, ended when idle); they share only a queue
// with the Resolver and may outlive it. Nothing is cached: how often a name is looked up is up to the caller.
//
// Belongs to the thread of the io_context, which must outlive it.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "core/result.h"
#include "net/dns.h"
#include "net/url.h"

namespace srs::net {

class Resolver {
 public:
  using Done = std::function<void(Result<std::vector<Address>>)>;

  explicit Resolver(asio::io_context& io);
  // Cancels all look-ups: no callback is called afterwards.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // rtmp://name:1935: every address of the name, with the URL's port. rtmp+srv://_rtmp._tcp.name (and any
  // other scheme with "+srv"): the targets of the SRV records. A literal address resolves to itself at once.
  // `done` is called once, after this call has returned, on the io_context's thread; it may destroy the
  // Resolver. The io_context does not run out of work before that.
  void resolve(const Url& url, Done done);

 private:
  struct Queue;
  static void run(std::shared_ptr<Queue> queue);

  std::shared_ptr<Queue> queue_;
};

// Is the URL's host the name of SRV records? ("rtmp+srv://", "http+srv://")
bool is_service_url(const Url& url);

}  // namespace srs::net
