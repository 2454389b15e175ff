#include "record/record_flv.h"

#include <algorithm>
#include <cstring>

#include "amf/value.h"
#include "flv/payload.h"
#include "media/annotations.h"

namespace srs::hls {
namespace {

using media::MessageKind;

// Scripts that may come between two frames.
constexpr std::size_t aside_max = 64, aside_bytes_max = 2u << 20;
constexpr std::size_t metadata_max = 1u << 20, header_max = 64 * 1024;
// Payloads up to this size are copied next to their headers: to point at them would cost more, and hold the
// block that they were read in.
constexpr std::size_t copied_max = 4'096;
// What a piece costs besides its bytes.
constexpr std::size_t piece_cost = 256;

// What the publisher says of itself, but not what is true of a whole file of his only.
Slice metadata_of_part(Bytes payload) {
  const Slice metadata = media::without_end_promise(payload);
  ByteReader reader(metadata.bytes());
  const auto name = amf::decode(reader);
  auto value = amf::decode(reader);
  amf::Object* const object = value ? value->as_object() : nullptr;
  if (!name || object == nullptr) return {};
  std::erase_if(object->members, [](const amf::Member& member) {
    constexpr std::string_view of_the_whole[] = {"duration",
                                                 "filesize",
                                                 "keyframes",
                                                 "lasttimestamp",
                                                 "lastkeyframetimestamp",
                                                 "lastkeyframelocation"};
    return std::find(std::begin(of_the_whole), std::end(of_the_whole), member.first) !=
           std::end(of_the_whole);
  });
  return Slice::copy_of(amf::encode_all({*name, *value}));
}

bool same(Bytes a, Bytes b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

std::optional<Frame> RecordFlv::take(const media::Message& message) {
  switch (message.kind) {
    case MessageKind::metadata:
      if (message.payload.size() <= metadata_max) metadata_ = metadata_of_part(message.payload.bytes());
      return {};
    case MessageKind::video_header:
      take_header(message, video_header_, video_);
      return {};
    case MessageKind::audio_header:
      take_header(message, audio_header_, audio_);
      return {};
    case MessageKind::annotation:
      return {};
    case MessageKind::script:
      set_aside(message);
      return {};
    default:
      break;
  }
  Frame frame;
  frame.track = message.is_video() ? Track::video : Track::audio;
  frame.key = frame.idr = message.kind == MessageKind::key_frame;
  frame.time = {message.timestamp_ms, message.timestamp_ms, 0};
  frame.payload = message.payload;
  frame.body = message.payload.bytes();
  has_[static_cast<int>(frame.track)] = true;
  return frame;
}

void RecordFlv::take_header(const media::Message& message, Slice& known, TrackInfo& info) {
  has_[message.is_video() ? 0 : 1] = true;
  if (same(known.bytes(), message.payload.bytes()) || message.payload.size() > header_max) return;
  known = Slice::copy_of(message.payload.bytes());
  set_aside(message);
  if (message.is_video()) {
    if (const auto video = flv::parse_video(known.bytes())) info = video_info(video->codec, video->body);
  } else if (const auto audio = flv::parse_audio(known.bytes())) {
    info = audio_info(audio->codec, audio->body);
  }
}

void RecordFlv::set_aside(const media::Message& message) {
  if (aside_.size() >= aside_max || aside_bytes_ + message.payload.size() > aside_bytes_max) return;
  aside_bytes_ += message.payload.size();
  aside_.push_back(message);
  aside_.back().payload = Slice::copy_of(message.payload.bytes());
}

RecordDescription RecordFlv::describe() const {
  RecordDescription description{{}, video_.width, video_.height};
  for (const TrackInfo* info : {&video_, &audio_})
    if (!info->codecs.empty()) description.codecs.push_back(info->codecs);
  return description;
}

void RecordFlv::begin(std::int64_t base_ms) {
  base_ms_ = base_ms;
  newest_ms_[0] = newest_ms_[1] = 0;
  std::erase_if(aside_, [this](const media::Message& message) {
    if (message.is_header()) aside_bytes_ -= message.payload.size();
    return message.is_header();
  });
  pieces_.clear();
  size_bytes_ = flv::file_header_size;
  Block head = make_block(flv::file_header_size);
  flv::store_file_header(head.get(), has_[1], has_[0]);
  const Bytes bytes(head.get(), flv::file_header_size);
  pieces_.emplace_back(std::move(head), bytes);
  if (!metadata_.empty()) append(flv::TagType::script, base_ms, metadata_);
  if (!video_header_.empty()) append(flv::TagType::video, base_ms, video_header_);
  if (!audio_header_.empty()) append(flv::TagType::audio, base_ms, audio_header_);
}

void RecordFlv::add(const Frame& frame) {
  aside_bytes_ = 0;
  for (const media::Message& message : std::exchange(aside_, {}))
    append(message.type, frame.time.dts_ms, message.payload);
  append(frame.track == Track::video ? flv::TagType::video : flv::TagType::audio, frame.time.dts_ms,
         frame.payload);
}

void RecordFlv::append(flv::TagType type, std::int64_t timestamp_ms, const Slice& payload) {
  std::int64_t& newest = newest_ms_[type == flv::TagType::audio ? 1 : 0];
  newest = std::max(newest, timestamp_ms - base_ms_);
  if (payload.size() > flv::max_payload_size) return;  // its header could not say so
  const bool copied = payload.size() <= copied_max;
  const std::size_t inside = copied ? payload.size() : 0;
  const std::size_t size = flv::tag_header_size + inside + flv::tag_trailer_size;
  Block frame = make_block(size);
  flv::store_tag_header(frame.get(), type, payload.size(), static_cast<std::uint32_t>(newest), 0);
  if (inside > 0) std::memcpy(frame.get() + flv::tag_header_size, payload.data(), inside);
  flv::store_tag_trailer(frame.get() + flv::tag_header_size + inside, payload.size());
  size_bytes_ += flv::tag_header_size + payload.size() + flv::tag_trailer_size + piece_cost;
  if (copied) {
    const Bytes whole(frame.get(), size);
    pieces_.emplace_back(std::move(frame), whole);
    return;
  }
  const Bytes header(frame.get(), flv::tag_header_size);
  const Bytes trailer(frame.get() + flv::tag_header_size, flv::tag_trailer_size);
  pieces_.emplace_back(frame, header);
  pieces_.push_back(payload);
  pieces_.emplace_back(std::move(frame), trailer);
}

Content RecordFlv::flush(std::optional<std::int64_t> /*next_picture_ms*/) {
  size_bytes_ = 0;
  return std::exchange(pieces_, {});
}

}  // namespace srs::hls
