// Chunks to messages, and these to media and commands. The result is the same however the bytes are split.
#include "rtmp/chunk_reader.h"

#include <algorithm>

#include "choices.h"
#include "rtmp/command.h"
#include "rtmp/media_reader.h"
#include "target.h"

using namespace srs;
using namespace srs::rtmp;

namespace {

struct Outcome {
  std::vector<Message> messages;
  bool failed = false;
};

Outcome read(Bytes bytes, fuzz::PieceSizes sizes) {
  ChunkReader reader;
  Outcome outcome;
  while (!bytes.empty() && !outcome.failed) {
    Bytes piece = bytes.first(std::min(sizes.next(), bytes.size()));
    bytes = bytes.subspan(piece.size());
    for (;;) {
      auto message = reader.next(piece);
      outcome.failed = !message;
      if (!message || !*message) break;
      outcome.messages.push_back(**std::move(message));
    }
    MUST_HOLD(outcome.failed || piece.empty());
  }
  return outcome;
}

bool same(const Message& a, const Message& b) {
  const Bytes x = a.payload.bytes(), y = b.payload.bytes();
  return a.type == b.type && a.chunk_stream_id == b.chunk_stream_id &&
         a.message_stream_id == b.message_stream_id && a.timestamp_ms == b.timestamp_ms &&
         std::equal(x.begin(), x.end(), y.begin(), y.end());
}

void use(const Message& message) {
  if (message.type == MessageType::command_amf0 || message.type == MessageType::command_amf3)
    if (const auto command = parse_command(message))
      MUST_HOLD(command->text(command->arguments.size()).empty());
  MediaReader media;
  media.feed(message);
  std::size_t size = 0;
  while (const auto one = media.next()) size += one->payload.size();
  // AMF3 data is re-encoded; all else are parts of the payload.
  if (message.type != MessageType::data_amf3) MUST_HOLD(size <= message.payload.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  const Outcome whole = read(bytes, fuzz::PieceSizes(SIZE_MAX));
  for (const auto sizes : {fuzz::PieceSizes(1), fuzz::PieceSizes(5), fuzz::PieceSizes::said_by(bytes)}) {
    const Outcome pieces = read(bytes, sizes);
    MUST_HOLD(pieces.failed == whole.failed);
    MUST_HOLD(std::equal(pieces.messages.begin(), pieces.messages.end(), whole.messages.begin(),
                         whole.messages.end(), same));
  }
  for (const Message& message : whole.messages) use(message);
  return 0;
}
