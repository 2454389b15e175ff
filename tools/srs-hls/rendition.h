// Rendition: one media playlist with its files: which segments are listed, where they are kept, and for how
// long.
//
// Files go to memory, if somebody is served from there, and to the outlets; a file is there before a
// playlist names it. Numbers go on over restarts of the program: a rendition goes on from the playlist it
// finds in the directory. Without a directory they begin with the time of day, which was smaller when an
// earlier run began.
//
// It has so many bytes: of what is listed and of what left the list a moment ago. Beyond them the oldest go,
// although somebody may ask for them, and the list may be shorter than the rules of HLS want. (What a list
// keeps by option, for --time-shift, --event and --vod, is on disk, and counts only while memory has it.)
// Belongs to the thread of the pipe.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bit_rate.h"
#include "cli/log.h"
#include "clock.h"
#include "directory.h"
#include "outlet.h"
#include "playlist.h"
#include "retention.h"

namespace srs::hls {

struct RenditionSettings {
  PlaylistType type = PlaylistType::live;
  std::size_t window = 6;                   // segments that are listed
  std::chrono::milliseconds time_shift{0};  // and as many more as last this long
  std::chrono::milliseconds target{2'000};  // of a segment
  bool in_memory = false;                   // players are served from memory
  std::uint64_t bytes_max = 256u << 20;     // see Limits::stream_bytes
};

// Where files go besides memory. Null or empty: nowhere.
struct Places {
  const Directory* directory = nullptr;  // what an earlier run left is read from here
  std::vector<Outlet*> outlets;
};

struct StoredFile {
  Content content;
  Utc modified;
};

// A number that grows with the time, by one each `step`.
std::uint64_t number_of_time(Utc time, std::chrono::milliseconds step);
// The media sequence that lists in memory begin with: it grows faster than segments are made, even such as
// are a little shorter than the target, so that it is higher after a restart.
std::uint64_t first_sequence(Utc time, std::chrono::milliseconds target);

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void changed() = 0;
};

class Rendition {
 public:
  // The playlist is FOLDER/NAME.m3u8, the segments are FOLDER/{prefix}N{suffix}.
  struct Names {
    std::string folder;  // "live/x"
    std::string name;    // "av"
    std::string prefix;  // "" or "video-"
    std::string suffix;  // ".ts"
  };

  Rendition(Names names, const RenditionSettings& settings, const Places& places, const Clock& clock,
            const cli::Log& log);
  // Who watches is told, too.
  ~Rendition();
  Rendition(const Rendition&) = delete;
  Rendition& operator=(const Rendition&) = delete;

  // Goes on with what an earlier run, or an earlier stream of this name, left. A playlist that nobody can be
  // playing any more (it was last written longer ago than it is long) or whose target duration is
  // below `target_s` gives its numbers only.
  void resume(int target_s);
  // The first segment has this number, or a higher one. Only while nothing is listed.
  void start_at(std::uint64_t sequence);

  const Names& names() const { return names_; }
  const Playlist& playlist() const { return playlist_; }
  void set_target_duration(int seconds) { playlist_.target_duration_s = seconds; }
  // From here on parts are made and told.
  void set_part_target(std::chrono::milliseconds part_target);

  // The initialization section of the segments to come; empty: none is needed.
  void set_map(const Slice& section);
  // A segment begins; its uri and map are filled in here. Parts: in Low-Latency HLS only.
  void begin(Segment segment);
  void add_part(Slice content, std::chrono::milliseconds duration, bool independent);
  // The segment is whole. content: of a segment without parts.
  void complete(Content content, std::chrono::milliseconds duration, bool independent, std::string state);
  // Nothing came of it.
  void abandon();
  // A segment of which there is nothing: EXT-X-GAP.
  void miss(Segment segment, std::string state);
  // EXT-X-ENDLIST.
  void end();

  // Removes files whose time is over; call it about once a second.
  void sweep();
  // From now on it has but so many bytes, if they are fewer than the settings say; 0: as the settings say.
  void limit_bytes(std::uint64_t bytes);
  // What it holds in memory.
  std::uint64_t memory_bytes() const;
  // Nothing is kept for players any more, but the list and its segments.
  bool idle() const;
  // Everything that was written goes: the playlist, all segments, listed or not. It is of no use afterwards.
  void remove_all();

  // What memory has under this name ("12.ts"); null if nothing.
  const StoredFile* find(const std::string& name) const;
  // Counts up with each change that players see, from a number that no earlier rendition of this name had.
  std::uint64_t revision() const { return revision_; }
  // Told of each change. It belongs to the one who watches, and to who waits for it.
  void watch(std::shared_ptr<Watcher> watcher) { watcher_ = std::move(watcher); }
  const std::shared_ptr<Watcher>& watcher() const { return watcher_; }
  // Index of the first segment of the list that those who play live get.
  std::size_t live_first() const;

  const BitRate& bit_rate() const { return bit_rate_; }
  std::uint64_t segments_made() const { return segments_made_; }
  OutletFigures figures() const;

 private:
  void read_playlist();
  void keep_playable();
  void find_unlisted();
  void forget_all_segments();
  std::string path(const std::string& name) const { return names_.folder + "/" + name; }
  std::string segment_name(std::uint64_t number) const;
  std::string next_part_name();
  void put(const std::string& name, Content content);
  void discard(const std::string& name);
  void append(Segment segment, std::string state);
  void trim();
  bool may_drop() const;
  bool keeps_by_option() const;
  std::size_t listed_max() const;
  // Of the segments that memory has, and those that have to go out.
  std::uint64_t recent_bytes() const;
  void drop_retained();
  void drop_first();
  void spare_memory();
  void give_up(Segment& segment);
  bool mark_given_up();
  void publish();
  // Since the list was published last.
  std::chrono::milliseconds age() const;
  void changed();

  const Names names_;
  const RenditionSettings settings_;
  const Places places_;
  const Clock& clock_;
  const cli::Log& log_;

  Playlist playlist_;
  Retention retention_;
  BitRate bit_rate_;
  std::string map_;                                           // URI for the segments to come
  std::map<std::string, StoredFile> memory_;                  // by name
  std::map<std::string, std::vector<std::string>> parts_of_;  // names in memory_, by segment
  std::size_t kept_first_ = 0;  // segments before it in the list have only the outlets
  std::uint64_t limit_;
  std::uint64_t listed_bytes_ = 0;
  std::uint64_t open_bytes_ = 0;  // of parts of the segment that is not whole yet
  bool told_limit_ = false;
  std::uint64_t next_part_ = 0;
  std::uint64_t revision_;
  std::uint64_t segments_made_ = 0;
  std::chrono::steady_clock::time_point published_at_{};
  std::chrono::milliseconds age_before_{0};  // of the list that an earlier run left, when it was read
  bool published_ = false;
  bool numbered_by_clock_ = false;  // and nothing is, yet: any other number is as good
  std::shared_ptr<Watcher> watcher_;
};

}  // namespace srs::hls
