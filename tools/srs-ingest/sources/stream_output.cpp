#include "srs-ingest/sources/stream_output.h"

#include <utility>

namespace srs::ingest {

StreamOutput::StreamOutput(pipe::PipeWriter& writer, Options options, std::stop_token stop)
    : writer_(writer),
      options_(std::move(options)),
      stop_(std::move(stop)),
      publication_(*this, options_.info, publication_options(), system_clock()) {}

live::Publication::Options StreamOutput::publication_options() {
  using Publication = live::Publication;
  Publication::Options options;
  options.source_clock = options_.paced ? Publication::SourceClock::dropped : Publication::SourceClock::used;
  options.adds_clock = options_.clock;
  options.bounds_scripts = false;
  if (options_.paced) options.pace = [this](std::int64_t timestamp_ms) { pacer_.wait(timestamp_ms, stop_); };
  return options;
}

std::unique_ptr<live::OpenStream> StreamOutput::begin(const media::StreamInfo& info) {
  PipeStream::Options stream;
  stream.on_full = options_.on_full;
  stream.repair_log = options_.repair_log;
  stream.tracks_log = options_.log;
  return std::make_unique<PipeStream>(writer_, info, std::move(stream));
}

void StreamOutput::write(flv::TagType type, std::int64_t source_ms, Slice payload) {
  forward(media::make_message(type, source_ms, std::move(payload)));
}

void StreamOutput::forward(media::Message message) {
  if (stop_.stop_requested()) return;
  const auto pushed = publication_.push(std::move(message));
  if (pushed.is_resumed && options_.log != nullptr)
    options_.log->info("{}: {} is back", options_.info.path, options_.info.origin);
}

}  // namespace srs::ingest
