#include "srs-ingest/output/pipe_stream.h"

namespace srs::ingest {

PipeStream::PipeStream(pipe::PipeWriter& writer, const media::StreamInfo& info, Options options)
    : writer_(writer),
      path_(info.path),
      options_(std::move(options)),
      channel_(writer.begin(info, options_.on_full)) {}

void PipeStream::on_message(media::Message message) {
  repair_.pass(std::move(message), path_, options_.repair_log,
               [this](const media::Message& each) { write(each); });
}

void PipeStream::write(const media::Message& message) {
  if (options_.tracks_log != nullptr)
    if (const auto note = notes_.add(message)) options_.tracks_log->info("{}: {}", path_, *note);
  writer_.write(channel_, message);
}

void PipeStream::on_end(media::EndReason reason) {
  writer_.end(channel_, reason);
  if (options_.on_end) options_.on_end();
}

}  // namespace srs::ingest
