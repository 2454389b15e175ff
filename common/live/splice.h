// Splice makes one stream out of several successive sources of it.
//
// An edge that loses its origin switches to the next one. Both carry the same stream, on the same absolute
// timeline if the same ingest received it, or on timelines of their own. The start of the new source (usually
// its newest GOP) overlaps with what has been sent already, or leaves a gap. Splice finds out how the two fit
// together and forwards what is new, once:
//
//   the same frame at the same time was sent before    continue with the very next frame, even inside a GOP
//   no common frame, but the times fit                 continue at the first new key frame
//   the same key frame at another time                 as the first, times shifted by the difference
//   nothing fits                                       continue at a key frame, after an onDiscontinuity
//
// Times fit if they are near the stream's expected time. A source that stays behind for longer has a timeline
// of its own after all: waiting for it to catch up would freeze the picture. 32-bit timestamps that have
// wrapped since are unwrapped to the stream's.
//
// Every wait has a limit: for a track that the new source lacks, for a key frame that never comes, for
// timestamps that stand still. Held and remembered messages are limited in number and bytes.
//
// Unchanged codec headers and metadata are not repeated. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "live/timeline.h"
#include "media/message.h"
#include "media/stream_headers.h"

namespace srs::live {

class Splice {
 public:
  using Clock = std::chrono::steady_clock;

  // The next messages are from another source, or from the same one reconnected. timeline: its name, if it
  // has one (see StreamInfo): sources with the same timeline name need no guess.
  void begin_source(Clock::time_point now, const std::string& timeline = {});

  // message: of the source, with its own timestamp. Appends the messages to forward to `out`: none, one or
  // several, on the stream's timeline.
  void push(media::Message message, Clock::time_point now, std::vector<media::Message>& out);

  // Where a source has to go on, so that nothing is missing.
  struct Place {
    std::int64_t time_ms;  // of the newest frame of the track that is behind, on the timeline of this name:
    std::string timeline;  // empty: the source's has none
  };
  // None before the first frame.
  std::optional<Place> place() const;

  // The newest forwarded timestamp, -1 before the first.
  std::int64_t newest_ms() const { return timeline_.newest(); }
  // Bytes held until the source is matched: at most about 16 MiB and one message.
  std::size_t held_bytes() const { return held_bytes_; }

 private:
  // How far a source may be off the expected time and still count as the same timeline.
  static constexpr std::int64_t tolerance_ms = 2'000;
  // How long a source may take to catch up with the stream. The same content is worth a longer wait, but it
  // may be a publisher that started over with the same pictures.
  static constexpr std::chrono::seconds patience{1};
  static constexpr std::chrono::seconds same_content_patience{5};
  // After this long without a track, a source counts as lacking it.
  static constexpr std::chrono::seconds missing_track_patience{1};
  // After this long without a key frame, a source counts as having none; also how long sources of the same
  // timeline may stay behind.
  static constexpr std::chrono::seconds key_patience{10};
  // The longest GOP: a source begins with its newest key frame.
  static constexpr std::int64_t max_overlap_ms = 30'000;
  static constexpr std::size_t max_fingerprints = 8'192;
  static constexpr std::size_t max_held = 4'096;
  static constexpr std::size_t max_held_bytes = 16u << 20;
  static constexpr std::size_t held_overhead = 128;  // a message's cost beside its payload
  // Smaller key frames (black pictures) may be equal by chance.
  static constexpr std::size_t distinctive_size = 1'000;

  enum class State {
    passing,    // everything is forwarded
    matching,   // nothing is known of the new source yet: its messages are held
    trimming,   // what was sent before is dropped
    unrelated,  // another timeline: continue at the next key frame
  };

  struct Fingerprint {  // of a forwarded message
    std::uint64_t hash = 0;
    std::int64_t timestamp_ms = 0;
    std::uint32_t size_bytes = 0;
    flv::TagType type = flv::TagType::audio;
    bool is_key = false;
  };

  struct Track {
    bool seen = false;          // from any source
    std::int64_t last_ms = -1;  // on the stream's timeline
    bool joined = true;         // forwarded from the newest source
    bool has_frames = false;    // from the newest source
  };

  void route(media::Message message, Clock::time_point now, std::vector<media::Message>& out);
  void on_media(media::Message message, Clock::time_point now, std::vector<media::Message>& out);
  void hold(media::Message message, Clock::time_point now, std::vector<media::Message>& out);
  void push_held(media::Message message);
  void match(const media::Message& first, Clock::time_point now);
  void unwrap(std::int64_t time, Clock::time_point now);
  void join(std::int64_t offset_ms, bool is_same_content);
  void release(Clock::time_point now, std::vector<media::Message>& out);
  void end_trimming(Clock::time_point now);
  bool is_new(const media::Message& message, Clock::time_point now);
  void pass_media(media::Message message, Clock::time_point now, std::vector<media::Message>& out);
  void pass_header(media::Message message, std::vector<media::Message>& out);
  void pass_annotation(media::Message message, std::vector<media::Message>& out);

  bool can_start_at(const media::Message& message, Clock::time_point now) const;
  bool lacks(const Track& track, Clock::time_point now) const;
  bool has_had_frames_for(std::chrono::seconds time, Clock::time_point now) const;
  bool is_behind(std::int64_t time, Clock::time_point now) const;
  std::int64_t expected_ms(Clock::time_point now) const;
  const Fingerprint* find_at(const media::Message& message, std::int64_t timestamp_ms) const;
  const Fingerprint* find_key(const media::Message& message) const;
  void remember(const media::Message& message);
  Track& track(const media::Message& message) { return message.is_video() ? video_ : audio_; }

  State state_ = State::passing;
  Timeline timeline_;
  std::int64_t offset_ms_ = 0;  // of the source being trimmed
  bool same_content_ = false;   // the source has the frames sent before
  Track video_, audio_;
  std::int64_t last_annotation_ms_ = -1;
  std::string source_name_;            // of the newest source's timeline; empty: unknown
  std::string timeline_name_;          // of the timeline that the stream continued with
  std::optional<bool> same_timeline_;  // by name; none: unnamed
  Clock::time_point source_begun_{};
  Clock::time_point newest_at_{};
  std::optional<Clock::time_point> first_frame_at_;  // of the newest source
  std::int64_t wraps_ms_ = 0;                        // whole wraps of its 32-bit timestamps
  std::deque<media::Message> held_;
  std::size_t held_bytes_ = 0;            // with held_overhead for each
  std::deque<Fingerprint> fingerprints_;  // of the newest forwarded messages, oldest first
  media::StreamHeaders headers_;          // the newest forwarded
};

}  // namespace srs::live
