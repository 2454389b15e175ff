#include "srs-hls/record/record_flv.h"

#include <algorithm>
#include <cstring>

#include "amf/value.h"
#include "flv/payload.h"
#include "media/annotations.h"

namespace srs::hls {
namespace {

using media::MessageKind;

// Limits for scripts between two frames.
constexpr std::size_t aside_max = 64, aside_bytes_max = 2u << 20;
constexpr std::size_t metadata_max = 1u << 20;
// Payloads up to this size are copied next to their headers: pointing at them would cost more, and keep the
// block that they were read in.
constexpr std::size_t copied_max = 4'096;
// Memory overhead of a piece.
constexpr std::size_t piece_cost = 256;

// Room for the key frames of a file of this duration, at one per second, plus some: a file ends late, at a
// key frame.
std::size_t slots_for(std::chrono::milliseconds segment) {
  return static_cast<std::size_t>(std::min<std::int64_t>(segment.count() / 1'000, FlvIndex::slots_max)) + 32;
}

// The publisher's metadata members.
amf::Object members_of(Bytes payload) {
  const Slice metadata = media::without_stream_notes(payload);
  ByteReader reader(metadata.bytes());
  const auto name = amf::decode(reader);
  auto value = amf::decode(reader);
  if (!name || !value || value->as_object() == nullptr) return {};
  return std::move(*value->as_object());
}

}  // namespace

RecordFlv::RecordFlv(std::chrono::milliseconds segment) : slots_(slots_for(segment)) {}

std::optional<Frame> RecordFlv::parse(const media::Message& message) {
  switch (message.kind) {
    case MessageKind::metadata:
      if (message.payload.size() <= metadata_max) metadata_ = members_of(message.payload.bytes());
      return {};
    case MessageKind::video_header:
    case MessageKind::audio_header:
    case MessageKind::video_metadata:
      keep_header(message);
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
  frame.key = frame.idr = is_key(message);
  frame.time = {message.timestamp_ms, message.timestamp_ms, 0};
  frame.payload = message.payload;
  frame.body = message.payload.bytes();
  has_[static_cast<int>(frame.track)] = true;
  return frame;
}

void RecordFlv::keep_header(const media::Message& message) {
  has_[message.is_video() ? 0 : 1] = true;
  if (headers_.update(message)) set_aside(message);
}

// With several video tracks, files are cut at the key frames of the first.
bool RecordFlv::is_key(const media::Message& message) const {
  if (message.kind != MessageKind::key_frame) return false;
  const std::uint8_t track = headers_.first_video_track();
  const auto video = flv::parse_video(message.payload.bytes(), track);
  return video && video->track_id == track;
}

void RecordFlv::set_aside(const media::Message& message) {
  if (aside_.size() >= aside_max || aside_bytes_ + message.payload.size() > aside_bytes_max) return;
  aside_bytes_ += message.payload.size();
  aside_.push_back(message);
  aside_.back().payload = Slice::copy_of(message.payload.bytes());
}

RecordDescription RecordFlv::describe() const {
  RecordDescription description;
  const std::uint8_t track = headers_.first_video_track();
  std::vector<std::string> sound;
  const auto add = [](std::vector<std::string>& to, const std::string& codecs) {
    if (!codecs.empty() && std::find(to.begin(), to.end(), codecs) == to.end()) to.push_back(codecs);
  };
  for (const media::Message& header : headers_.messages()) {
    if (header.is_audio()) {
      if (const auto audio = flv::parse_audio(header.payload.bytes()))
        add(sound, audio_info(audio->codec, audio->body).codecs);
      continue;
    }
    const auto video = flv::parse_video(header.payload.bytes(), track);
    if (!video || video->kind != flv::PacketKind::sequence_start) continue;
    const TrackInfo info = video_info(video->codec, video->body);
    add(description.codecs, info.codecs);
    if (video->track_id != track) continue;
    description.width = info.width;
    description.height = info.height;
  }
  for (const std::string& codecs : sound) add(description.codecs, codecs);
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
  size_bytes_ = position_ = flv::file_header_size;
  Block head = make_block(flv::file_header_size);
  flv::store_file_header(head.get(), has_[1], has_[0]);
  const Bytes bytes(head.get(), flv::file_header_size);
  pieces_.emplace_back(std::move(head), bytes);
  index_.emplace(metadata_, has_[0] ? slots_ : 0);
  append(flv::TagType::script, base_ms, Slice::copy_of(index_->payload(0, {})));
  index_->add_key_frame(0, position_);
  for (const flv::TagType type : {flv::TagType::video, flv::TagType::audio})
    for (const media::Message& header : headers_.messages())
      if (header.type == type) append(type, base_ms, header.payload);
}

void RecordFlv::add(const Frame& frame) {
  aside_bytes_ = 0;
  for (const media::Message& message : std::exchange(aside_, {}))
    append(message.type, frame.time.dts_ms, message.payload);
  if (frame.is_key()) index_->add_key_frame(std::max(newest_ms_[0], frame.time.dts_ms - base_ms_), position_);
  append(frame.track == Track::video ? flv::TagType::video : flv::TagType::audio, frame.time.dts_ms,
         frame.payload);
}

void RecordFlv::append(flv::TagType type, std::int64_t timestamp_ms, const Slice& payload) {
  std::int64_t& newest = newest_ms_[type == flv::TagType::audio ? 1 : 0];
  newest = std::max(newest, timestamp_ms - base_ms_);
  if (payload.size() > flv::max_payload_size) return;  // a tag header cannot express the size
  const bool copied = payload.size() <= copied_max;
  const std::size_t inside = copied ? payload.size() : 0;
  const std::size_t size = flv::tag_header_size + inside + flv::tag_trailer_size;
  Block frame = make_block(size);
  flv::store_tag_header(frame.get(), type, payload.size(), static_cast<std::uint32_t>(newest), 0);
  if (inside > 0) std::memcpy(frame.get() + flv::tag_header_size, payload.data(), inside);
  flv::store_tag_trailer(frame.get() + flv::tag_header_size + inside, payload.size());
  position_ += flv::tag_header_size + payload.size() + flv::tag_trailer_size;
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

std::optional<RecordPatch> RecordFlv::finish(std::uint64_t size_bytes, std::chrono::milliseconds duration) {
  if (!index_) return {};
  return RecordPatch{flv::file_header_size + flv::tag_header_size, index_->payload(size_bytes, duration)};
}

}  // namespace srs::hls
