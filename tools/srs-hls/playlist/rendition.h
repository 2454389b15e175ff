// Rendition: one media playlist and its files: which segments are listed, where they are kept, and how long.
//
// Files go to memory, if players are served from there, and to the outlets; a file exists before a playlist
// names it. Numbers continue across restarts of the program: a rendition continues the playlist in the
// directory. Without a directory numbers start from the clock, which was lower when an earlier run began.
//
// Its bytes are limited: those of listed segments and of those that recently left the list. Beyond the limit
// the oldest are removed, even if players may still request them, and the list may become shorter than HLS
// requires. (What a list keeps by option, for --time-shift, --event and --vod, is on disk, and counts only
// while it is in memory.) Belongs to the thread of the pipe.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/log.h"
#include "core/clock.h"
#include "srs-hls/outlets/directory.h"
#include "srs-hls/outlets/outlet.h"
#include "srs-hls/playlist/bit_rate.h"
#include "srs-hls/playlist/playlist.h"
#include "srs-hls/playlist/retention.h"

namespace srs::hls {

// What players can get of a stream: files are whole segments; memory also has parts.
enum class Reach { segments, parts };

struct RenditionSettings {
  PlaylistType type = PlaylistType::live;
  std::size_t window = 6;                   // listed segments
  std::chrono::milliseconds time_shift{0};  // and as many more as last this long
  std::chrono::milliseconds target{2'000};  // of a segment
  bool in_memory = false;                   // players are served from memory
  std::uint64_t bytes_max = 256u << 20;     // see Limits::stream_bytes
};

// Where files go besides memory. Null or empty: nowhere.
struct Places {
  const Directory* directory = nullptr;  // an earlier run's playlist is read from here
  std::vector<Outlet*> outlets;
};

struct StoredFile {
  Content content;
  Utc modified;
};

// A number that grows with time, by one every `step`.
std::uint64_t number_of_time(Utc time, std::chrono::milliseconds step);
// The first media sequence of lists in memory: it grows faster than segments are made, even ones slightly
// shorter than the target, so that it is higher after a restart.
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
  // Also notifies the watcher.
  ~Rendition();
  Rendition(const Rendition&) = delete;
  Rendition& operator=(const Rendition&) = delete;

  // Continues the playlist of an earlier run, or of an earlier stream of this name. If nobody can still be
  // playing it (it was last written longer ago than its duration) or its target duration is below `target_s`,
  // only its numbers are continued.
  void resume(int target_s);
  // Sets the lowest number of the first segment. Has an effect only while nothing is listed.
  void start_at(std::uint64_t sequence);

  const Names& names() const { return names_; }
  const Playlist& playlist() const { return playlist_; }
  bool has_media(Reach reach) const {
    return reach == Reach::parts ? playlist_.has_media() : !playlist_.segments.empty();
  }
  void set_target_duration(int duration_s) { playlist_.target_duration_s = duration_s; }
  // From now on parts are made and listed.
  void set_part_target(std::chrono::milliseconds part_target);

  // The initialization section of the following segments; empty: none is needed.
  void set_map(const Slice& section);
  // A segment begins; its uri and map are filled in here. Parts exist in Low-Latency HLS only.
  void begin(Segment segment);
  void add_part(Slice content, std::chrono::milliseconds duration, bool independent);
  // The segment is complete. content: of a segment without parts.
  void complete(Content content, std::chrono::milliseconds duration, bool independent, std::string state);
  // Discards the open segment.
  void abandon();
  // A segment without content: EXT-X-GAP.
  void add_gap(Segment segment, std::string state);
  // EXT-X-ENDLIST.
  void end();

  // Removes expired files; call it about once a second.
  void sweep();
  // Limits its bytes, if this is below the settings' limit; 0: the settings' limit.
  void limit_bytes(std::uint64_t bytes);
  // Bytes held in memory.
  std::uint64_t memory_bytes() const;
  // Nothing but the list and its segments is kept for players any more.
  bool idle() const;
  // Removes everything that was written: the playlist, and all segments, listed or not. The rendition must
  // not be used afterwards.
  void remove_all();

  // The file of this name ("12.ts") in memory; null if there is none.
  const StoredFile* find(const std::string& name) const;
  // Counts up with each change visible to players, from a number that no earlier rendition of this name had.
  std::uint64_t revision() const { return revision_; }
  // Notified of each change. Owned by its creator and by those who wait on it.
  void watch(std::shared_ptr<Watcher> watcher) { watcher_ = std::move(watcher); }
  const std::shared_ptr<Watcher>& watcher() const { return watcher_; }
  // Index of the first segment that live players get.
  std::size_t live_first() const;

  const BitRate& bit_rate() const { return bit_rate_; }
  std::uint64_t segments_made() const { return segments_made_; }
  OutletFigures figures() const;

 private:
  void read_playlist();
  void drop_unplayable();
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
  // Of the segments in memory, written or not.
  std::uint64_t recent_bytes() const;
  void drop_retained();
  void drop_first();
  void trim_memory();
  void mark_unwritten(Segment& segment);
  bool mark_lost();
  void publish();
  // Time since the list was last published.
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
  std::string map_;                                           // URI for the following segments
  std::map<std::string, StoredFile> memory_;                  // by name
  std::map<std::string, std::vector<std::string>> parts_of_;  // names in memory_, by segment
  std::size_t first_in_memory_ = 0;  // earlier segments of the list are only in the outlets
  std::uint64_t limit_;
  std::uint64_t listed_bytes_ = 0;
  std::uint64_t open_bytes_ = 0;  // of the parts of the open segment
  bool reported_limit_ = false;
  std::uint64_t next_part_ = 0;
  std::uint64_t revision_;
  std::uint64_t segments_made_ = 0;
  std::chrono::steady_clock::time_point published_at_{};
  std::chrono::milliseconds age_before_{0};  // of an earlier run's list, when it was read
  bool published_ = false;
  bool numbered_by_clock_ = false;  // and nothing is listed yet: any other number is as good
  std::shared_ptr<Watcher> watcher_;
};

}  // namespace srs::hls
