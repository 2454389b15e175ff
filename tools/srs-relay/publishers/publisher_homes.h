// PublisherHomes: publishers on the workers' threads.
//
// Each path has a home, the worker that reads its publishers, one after another: the session, its publication
// and the stream belong to that thread. A connection that another worker accepted moves there.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/log.h"
#include "live/publications.h"
#include "rtmp/publishers.h"
#include "srs-relay/streams/hub.h"
#include "srs-relay/streams/hub_stream.h"
#include "srs-relay/workers/worker.h"

namespace srs::relay {

class PublisherHomes {
 public:
  using Client = live::Publications::Client;

  // budget: of the process, for unfinished RTMP messages. The others must outlive it, and it must outlive
  // what waits in the workers' loops.
  PublisherHomes(Hub& hub, gate::Gate& gate, const std::vector<std::unique_ptr<Worker>>& workers,
                 live::Publications::Options options, const std::shared_ptr<rtmp::MessageBudget>& budget,
                 const cli::Log& log);

  // Takes a publisher over that has been admitted. Any thread: that on which
  // the session is.
  void adopt(const std::shared_ptr<rtmp::ServerSession>& session, const rtmp::Request& request);

  // The hub's thread, like everything that follows.
  // Asks all publishers to reconnect elsewhere.
  void drain();
  // Ends all streams and closes all connections, soon after.
  void stop();
  // Connections of publishers.
  std::size_t sessions() const;
  // Of those workers that answer in time.
  asio::awaitable<std::vector<Client>> clients(std::chrono::milliseconds patience) const;
  // See Publications::cut_off().
  asio::awaitable<bool> cut_off(std::uint64_t number, std::string why,
                                std::chrono::milliseconds patience) const;

 private:
  struct Home {
    Home(Hub& hub, gate::Gate& gate, Worker& at, const live::Publications::Options& options,
         const std::shared_ptr<rtmp::MessageBudget>& budget, const cli::Log& log);

    Worker& worker;
    PublishedStreams streams;
    live::Publications publications;
    rtmp::Publishers publishers;
  };

  Home& home_of(const std::string& path) const;

  Hub& hub_;
  const cli::Log& log_;
  const std::string salt_;  // nobody may choose names of one home
  std::vector<std::unique_ptr<Home>> homes_;
};

}  // namespace srs::relay
