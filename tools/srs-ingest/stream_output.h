// StreamOutput: one stream of a source on its way to the pipe.
//
// It maps the source's timestamps onto the stream's absolute timeline, paces if asked to, adds the clock
// of live streams and marks seams. Annotations that an earlier stage put in are kept in front of the media
// that they tell of; where a recording is replayed, its old clock is left out. The stream begins on the pipe
// with its first message. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/log.h"
#include "media/pipe_writer.h"
#include "media/timeline.h"
#include "media/track_notes.h"
#include "pacer.h"
#include "source.h"

namespace srs::ingest {

class StreamOutput : public MediaSink {
 public:
  struct Options {
    media::StreamInfo info;
    media::OnFull on_full = media::OnFull::block;
    bool paced = false;
    bool clock = false;             // add onClock once a second
    const cli::Log* log = nullptr;  // tells the tracks there, if the source does not do it itself
  };
  // stop ends the waits of pacing.
  StreamOutput(media::PipeWriter& writer, Options options, std::stop_token stop);

  void write(flv::TagType type, std::int64_t source_ms, Slice payload) override;
  void forward(media::Message message) override;

  // The source starts anew, after it was lost: the time that passed is part of the timeline.
  void resume_after_loss();
  // The source starts over: the timeline goes on with the next frame.
  void resume_after_end();
  // Ends the stream on the pipe, if it ever began.
  void end(media::EndReason reason = media::EndReason::ended);

  std::uint64_t messages() const { return messages_; }

 private:
  void begin();
  void put(media::Message message);
  void put_media(media::Message message);
  void hold(media::Message annotation);
  void release_held(std::int64_t offset_ms);
  void annotate(std::int64_t timestamp_ms, Slice payload);
  void tell(const media::Message& message);
  void add_clock(std::int64_t timestamp_ms);

  media::PipeWriter& writer_;
  Options options_;
  std::stop_token stop_;
  media::Timeline timeline_;
  media::TrackNotes notes_;
  Pacer pacer_;
  std::optional<media::ChannelId> channel_;
  std::uint64_t messages_ = 0;
  std::chrono::steady_clock::time_point last_message_{};
  std::int64_t last_step_ms_ = 40;  // between the newest two timestamps
  std::int64_t next_clock_ms_ = 0;
  const char* seam_ = nullptr;  // why the next message follows a seam
  bool lost_ = false;           // the next message ends a silence
  std::vector<media::Message> held_;
  std::optional<std::chrono::steady_clock::time_point> source_clock_;  // when the source last told the time
};

}  // namespace srs::ingest
