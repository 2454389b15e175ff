// Uploader: an outlet to an HTTP origin that accepts files by PUT: WebDAV, object stores and their gateways.
//
// A file NAME goes to URL/NAME. Files of a stream go out a few at a time, in any order; a playlist follows
// once everything put before it is out. Failures are retried: soon when the network or the server fails,
// seldom when the server refuses, since somebody has to fix that first.
//
// Two versions of a playlist may be pending: the newest and the oldest. With the newest alone, an origin that
// is always one segment behind would never get any.
//
// Pending files are bounded by the stream, which unlists what leaves its playlists, and by a limit in bytes.
// Beyond it the oldest segment loses its bytes; its name stays in the queue, so that no playlist that lists
// it goes out before the stream has unlisted it.
//
// Belongs to the thread of the io_context.
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/log.h"
#include "http/client.h"
#include "srs-hls/outlets/outlet.h"
#include "srs-hls/outlets/upload_options.h"

namespace srs::hls {

class Uploader : public Outlet {
 public:
  Uploader(asio::io_context& io, UploadSettings settings, const cli::Log& log);
  ~Uploader() override;

  void put(const std::string& group, const std::string& name, Content content) override;
  void publish_after(const std::string& group, const std::string& name, std::string text,
                     std::vector<PlaylistName> others) override;
  void unlist(const std::string& group, const std::string& name) override;
  void remove(const std::string& group, const std::string& name) override;
  void unpublish(const std::string& group, const std::string& name) override;
  void close(const std::string& group) override;
  bool is_lost(const std::string& group, const std::string& name) const override;
  bool is_pending(const std::string& group, const std::string& name) const override;
  void retry() override;
  OutletFigures figures(const std::string& group) const override;

  // Nothing is pending or in flight. Files that the origin still has to delete do not count.
  bool idle() const;
  // Runs the io_context until idle() or the deadline. From now on failures are retried at once.
  void drain(std::chrono::steady_clock::time_point deadline);
  // Reads --upload-header-file again.
  void reload();

  std::uint64_t held_bytes() const { return held_bytes_; }

 private:
  using Time = std::chrono::steady_clock::time_point;

  // When to try a file or playlist next.
  struct Attempts {
    unsigned failed = 0;
    bool refused = false;
    Time next{};
  };
  struct File {
    std::string name;
    Content content;
    std::uint64_t size_bytes = 0;
    std::uint64_t order = 0;  // counts up over everything put
    std::uint64_t job = 0;    // 0: not in flight
    bool dropped = false;     // its content is gone
    Attempts attempts;
  };
  struct Version {
    std::string text;
    std::uint64_t order = 0;
    bool stale = false;  // it names an unlisted file; a newer version is about to come
  };
  struct Playlist {
    std::deque<Version> waiting;        // the oldest and the newest, or one
    std::optional<Version> sent;        // in flight
    std::uint64_t published_order = 0;  // of the published version; 0: none
    std::vector<PlaylistName> after;
    Attempts attempts;
  };
  struct Removal {
    std::string name;
    std::uint64_t order = 0;
    std::optional<Time> at;  // none: published playlists still name it
    std::uint64_t job = 0;
    unsigned failed = 0;
  };
  enum class Trouble : std::uint8_t { none, failing, refused };
  struct Group {
    std::string name;
    std::deque<File> files;  // by order
    std::map<std::string, Playlist> playlists;
    std::deque<Removal> removals;
    std::set<std::string> never_sent;  // lost before any byte was sent
    OutletFigures figures;
    std::size_t in_flight = 0;
    Trouble trouble = Trouble::none;
    bool probing = false;  // the last try failed: one at a time
    Time not_before{};     // Retry-After
    bool queued = false;   // in starved_
    bool closed = false;

    // Nothing is left to do.
    bool is_done() const;
  };
  enum class Kind : std::uint8_t { file, playlist, removal };
  struct Job {
    http::TransferPtr transfer;
    Group* group = nullptr;
    Kind kind = Kind::file;
    std::string name;
    int status = 0;
    std::optional<std::chrono::seconds> retry_after;
  };

  // Starts the transfers that may start now.
  void pump(Group& group);
  void pump_starved();
  bool may_start(Group& group, std::size_t limit);
  bool start_playlist(Group& group, Time now);
  bool start_file(Group& group, Time now);
  void start_removal(Group& group, Time now);
  std::deque<Version>::iterator next_version(Group& group, Playlist& playlist);
  bool others_are_published(const Playlist& playlist) const;
  bool follows_others(const Group& group, const Playlist& playlist, std::uint64_t order) const;
  std::uint64_t start(Group& group, Kind kind, const std::string& name, Content content);
  std::vector<std::string> fields_for(Kind kind, const std::string& name) const;
  void end_job(std::uint64_t id);

  void on_done(std::uint64_t id, const Result<void>& result);
  void file_done(Group& group, std::uint64_t id, const Job& job, const Result<void>& result);
  void playlist_done(Group& group, const Job& job, const Result<void>& result);
  void removal_done(Group& group, std::uint64_t id, const Job& job, const Result<void>& result);
  void succeeded(Group& group);
  void failed(Group& group, Attempts& attempts, const Job& job, const Result<void>& result);
  void set_trouble(Group& group, Trouble trouble);
  bool has_failed(const Group& group) const;

  void limit_memory();
  std::pair<Group*, File*> oldest_to_drop();
  void schedule_removals(Group& group, Time now);
  void forget(Group& group, std::deque<File>::iterator file);

  asio::io_context& io_;
  UploadSettings settings_;
  const cli::Log& log_;
  http::Client client_;
  std::map<std::string, Group> groups_;
  std::map<std::uint64_t, Job> jobs_;
  std::deque<Group*> starved_;  // ready, but held up by the limit of all transfers
  std::uint64_t last_job_ = 0;
  std::uint64_t last_order_ = 0;
  std::uint64_t held_bytes_ = 0;
  std::size_t failing_groups_ = 0;
  bool reported_full_ = false;
  bool supports_delete_ = true;  // the origin supports DELETE, as far as known
  bool draining_ = false;
};

}  // namespace srs::hls
