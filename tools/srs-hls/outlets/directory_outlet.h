// DirectoryOutlet: writes files to a directory at once; what cannot be written is retried.
//
// A full or read-only disk changes nothing for players served from memory. The directory keeps its last good
// playlist and the files it lists; once there is room again all pending files are written, oldest first, and
// then the newest playlist.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "cli/log.h"
#include "core/clock.h"
#include "srs-hls/outlets/directory.h"
#include "srs-hls/outlets/outlet.h"

namespace srs::hls {

class DirectoryOutlet : public Outlet {
 public:
  enum class Keeps {
    everything,
    playlists,  // for the next run, which continues their numbers
  };
  DirectoryOutlet(const Directory& directory, const Clock& clock, const cli::Log& log,
                  Keeps keeps = Keeps::everything)
      : directory_(directory), clock_(clock), log_(log), keeps_(keeps) {}

  void put(const std::string& group, const std::string& name, Content content) override;
  void publish_after(const std::string& group, const std::string& name, std::string text,
                     std::vector<PlaylistName> others) override;
  void unlist(const std::string& group, const std::string& name) override;
  void remove(const std::string& group, const std::string& name) override;
  void unpublish(const std::string& group, const std::string& name) override;
  void close(const std::string& group) override;
  // Never: the stream bounds what is pending here.
  bool is_lost(const std::string&, const std::string&) const override { return false; }
  bool is_pending(const std::string& group, const std::string& name) const override;
  void retry() override;
  OutletFigures figures(const std::string& group) const override;

 private:
  struct Waiting {
    std::string name;
    Content content;
  };
  struct Removal {
    std::string name;
    std::chrono::steady_clock::time_point at;
  };
  struct Text {
    std::string text;
    std::vector<PlaylistName> after;
  };
  struct Group {
    std::deque<Waiting> files;
    std::map<std::string, Text> playlists;  // by name
    std::set<std::string> published;        // playlists that have been written
    std::deque<Removal> removals;           // pending: the playlist in the directory still names them
    OutletFigures figures;
    bool failing = false;
    bool closed = false;
    bool unpublished = false;  // its folder is removed once it is empty
  };

  bool may_publish(const Text& playlist) const;
  // Writes all pending files; whether all were written.
  bool flush(const std::string& name, Group& group);
  bool write(const std::string& group_name, Group& group, const std::string& name, const Content& content);

  void remove_due(Group& group);

  const Directory& directory_;
  const Clock& clock_;
  const cli::Log& log_;
  const Keeps keeps_;
  std::map<std::string, Group> groups_;
};

}  // namespace srs::hls
