// Splice: one stream out of what several sources bring of it, one after another.
//
// An edge that loses its origin goes on with the next one. Both carry the same stream, on the same absolute
// timeline if the same ingest met its source, or on timelines of their own. What the new source begins with
// (its newest GOP, usually) overlaps with what has been sent already, or leaves a gap. Splice finds out how
// the two belong together and lets through what is new, once:
//
//   the same frame at the same time was there before   go on with the very next frame, even inside a GOP
//   no common frame, but the times fit                 go on at the first key frame that is new
//   the same key frame at another time                 as the first, times shifted by the difference
//   nothing fits                                       go on at a key frame, behind an onDiscontinuity
//
// Times fit if they are near to where the stream should be by now. A source that turns out to lie behind for
// longer has a timeline of its own after all: waiting for it to catch up would freeze the picture. Timestamps
// of 32 bits that have gone round since are brought to the stream's turn.
//
// Nothing is waited for without end: not for a picture that the new source does not bring, not for a key
// frame that never comes, not for times that stand still. What is held meanwhile, and what is remembered, is
// bounded in messages and bytes.
//
// Codec headers and metadata that have not changed are not repeated. One thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "media/message.h"
#include "media/timeline.h"

namespace srs::media {

class Splice {
 public:
  using Clock = std::chrono::steady_clock;

  // What comes from here on is another source's, or the same one's that was connected anew. timeline: its
  // name, if it has one (see StreamInfo): sources whose timelines have the same name need no guess.
  void begin_source(Clock::time_point now, const std::string& timeline = {});

  // Takes a message of the source (its timestamp is the source's own) and appends what goes on to `out`:
  // none, one or several, on the stream's timeline.
  void take(Message message, Clock::time_point now, std::vector<Message>& out);

  // The newest timestamp that went on, -1 before the first.
  std::int64_t newest_ms() const { return timeline_.newest(); }
  // What is held until it is known how it goes on: at most some 16 MiB and one message.
  std::size_t held_bytes() const { return held_bytes_; }

 private:
  // How far off its expected time a source may be to be taken for the same timeline.
  static constexpr std::int64_t tolerance_ms = 2'000;
  // How long a source may take to catch up with what was there; what has the same content is worth a wait,
  // but it may be a publisher that began anew with the pictures of before.
  static constexpr std::chrono::seconds patience{1};
  static constexpr std::chrono::seconds same_content_patience{5};
  // How long a track may be missing until a source is taken to be without it.
  static constexpr std::chrono::seconds lone_track_patience{1};
  // How long a source may be without a key frame until it is taken to have none; and how long sources of the
  // same timeline may stay behind.
  static constexpr std::chrono::seconds key_patience{10};
  // A GOP may be so long: a source begins with its newest key frame.
  static constexpr std::int64_t max_overlap_ms = 30'000;
  static constexpr std::size_t max_prints = 8'192;
  static constexpr std::size_t max_held = 4'096;
  static constexpr std::size_t max_held_bytes = 16u << 20;
  static constexpr std::size_t held_overhead = 128;  // what a message costs beside its payload
  static constexpr std::size_t max_header_bytes = 1u << 20;
  // Smaller key frames (black pictures) may be alike by chance.
  static constexpr std::size_t telling_size = 1'000;

  enum class State {
    going,     // everything passes
    judging,   // of a new source nothing is known yet: what comes is held
    trimming,  // what was there before is left out
    unlike,    // its timeline is another: it goes on at the next key frame
  };

  struct Print {  // what is remembered of a message
    std::uint64_t hash = 0;
    std::int64_t timestamp_ms = 0;
    std::uint32_t size_bytes = 0;
    flv::TagType type = flv::TagType::audio;
    bool is_key = false;
  };

  struct Track {
    bool seen = false;          // by any source
    std::int64_t last_ms = -1;  // on the stream's timeline
    bool going = true;          // since the newest source
    bool brought = false;       // a frame, by the newest source
  };

  void go_on(Message message, Clock::time_point now, std::vector<Message>& out);
  void take_media(Message message, Clock::time_point now, std::vector<Message>& out);
  void hold(Message message, Clock::time_point now, std::vector<Message>& out);
  void keep(Message message);
  void judge(const Message& first, Clock::time_point now);
  void unwrap(std::int64_t time, Clock::time_point now);
  void join(std::int64_t offset_ms, bool is_same_content);
  void release(Clock::time_point now, std::vector<Message>& out);
  void settle(Clock::time_point now);
  bool is_new(const Message& message, Clock::time_point now);
  void pass_media(Message message, Clock::time_point now, std::vector<Message>& out);
  void pass_header(Message message, std::vector<Message>& out);
  void pass_annotation(Message message, std::vector<Message>& out);

  bool starts(const Message& message, Clock::time_point now) const;
  bool lacks(const Track& track, Clock::time_point now) const;
  bool has_had(std::chrono::seconds time, Clock::time_point now) const;
  bool is_behind(std::int64_t time, Clock::time_point now) const;
  std::int64_t expected_ms(Clock::time_point now) const;
  const Print* find_at(const Message& message, std::int64_t timestamp_ms) const;
  const Print* find_key(const Message& message) const;
  void remember(const Message& message);
  Track& track(const Message& message) { return message.is_video() ? video_ : audio_; }

  State state_ = State::going;
  Timeline timeline_;
  std::int64_t offset_ms_ = 0;  // of the source that is being trimmed
  bool same_content_ = false;   // its frames are known to be the same
  Track video_, audio_;
  std::int64_t last_annotation_ms_ = -1;
  std::string source_name_;            // of the newest source's timeline, empty: unknown
  std::string timeline_name_;          // of the one that the stream has gone on with
  std::optional<bool> same_timeline_;  // as the names tell; none: they do not
  Clock::time_point source_begun_{};
  Clock::time_point newest_at_{};
  std::optional<Clock::time_point> first_frame_at_;  // of the newest source
  std::int64_t turns_ms_ = 0;                        // whole turns of its 32-bit timestamps
  std::deque<Message> held_;
  std::size_t held_bytes_ = 0;    // with held_overhead for each
  std::deque<Print> prints_;      // of the newest messages that went on, oldest first
  std::array<Slice, 3> headers_;  // metadata, video, audio: the newest that went on
};

}  // namespace srs::media
