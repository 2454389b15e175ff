// DirectoryOutlet: files in a directory, written at once; what cannot be written waits for its next chance.
//
// A full or read-only disk changes nothing for those who are served from memory. The directory keeps its last
// good playlist and what it lists; when there is room again all that waits is written, oldest first, and
// then the newest playlist.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "cli/log.h"
#include "clock.h"
#include "directory.h"
#include "outlet.h"

namespace srs::hls {

class DirectoryOutlet : public Outlet {
 public:
  enum class Keeps {
    everything,
    playlists,  // for the next run, which goes on with their numbers
  };
  DirectoryOutlet(const Directory& directory, const Clock& clock, const cli::Log& log,
                  Keeps keeps = Keeps::everything)
      : directory_(directory), clock_(clock), log_(log), keeps_(keeps) {}

  void put(const std::string& group, const std::string& name, Content content) override;
  void publish_behind(const std::string& group, const std::string& name, std::string text,
                      std::vector<PlaylistName> others) override;
  void take_back(const std::string& group, const std::string& name) override;
  void remove(const std::string& group, const std::string& name) override;
  void unpublish(const std::string& group, const std::string& name) override;
  void close(const std::string& group) override;
  // Never: what waits here is bounded by the stream.
  bool gave_up(const std::string&, const std::string&) const override { return false; }
  bool waits(const std::string& group, const std::string& name) const override;
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
    std::vector<PlaylistName> behind;
  };
  struct Group {
    std::deque<Waiting> files;
    std::map<std::string, Text> playlists;  // by name
    std::set<std::string> out;              // playlists that were written
    std::deque<Removal> removals;           // that wait: the playlist in the directory names them
    OutletFigures figures;
    bool failing = false;
    bool closed = false;
    bool unpublished = false;  // its folder goes, if it is empty then
  };

  bool may_go(const Text& playlist) const;
  // Whether all that waited is written now.
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
