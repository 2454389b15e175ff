// StreamOutput: one stream of a source on its way to the pipe: a publication, paced if asked to.
//
// Annotations that an earlier stage put in are kept in front of the media that they tell of; where a
// recording is replayed, its old clock is left out. The stream begins on the pipe with its first message. One
// thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>

#include "cli/log.h"
#include "live/publication.h"
#include "srs-ingest/output/pipe_stream.h"
#include "srs-ingest/sources/pacer.h"
#include "srs-ingest/sources/source.h"

namespace srs::ingest {

class StreamOutput : public MediaSink, private live::StreamSink {
 public:
  struct Options {
    media::StreamInfo info;
    pipe::OnFull on_full = pipe::OnFull::block;
    bool paced = false;
    bool clock = false;                    // add onClock once a second
    const cli::Log* log = nullptr;         // says what the tracks are, if the source does not do it itself
    const cli::Log* repair_log = nullptr;  // says what had to be repaired of the pictures
  };
  // stop ends the waits of pacing. The writer must outlive it.
  StreamOutput(pipe::PipeWriter& writer, Options options, std::stop_token stop);

  void write(flv::TagType type, std::int64_t source_ms, Slice payload) override;
  void forward(media::Message message) override;
  void held_back_since(std::chrono::system_clock::time_point since) override {
    publication_.held_back_since(since);
  }

  // The source starts anew, after it was lost: the time that passed is part of the timeline.
  void resume_after_loss() { publication_.resume_after_loss("source lost and back"); }
  // The source starts over: the timeline goes on with the next frame.
  void resume_after_end() { publication_.resume_after_end("source starts over"); }
  // Ends the stream on the pipe, if it ever began.
  void end(media::EndReason reason = media::EndReason::ended) { publication_.end(reason); }

  std::uint64_t messages() const { return publication_.messages(); }

 private:
  std::unique_ptr<live::OpenStream> begin(const media::StreamInfo& info) override;
  live::Publication::Options publication_options();

  pipe::PipeWriter& writer_;
  const Options options_;
  const std::stop_token stop_;
  Pacer pacer_;
  live::Publication publication_;
};

}  // namespace srs::ingest
