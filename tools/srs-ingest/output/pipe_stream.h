// PipeStream: a stream on the pipe, as sources and publishers write it: pictures are made fit for FLV, and
// tracks are reported. The thread of its source.
#pragma once

#include <functional>

#include "cli/log.h"
#include "live/stream_sink.h"
#include "media/track_notes.h"
#include "media/video_repair.h"
#include "pipe/pipe_writer.h"

namespace srs::ingest {

class PipeStream : public live::OpenStream {
 public:
  struct Options {
    pipe::OnFull on_full = pipe::OnFull::block;
    const cli::Log* repair_log = nullptr;  // says what had to be repaired of the pictures
    const cli::Log* tracks_log = nullptr;  // says what the tracks are
    std::function<void()> on_end{};        // after the stream has ended on the pipe
  };
  // Begins on the pipe. writer and logs must outlive it.
  PipeStream(pipe::PipeWriter& writer, const media::StreamInfo& info, Options options);

  void on_message(media::Message message) override;
  void on_end(media::EndReason reason) override;

 private:
  void write(const media::Message& message);

  pipe::PipeWriter& writer_;
  const std::string path_;
  const Options options_;
  const pipe::ChannelId channel_;
  media::VideoRepair repair_;
  media::TrackNotes notes_;
};

}  // namespace srs::ingest
