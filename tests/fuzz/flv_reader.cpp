// FLV: the tags are the same however the bytes are split, each within its input; written and read again they
// stay the same. Payload headers: parsed parts lie within the payload, and our writer's output parses to the
// same.
#include "choices.h"
#include "codec/table.h"
#include "flv/payload.h"
#include "flv/reader.h"
#include "target.h"

using namespace srs;
using namespace srs::flv;

namespace {

struct Outcome {
  std::vector<Tag> tags;
  bool failed = false;
  std::uint64_t offset = 0;
};

Outcome read(Bytes bytes, fuzz::PieceSizes sizes) {
  Reader reader;
  Outcome outcome;
  while (!bytes.empty() && !outcome.failed) {
    const Bytes piece = bytes.first(std::min(sizes.next(), bytes.size()));
    bytes = bytes.subspan(piece.size());
    reader.append(piece);
    for (;;) {
      auto tag = reader.next();
      outcome.failed = !tag;
      if (!tag || !*tag) break;
      outcome.tags.push_back(**std::move(tag));
    }
  }
  outcome.offset = reader.offset();
  return outcome;
}

bool same(const Tag& a, const Tag& b) {
  return a.type == b.type && a.stream_id == b.stream_id && a.timestamp_ms == b.timestamp_ms &&
         fuzz::same(a.payload.bytes(), b.payload.bytes());
}

bool lies_within(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

std::vector<std::uint8_t> written(const std::vector<Tag>& tags) {
  ByteWriter to;
  std::uint8_t header[file_header_size], trailer[tag_trailer_size];
  store_file_header(header, true, true);
  to.bytes(header);
  for (const Tag& tag : tags) {
    store_tag_header(header, tag.type, tag.payload.size(), tag.timestamp_ms, tag.stream_id);
    to.bytes(Bytes(header, tag_header_size));
    to.bytes(tag.payload.bytes());
    store_tag_trailer(trailer, tag.payload.size());
    to.bytes(trailer);
  }
  return to.release();
}

bool can_be_written(PacketKind kind) {
  return kind <= PacketKind::sequence_end;
}

void check_video(Bytes payload) {
  for (const std::uint8_t wanted : {0, 1}) {
    const auto video = parse_video(payload, wanted);
    if (!video) continue;
    MUST_HOLD(lies_within(video->body, payload));
    MUST_HOLD(!video->key_frame || video->kind == PacketKind::coded_frames);
    if (!can_be_written(video->kind) || fourcc(video->codec) == 0) continue;
    for (const bool enhanced : {false, true}) {
      ByteWriter to;
      (enhanced ? write_enhanced_video_header : write_video_header)(
          to, video->codec, video->kind, video->key_frame, video->composition_time_ms);
      to.bytes(video->body);
      const auto again = parse_video(to.view());
      MUST_HOLD(again.ok());
      MUST_HOLD(again->kind == video->kind && again->codec == video->codec);
      MUST_HOLD(again->key_frame == video->key_frame);
      // No composition time where it cannot be written: pre-standard AV1 has one in its header.
      MUST_HOLD(again->composition_time_ms == video->composition_time_ms || video->fourcc == 0);
      MUST_HOLD(fuzz::same(again->body, video->body));
    }
  }
}

void check_audio(Bytes payload) {
  for (const std::uint8_t wanted : {0, 1}) {
    const auto audio = parse_audio(payload, wanted);
    if (!audio) continue;
    MUST_HOLD(lies_within(audio->body, payload));
    if (!can_be_written(audio->kind) || fourcc(audio->codec) == 0) continue;
    ByteWriter to;
    write_enhanced_audio_header(to, audio->codec, audio->kind);
    to.bytes(audio->body);
    const auto again = parse_audio(to.view());
    MUST_HOLD(again.ok() && again->kind == audio->kind && again->codec == audio->codec);
    MUST_HOLD(fuzz::same(again->body, audio->body));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  const Outcome whole = read(bytes, fuzz::PieceSizes(SIZE_MAX));
  for (const auto sizes : {fuzz::PieceSizes(1), fuzz::PieceSizes(13), fuzz::PieceSizes::said_by(bytes)}) {
    const Outcome pieces = read(bytes, sizes);
    MUST_HOLD(pieces.failed == whole.failed && pieces.offset == whole.offset);
    MUST_HOLD(std::equal(pieces.tags.begin(), pieces.tags.end(), whole.tags.begin(), whole.tags.end(), same));
  }
  std::size_t sum = 0;
  for (const Tag& tag : whole.tags) {
    sum += tag_header_size + tag.payload.size() + tag_trailer_size;
    MUST_HOLD(tag.payload.size() <= max_payload_size && tag.stream_id <= max_stream_id);
    check_video(tag.payload.bytes());
    check_audio(tag.payload.bytes());
  }
  MUST_HOLD(sum <= size && whole.offset <= size);
  const Outcome again = read(written(whole.tags), fuzz::PieceSizes(SIZE_MAX));
  MUST_HOLD(!again.failed);
  MUST_HOLD(std::equal(again.tags.begin(), again.tags.end(), whole.tags.begin(), whole.tags.end(), same));
  for (const Tag& tag : again.tags) MUST_HOLD(tag.framed);
  return 0;
}
