// Pusher: which streams are pushed where (--push, --push-file, --match).
//
// Each stream and destination is a Push of its own, spread over the workers. Belongs to the main thread, as
// the hub does, and must outlive the workers' threads.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "push.h"

namespace srs::relay {

class Pusher {
 public:
  // node: our own id. Is told by the hub's on_playable and on_ended.
  Pusher(Hub& hub, std::vector<std::unique_ptr<Worker>>& workers, PushOptions options, std::string node,
         const cli::Log& log);

  // Reads the file again: destinations that are new get every stream, those that are gone get its end.
  void reload();
  // Ends all.
  void stop();
  // Whether nothing is connected any more.
  bool done() const;
  std::vector<PushState> states() const;

 private:
  // A stream that is pushed. Wherever it came without a name for its timeline, it gets one: who has it from
  // us can tell it, when it was lost and is back, from another of its path.
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
  // The URL without secrets, and with a number behind it if another one looks the same then.
  std::string name_for(const Stream& stream, const PushUrl& url) const;
  // Those of the command line, then the file's.
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
  std::set<PushUrl> told_taken_;
  std::size_t next_worker_ = 0;
  bool stopped_ = false;
};

}  // namespace srs::relay
