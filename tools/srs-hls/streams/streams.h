// Streams: all streams of the pipe, each with its presentation, and their ladders.
//
// Publishers decide what comes over the pipe: the number of streams and their memory are bounded here
// (stream_limits.h); streams above the limit are not packaged. An ended stream is remembered for a while, to
// continue when it comes back; then its files are removed.
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
#include "core/clock.h"
#include "media/stream_meter.h"
#include "media/video_repair.h"
#include "pipe/pipe_reader.h"
#include "srs-hls/cut/ladder.h"
#include "srs-hls/cut/stream.h"
#include "srs-hls/cut/stream_limits.h"
#include "srs-hls/outlets/directory.h"
#include "srs-hls/outlets/outlet.h"
#include "srs-hls/playlist/multivariant.h"
#include "srs-hls/record/recorder.h"
#include "srs-hls/streams/ended_numbers.h"

namespace srs::hls {

struct StreamSettings {
  PresentationSettings presentation;
  CutSettings cut;
  bool ladder = false;
  RecordSettings record;
  Limits limits;
};

class Streams : public pipe::PipeSink {
 public:
  struct Directories {
    const Directory* keys = nullptr;        // null: keys stay in memory
    const Directory* recordings = nullptr;  // null: no recording
  };

  // only: the only stream to package; all if empty.
  Streams(const StreamSettings& settings, std::string only, Places places, Directories directories,
          const Clock& clock, const cli::Log& log);

  void on_begin(pipe::ChannelId channel, const media::StreamInfo& info) override;
  void on_message(pipe::ChannelId channel, media::Message message) override;
  void on_end(pipe::ChannelId channel, media::EndReason reason) override;

  // Finishes the files of all open streams, which may continue elsewhere. Later input is ignored.
  void cut_off();
  // Removes expired files, those of ended streams too, and retries failed writes; call it about once a
  // second.
  void sweep();

  std::size_t open() const { return open_.size(); }
  // Memory of all streams; and the number of streams that were not packaged because of the limit.
  std::uint64_t memory_bytes() const;
  std::uint64_t refused() const { return refused_; }
  bool any_open() const { return !open_.empty(); }
  bool any_begun() const { return any_begun_; }
  // Whether files are missing because they could not be written.
  bool any_failed() const;

  // What is served under this path; null if nothing. Ended streams and ladders stay for a while.
  const Multivariant* multivariant(const std::string& path) const;
  Presentation* presentation(const std::string& path) const;
  const Multivariant& group_of(const Presentation& presentation) const;

  void each_rendition(const std::function<void(Rendition&)>& visit) const;

  // The figures of a live stream.
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
    media::VideoRepair repair;
    std::map<std::uint8_t, OpenTrack> tracks;  // by video track; 0 always exists
    std::set<std::uint8_t> left_out;           // tracks
    std::unique_ptr<Recorder> recorder;        // null: not recorded
    // For tracks that appear later.
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
    std::uint64_t published_segments =
        0;                     // number of segments when the multivariant playlist was last published
    Stream* stream = nullptr;  // the live one; null: none
    // After the last stream's end: when to remove its files, and the timeline on which it broke off.
    std::chrono::steady_clock::time_point forget_at{};
    std::optional<std::string> lost_timeline;
  };
  using Sites = std::map<std::string, std::unique_ptr<Site>>;

  // Whether the stream must not be packaged; logs why, in one line for many at once.
  bool refuse(const media::StreamInfo& info);
  void log_change(std::string_view path, std::string_view what);
  OpenTrack make_track(const media::StreamInfo& info, std::uint8_t track);
  std::unique_ptr<Site> make_site(const std::string& name) const;
  Stream::Muxing make_muxing() const;
  Ladder* join_ladder(const std::string& path, Presentation& presentation);
  void forward(Open& open, const media::Message& message);
  void find_tracks(Open& open, const media::Message& message);
  void publish(Site& site);
  // Whether a live stream uses this name for its playlists.
  bool in_use(const std::string& path) const;
  bool collides(const std::string& path) const;
  void finish(Open& open, Stream::End how);
  void forget_ended();
  void forget_oldest();
  Sites::iterator forget(Sites::iterator it);
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
  std::map<pipe::ChannelId, Open> open_;
  Sites sites_;
  std::map<std::string, std::unique_ptr<Ladder>> ladders_;
  EndedNumbers ended_numbers_;
  std::size_t open_tracks_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t unchecked_bytes_ = 0;  // since the last limit_memory()
  bool memory_limited_ = false;        // some streams have less than they would use
  bool closed_ = false;
  bool any_begun_ = false;
};

// Why a stream of this name cannot have files; empty if it can.
std::string file_name_error(const std::string& path);

}  // namespace srs::hls
