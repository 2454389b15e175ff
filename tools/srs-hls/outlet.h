// Outlet: a place that the files of streams go to: a directory, an HTTP origin.
//
// Whoever serves the files there knows nothing of us, so the order is the outlet's duty: a playlist goes
// out only when everything that was put before it in its group, and was not taken back, is out. A file that
// cannot be written now is kept and tried again; meanwhile the last good playlist stays. What is kept is
// bounded by the stream, which takes back what leaves its playlists.
//
// Nothing here throws or waits for the network; errors are told by the outlet itself, once. Belongs to the
// thread of the pipe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/slice.h"

namespace srs::hls {

// The bytes of a file, in pieces, one after the other.
using Content = std::vector<Slice>;

struct OutletFigures {
  std::uint64_t written = 0;  // files, playlists included
  std::uint64_t errors = 0;   // attempts that failed
  std::uint64_t lost = 0;     // files that were taken back before they were out
  std::size_t waiting = 0;    // files that are not out yet
};

struct PlaylistName {
  std::string group, name;
};

class Outlet {
 public:
  virtual ~Outlet() = default;

  // group: files that depend on each other, those of one media playlist: "live/cam/av". name: relative,
  // "live/cam/12.ts".
  virtual void put(const std::string& group, const std::string& name, Content content) = 0;
  // The newest text of a playlist: an older one that is still waiting is forgotten.
  void publish(const std::string& group, const std::string& name, std::string text) {
    publish_behind(group, name, std::move(text), {});
  }
  // The same, but it waits until each of these playlists has been out once: it names them.
  virtual void publish_behind(const std::string& group, const std::string& name, std::string text,
                              std::vector<PlaylistName> others) = 0;
  // The file is in no playlist any more. One that waits is dropped, and counted as lost.
  virtual void take_back(const std::string& group, const std::string& name) = 0;
  // Its time is over: whoever might still ask for it had long enough.
  virtual void remove(const std::string& group, const std::string& name) = 0;
  // The same of a playlist, whatever version of it is out or waits. Folders of the group in which nothing is
  // left go with the last of its files, if the place has folders.
  virtual void unpublish(const std::string& group, const std::string& name) = 0;

  // No more comes for now. What waits still goes out; then the group, with its figures, is forgotten.
  virtual void close(const std::string& group) = 0;

  // Whether the file never will be out: there was no room to keep it.
  virtual bool gave_up(const std::string& group, const std::string& name) const = 0;
  // Whether the file was put and is not out yet.
  virtual bool waits(const std::string& group, const std::string& name) const = 0;
  // Tries again what failed; called about once a second.
  virtual void retry() = 0;
  virtual OutletFigures figures(const std::string& group) const = 0;
};

}  // namespace srs::hls
