// Listing: the playlist of one stream on disk, and the segment files that it names.
//
//     DIR/live/x.m3u8        the playlist
//     DIR/live/x/12.ts       its segments, named by their media sequence number
//
// The order on disk: a segment is there before the playlist that names it, and stays for its own duration and
// the playlist's after the last playlist that named it (RFC 8216 6.2.2). What cannot be written is not
// listed; the next segment tries again, under the same number.
//
// A listing goes on from the playlist it finds: the numbers go on, and segments that players may still be
// at stay listed. It belongs to its stream's thread; writing blocks.
#pragma once

#include <chrono>
#include <deque>
#include <string>

#include "cli/log.h"
#include "clock.h"
#include "directory.h"
#include "playlist.h"

namespace srs::hls {

class Listing {
 public:
  // The files are DIR/stream_path.m3u8 and DIR/stream_path/N{suffix}. window: segments that are listed.
  Listing(std::string stream_path, std::string suffix, std::size_t window, const Directory& directory,
          const Clock& clock, const cli::Log& log);

  // Reads what an earlier run left. A playlist that nobody can be playing any more (it was last written
  // longer ago than it is long) or whose target duration is below `target_s` gives its numbers only.
  void restore(int target_s);
  const Playlist& playlist() const { return playlist_; }

  void set_target_duration(int seconds) { playlist_.target_duration_s = seconds; }
  // Writes the segment, then the playlist with it; `state` is kept in the playlist. segment.uri is filled in.
  // Whether the segment is listed now: false after an error, which was told.
  bool add(Bytes content, Segment segment, std::string state);
  // Writes EXT-X-ENDLIST.
  void end();

  // Removes files whose time is over; call it about once a second.
  void sweep();
  bool has_unlisted() const { return !unlisted_.empty(); }
  // Segments that could not be written.
  std::size_t lost() const { return lost_; }
  // Segments that were written, by this run.
  std::uint64_t segments_written() const { return segments_written_; }
  // Writes of segments and playlists that failed.
  std::uint64_t write_errors() const { return write_errors_; }
  // Whether the playlist on disk is as it should be.
  bool written() const { return written_; }

 private:
  struct Unlisted {
    std::string name;
    std::chrono::milliseconds keep{0};       // after the playlist without it was written
    std::chrono::milliseconds media_end{0};  // of media_written_: see sweep()
    std::chrono::steady_clock::time_point until{};
    bool counting = false;  // the playlist on disk names it no more
  };

  void keep_playable();
  void find_unlisted();
  std::string segment_name(std::uint64_t number) const;
  void trim();
  bool write_playlist();
  void complain(const Error& error);

  const std::string path_;
  const std::string suffix_;
  const std::string stem_;  // "x" of "live/x"
  const std::size_t window_;
  const Directory& directory_;
  const Clock& clock_;
  const cli::Log& log_;
  Playlist playlist_;
  std::deque<Unlisted> unlisted_;
  std::chrono::milliseconds media_written_{0};
  std::size_t lost_ = 0;
  std::uint64_t segments_written_ = 0;
  std::uint64_t write_errors_ = 0;
  bool written_ = true;
  bool failing_ = false;
};

}  // namespace srs::hls
