// Pusher: decides which streams are pushed where (--push, --push-file, --match).
//
// Each stream and destination is a Push of its own, spread over the workers. Belongs to the main thread, as
// the hub does, and must outlive the workers' threads.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "srs-relay/push/push.h"

namespace srs::relay {

class Pusher {
 public:
  // node: our own id. Subscribes to the hub's on_playable and on_ended.
  Pusher(Hub& hub, std::vector<std::unique_ptr<Worker>>& workers, PushOptions options, std::string node,
         const cli::Log& log);

  // Reads the file again: starts pushes to new destinations, ends those to removed ones.
  void reload();
  // Ends all pushes.
  void stop();
  // Whether all pushes have ended.
  bool done() const;
  std::vector<PushState> states() const;

 private:
  // A stream that is pushed. If its timeline has no name it gets one, so that the receiver can distinguish
  // the same stream after a reconnection from another one of its path.
  struct Pushed {
    std::shared_ptr<Stream> stream;
    std::string timeline;
  };

  void add_stream(const std::shared_ptr<Stream>& stream);
  void end_stream(const std::shared_ptr<Stream>& stream);
  void push(const Pushed& pushed, const PushUrl& url);
  bool is_matching(const std::string& path) const;
  bool is_taken(const PushUrl& url) const;
  void forget(const Stream* stream, const Push* push);
  // The URL without secrets, with a number appended if another one looks the same.
  std::string name_for(const Stream& stream, const PushUrl& url) const;
  // URLs of the command line, then the file's.
  void set_urls(const std::vector<PushUrl>& from_file);

  Hub& hub_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  const PushOptions options_;
  const std::string node_;
  const cli::Log& log_;
  PushWires wires_;
  std::vector<PushUrl> urls_;
  std::map<std::string, Pushed> streams_;                       // by path
  std::multimap<const Stream*, std::shared_ptr<Push>> pushes_;  // until they are done
  std::map<PushUrl, std::weak_ptr<Push>> only_;                 // of destinations that take one stream
  std::set<PushUrl> logged_taken_;
  std::size_t next_worker_ = 0;
  bool stopped_ = false;
};

}  // namespace srs::relay
