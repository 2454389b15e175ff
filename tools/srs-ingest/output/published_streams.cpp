#include "srs-ingest/output/published_streams.h"

namespace srs::ingest {

std::unique_ptr<live::OpenStream> PublishedStreams::begin(const media::StreamInfo& info) {
  if (options_.is_reserved(info.path) || writer_.carries(info.path)) return nullptr;
  PipeStream::Options stream;
  // A coroutine must not wait inside write(): a blocking output stops the reading instead (full()).
  stream.on_full = options_.on_full == pipe::OnFull::block ? pipe::OnFull::drop_gop : options_.on_full;
  stream.repair_log = options_.log;
  stream.on_end = options_.on_end;
  return std::make_unique<PipeStream>(writer_, info, std::move(stream));
}

}  // namespace srs::ingest
