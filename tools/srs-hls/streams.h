// Streams: all streams of the pipe, each with its presentation, and the ladders that they are part of.
//
// What comes over the pipe was chosen by publishers: how many streams there are and what they hold together
// is bounded here (stream_limits.h); a stream that is not among the first so many is not packaged. A stream
// that ended is remembered for a while, to go on when it comes back; then what was written of it is removed.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/log.h"
#include "clock.h"
#include "directory.h"
#include "ended_numbers.h"
#include "ladder.h"
#include "media/pipe_reader.h"
#include "media/stream_meter.h"
#include "multivariant.h"
#include "outlet.h"
#include "record/recorder.h"
#include "stream.h"
#include "stream_limits.h"

namespace srs::hls {

struct StreamSettings {
  PresentationSettings presentation;
  CutSettings cut;
  bool ladder = false;
  RecordSettings record;
  Limits limits;
};

class Streams : public media::PipeSink {
 public:
  struct Directories {
    const Directory* keys = nullptr;        // null: keys stay in memory
    const Directory* recordings = nullptr;  // null: nothing is recorded
  };

  // only: of many streams, the one to take; all if empty.
  Streams(const StreamSettings& settings, std::string only, Places places, Directories directories,
          const Clock& clock, const cli::Log& log);

  void on_begin(media::ChannelId channel, const media::StreamInfo& info) override;
  void on_message(media::ChannelId channel, media::Message message) override;
  void on_end(media::ChannelId channel, media::EndReason reason) override;

  // Finishes the files of all that are open; the streams may go on elsewhere. What comes afterwards is
  // left out.
  void cut_off();
  // Removes what is old, of ended streams too, and tries again what failed; call it about once a second.
  void sweep();

  std::size_t open() const { return open_.size(); }
  // What all of them hold in memory, and streams that were not packaged, there being too many.
  std::uint64_t memory_bytes() const;
  std::uint64_t refused() const { return refused_; }
  bool any_open() const { return !open_.empty(); }
  bool any_begun() const { return any_begun_; }
  // Files are missing because they could not be written.
  bool any_failed() const;

  // What is served; null if there is none of this name. Streams and ladders that ended stay for a while.
  const Multivariant* multivariant(const std::string& path) const;
  Presentation* presentation(const std::string& path) const;
  const Multivariant& group_of(const Presentation& presentation) const;

  void each_rendition(const std::function<void(Rendition&)>& visit) const;

  // What is told of a stream that is on.
  struct State {
    media::StreamInfo info;
    const media::StreamMeter& meter;
    const Presentation& presentation;
    const Recorder* recorder;  // may be null
    std::uint64_t missing_key_frames;
    std::uint64_t forced_cuts;
    std::chrono::steady_clock::time_point since;
  };
  std::vector<State> states() const;

 private:
  struct Site;
  struct OpenTrack {
    std::unique_ptr<Stream> stream;
    Site* site = nullptr;
  };
  struct Open {
    media::StreamInfo info;
    std::chrono::steady_clock::time_point since{};
    media::StreamMeter meter;
    std::map<std::uint8_t, OpenTrack> tracks;  // by video track; 0 is there always
    std::set<std::uint8_t> left_out;           // tracks
    std::unique_ptr<Recorder> recorder;        // null: it is not recorded
    // For a track that shows up later.
    std::optional<media::Message> metadata, audio_header;
  };
  // A presentation with its own multivariant playlist.
  struct Site {
    Site(const std::string& path, const PresentationSettings& settings, const Places& places,
         const Directory* key_directory, const Clock& clock, const cli::Log& log)
        : presentation(path, settings, places, key_directory, clock, log), multivariant(path) {
      multivariant.add(presentation);
    }
    Presentation presentation;
    Multivariant multivariant;
    std::uint64_t told = 0;    // segments that the multivariant playlist was made with
    Stream* stream = nullptr;  // that is on; null: none
    // Once the last one is over: when what there is of it goes; the timeline that it broke off on.
    std::chrono::steady_clock::time_point over_at{};
    std::optional<std::string> lost_timeline;
  };
  using Sites = std::map<std::string, std::unique_ptr<Site>>;

  // Why the stream of this name is not to be packaged; said, once for all that come together.
  bool refuse(const media::StreamInfo& info);
  void say(std::string_view path, std::string_view what);
  OpenTrack make_track(const media::StreamInfo& info, std::uint8_t track);
  std::unique_ptr<Site> make_site(const std::string& name) const;
  Stream::Muxing make_muxing() const;
  Ladder* join_ladder(const std::string& path, Presentation& presentation);
  void find_tracks(Open& open, const media::Message& message);
  void publish(Site& site);
  // Whether a stream that is on has this name for its playlists.
  bool in_use(const std::string& path) const;
  bool collides(const std::string& path) const;
  void finish(Open& open, Stream::End how);
  void forget_ended();
  void forget_oldest();
  Sites::iterator forget(Sites::iterator site);
  bool keeps_files() const;
  std::string number_key(const std::string& path, const std::string& name) const;
  void limit_memory();
  void apply_level(std::uint64_t level);

  const StreamSettings settings_;
  const std::string only_;
  const Places places_;
  const Directories directories_;
  const Clock& clock_;
  const cli::Log& log_;
  std::map<media::ChannelId, Open> open_;
  Sites sites_;
  std::map<std::string, std::unique_ptr<Ladder>> ladders_;
  EndedNumbers ended_numbers_;
  std::size_t open_tracks_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t unchecked_bytes_ = 0;  // that came since limit_memory() looked
  bool pressed_ = false;               // some have less than they would use
  bool closed_ = false;
  bool any_begun_ = false;
};

// Why a stream of this name cannot have files: nothing if it can.
std::string refuse_file_name(const std::string& path);

}  // namespace srs::hls
