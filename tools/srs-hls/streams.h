// Streams: all streams of the pipe, each with its playlist.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/log.h"
#include "clock.h"
#include "directory.h"
#include "media/pipe_reader.h"
#include "media/stream_meter.h"
#include "stream.h"

namespace srs::hls {

class Streams : public media::PipeSink {
 public:
  // only: of many streams, the one to take; all if empty.
  Streams(StreamSettings settings, std::string only, const Directory& directory, const Clock& clock,
          const cli::Log& log)
      : settings_(settings), only_(std::move(only)), directory_(directory), clock_(clock), log_(log) {}

  void on_begin(media::ChannelId channel, const media::StreamInfo& info) override;
  void on_message(media::ChannelId channel, media::Message message) override;
  void on_end(media::ChannelId channel, media::EndReason reason) override;

  // Finishes the files of all that are open; the streams may go on elsewhere. What comes afterwards is
  // left out.
  void cut_off();
  // Removes old segments, of ended streams too; call it about once a second.
  void sweep();

  std::size_t open() const { return open_.size(); }
  bool any_open() const { return !open_.empty(); }
  bool any_begun() const { return any_begun_; }
  // Segments or playlists are missing because they could not be written.
  bool any_failed() const { return any_failed_; }

  // What is told of a stream that is on.
  struct State {
    media::StreamInfo info;
    const media::StreamMeter& meter;
    const Listing& listing;
    std::chrono::steady_clock::time_point since;
  };
  std::vector<State> states() const;

 private:
  struct Open {
    std::string path;
    std::unique_ptr<Stream> stream;
    media::StreamInfo info;
    std::chrono::steady_clock::time_point since{};
    media::StreamMeter meter;
  };

  void finish(Open& open, Stream::End how);

  const StreamSettings settings_;
  const std::string only_;
  const Directory& directory_;
  const Clock& clock_;
  const cli::Log& log_;
  std::map<media::ChannelId, Open> open_;
  std::map<std::string, std::unique_ptr<Stream>> ended_;  // with segments that have to stay a while
  bool closed_ = false;
  bool any_begun_ = false;
  bool any_failed_ = false;
};

// Why a stream of this name cannot have files: nothing if it can.
std::string refuse_file_name(const std::string& path);

}  // namespace srs::hls
