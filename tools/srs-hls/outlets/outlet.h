// Outlet: a destination of the streams' files: a directory, an HTTP origin.
//
// The server of the files there knows nothing of us, so the outlet keeps the order: a playlist goes out only
// once everything put before it in its group, and not unlisted since, is out. A file that cannot be written
// now is kept and retried; meanwhile the last good playlist stays. The stream bounds what is kept: it unlists
// what leaves its playlists.
//
// Nothing here throws or waits for the network; the outlet reports errors itself, once. Belongs to the thread
// of the pipe.
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
  std::uint64_t errors = 0;   // failed attempts
  std::uint64_t lost = 0;     // files that were unlisted before they were out
  std::size_t waiting = 0;    // files that are not out yet
};

struct PlaylistName {
  std::string group, name;
};

class Outlet {
 public:
  virtual ~Outlet() = default;

  // group: files that depend on each other, those of one media playlist: "live/cam/av". name: relative path,
  // "live/cam/12.ts".
  virtual void put(const std::string& group, const std::string& name, Content content) = 0;
  // The newest text of a playlist: it replaces an older pending one.
  void publish(const std::string& group, const std::string& name, std::string text) {
    publish_after(group, name, std::move(text), {});
  }
  // The same, but waits until each of these playlists, which it names, has been out once.
  virtual void publish_after(const std::string& group, const std::string& name, std::string text,
                             std::vector<PlaylistName> others) = 0;
  // The file is no longer in any playlist. A pending one is dropped, and counted as lost.
  virtual void unlist(const std::string& group, const std::string& name) = 0;
  // Removes a file that no player can need any more.
  virtual void remove(const std::string& group, const std::string& name) = 0;
  // Removes a playlist, pending or published. Empty folders of the group go with its last file, if the outlet
  // has folders.
  virtual void unpublish(const std::string& group, const std::string& name) = 0;

  // No more files come for now. Pending ones still go out; then the group and its figures are dropped.
  virtual void close(const std::string& group) = 0;

  // Whether the file will never be out: there was no room to keep it.
  virtual bool is_lost(const std::string& group, const std::string& name) const = 0;
  // Whether the file was put and is not out yet.
  virtual bool is_pending(const std::string& group, const std::string& name) const = 0;
  // Retries what failed; called about once a second.
  virtual void retry() = 0;
  virtual OutletFigures figures(const std::string& group) const = 0;
};

}  // namespace srs::hls
