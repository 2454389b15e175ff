// Publication: one stream, from successive sources to a sink.
//
// It knows no protocol. An original source is mapped onto the stream's absolute timeline (Timeline); a source
// that is a node of ours, or may repeat media, is spliced in (Splice). Publication marks the seams
// (onDiscontinuity), adds the time of day (ClockNotes), and limits metadata.
//
// Its owner pushes messages: an RTMP publisher through Publications, a pull, a source of srs-ingest. The
// stream begins at the sink with its first message, or earlier by begin(). One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "live/clock_notes.h"
#include "live/splice.h"
#include "live/stream_sink.h"
#include "live/timeline.h"
#include "media/script_budget.h"
#include "media/stream_info.h"

namespace srs::live {

class Publication {
 public:
  enum class Join { timeline, splice };
  // What to do with the onClock notes of an earlier node.
  enum class SourceClock {
    script,   // none expected: they pass like any script tag
    used,     // they stay in front of their frame, with its timestamp; ours only where they are missing. A
              // spliced source is given three seconds to send its first
    dropped,  // a replay: they are of another day
  };
  struct Options {
    Join join = Join::timeline;
    SourceClock source_clock = SourceClock::script;
    bool adds_clock = true;
    bool bounds_scripts = true;  // by media::ScriptBudget
    // Blocks until a frame of this time is due; empty: no pacing.
    std::function<void(std::int64_t timestamp_ms)> pace{};
  };
  // What became of a message.
  struct Pushed {
    bool accepted = true;     // false: another input has the path; nothing was forwarded
    bool left_out = false;    // dropped: more metadata than a source may send
    bool is_frame = false;    // a new frame was forwarded
    bool is_resumed = false;  // it is the first frame after resume_after_loss()
  };

  // All must outlive it.
  Publication(StreamSink& sink, media::StreamInfo info, Options options, const Clock& clock);
  // Does not end the stream: call end().
  ~Publication() = default;
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;

  const media::StreamInfo& info() const { return info_; }
  const std::string& path() const { return info_.path; }

  // Opens the stream at the sink. False: another input has the path.
  bool begin();
  bool begun() const { return stream_ != nullptr; }
  // Tells the sink that the stream has ended. It may begin again.
  void end(media::EndReason reason);

  // The next messages are from another source, or from the same one reconnected; the path stays. The first
  // source needs this call only with Join::splice.
  void begin_source(const media::StreamInfo& info);
  // The source was lost and is back: the timeline advances by the time that has passed. why: for the seam's
  // onDiscontinuity, a literal. No effect with Join::splice.
  void resume_after_loss(const char* why);
  // The source starts over: the timeline continues with the next frame.
  void resume_after_end(const char* why);
  // See ClockNotes.
  void held_back_since(std::chrono::system_clock::time_point since) { clock_notes_.held_back_since(since); }

  // message: with its kind and the source's own timestamp, unwrapped.
  Pushed push(media::Message message);
  // Sends an annotation of our own, at the newest time. No effect before the stream has begun.
  void annotate(Slice payload);

  // The newest forwarded timestamp, on the stream's timeline; -1 before the first.
  std::int64_t newest_ms() const { return splice_ ? splice_->newest_ms() : timeline_.newest(); }
  // Where its sources have to go on; none before the first frame, and without Join::splice.
  std::optional<Splice::Place> place() const { return splice_ ? splice_->place() : std::nullopt; }
  // When the newest message of any kind arrived, and the newest frame was forwarded.
  Clock::TimePoint last_message_at() const { return last_message_at_; }
  Clock::TimePoint last_frame_at() const { return last_frame_at_; }
  bool has_media() const { return has_media_; }  // anything but script tags has arrived
  std::uint64_t messages() const { return messages_; }
  std::uint64_t received_bytes() const { return received_bytes_; }

 private:
  static constexpr std::size_t max_held = 16;

  Pushed push_mapped(media::Message message);
  Pushed push_spliced(media::Message message);
  void push_frame(media::Message message, Pushed& pushed);
  void hold(media::Message annotation);
  void release_held(std::int64_t offset_ms);
  void add_clock(std::int64_t timestamp_ms);
  std::int64_t newest_or_zero() const;

  StreamSink& sink_;
  media::StreamInfo info_;
  const Options options_;
  const Clock& clock_;
  std::unique_ptr<OpenStream> stream_;
  Timeline timeline_;
  std::optional<Splice> splice_;  // with Join::splice, instead of timeline_
  ClockNotes clock_notes_;
  media::ScriptBudget scripts_;
  std::vector<media::Message> held_;     // annotations, until their frame
  std::vector<media::Message> spliced_;  // of one push
  const char* seam_ = nullptr;           // the reason for a seam before the next frame
  bool is_lost_ = false;                 // the next frame ends a silence
  std::int64_t last_step_ms_ = 40;       // between the newest two frames
  Clock::TimePoint last_message_at_{};
  Clock::TimePoint last_frame_at_{};
  bool has_media_ = false;
  std::uint64_t messages_ = 0;
  std::uint64_t received_bytes_ = 0;
};

}  // namespace srs::live
