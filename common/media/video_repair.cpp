#include "media/video_repair.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "codec/table.h"

namespace srs::media {
namespace {

// The bytes of the payload before its body.
Bytes head_of(const flv::VideoPayload& video, const Message& message) {
  return message.payload.bytes().first(static_cast<std::size_t>(video.body.data() - message.payload.data()));
}

Slice joined(Bytes head, Bytes body) {
  Block block = make_block(head.size() + body.size());
  std::memcpy(block.get(), head.data(), head.size());
  if (!body.empty()) std::memcpy(block.get() + head.size(), body.data(), body.size());
  const Bytes whole(block.get(), head.size() + body.size());
  return {std::move(block), whole};
}

// The same picture with 4-byte lengths.
Slice with_lengths(Bytes head, Bytes annex_b) {
  const std::size_t size = head.size() + codec::length_prefixed_size(annex_b);
  Block block = make_block(size);
  BoundedWriter writer({block.get(), size});
  writer.bytes(head);
  codec::to_length_prefixed(annex_b, writer);
  const Bytes whole(block.get(), writer.size());
  return {std::move(block), whole};
}

// A multitrack packet (type 6) with one track, not wrapped in another packet.
bool is_one_track(Bytes payload) {
  return payload.size() > 1 && (payload[0] & 15) == 6 && payload[1] >> 4 == 0;
}

// The header of a configuration to go with pictures that have this one (Enhanced RTMP: packet type 0).
std::vector<std::uint8_t> configuration_head(const flv::VideoPayload& video, Bytes picture_head) {
  ByteWriter head;
  if (!video.enhanced) {
    head.u8(0x10 | (picture_head[0] & 15));
    head.u32(0);  // packet type 0, no composition time
  } else if (video.multitrack) {
    head.u8(0x96);
    head.u8(0);  // one track
    head.u32(video.fourcc);
    head.u8(video.track_id);
  } else {
    head.u8(0x90);
    head.u32(video.fourcc);
  }
  return head.release();
}

// ISO 14496-15: lengths of 1, 2 or 4 bytes, as the record says.
unsigned length_size_of(codec::VideoCodec codec, Bytes record) {
  const std::size_t at = codec::row(codec).nal->length_size_at;
  return record.size() > at ? (record[at] & 3u) + 1 : 4;
}

}  // namespace

void VideoRepair::note(bool& reported, std::string_view text) {
  if (!std::exchange(reported, true)) notes_.emplace_back(text);
}

std::optional<std::string> VideoRepair::pop_note() {
  if (notes_.empty()) return std::nullopt;
  std::string first = std::move(notes_.front());
  notes_.erase(notes_.begin());
  return first;
}

void VideoRepair::process(Message message, std::vector<Message>& out) {
  if (!message.is_video()) return out.push_back(std::move(message));
  const auto video = flv::parse_video(message.payload.bytes());
  const bool is_one = video && (!video->multitrack || is_one_track(message.payload.bytes()));
  if (!is_one || codec::row(video->codec).nal == nullptr || video->track_id >= max_tracks)
    return out.push_back(std::move(message));
  Track& track = tracks_[video->track_id];
  if (track.codec != video->codec) track = {video->codec, codec::ParameterSets(video->codec)};
  if (video->kind == flv::PacketKind::sequence_start)
    return process_header(track, *video, std::move(message), out);
  if (video->kind == flv::PacketKind::coded_frames && !video->body.empty())
    return process_picture(track, *video, std::move(message), out);
  out.push_back(std::move(message));
}

void VideoRepair::process_header(Track& track, const flv::VideoPayload& video, Message message,
                                 std::vector<Message>& out) {
  if (codec::is_annex_b(video.body)) {
    note(reported_annex_b_,
         "its pictures have start codes (Annex B) where FLV wants lengths: they are turned into those");
    track.sets->scan(video.body);
    track.length_size = 4;
    append_header(track, video, message, out);
    return;
  }
  if (track.replaced && std::ranges::equal(track.record, video.body)) {
    message.payload = Slice::copy_of(message.payload.bytes());
    track.repeated = std::move(message);
    return;
  }
  apply_header(track, video.body, std::move(message), out);
}

void VideoRepair::apply_header(Track& track, Bytes record, Message message, std::vector<Message>& out) {
  track.repeated.reset();
  track.replaced = false;
  track.record.clear();
  if (record.size() <= codec::ParameterSets::max_bytes) track.record.assign(record.begin(), record.end());
  // Judging a malformed record is up to the players.
  const auto sets = track.sets->parse_record(record);
  if (sets) track.length_size = length_size_of(track.codec, record);
  // Some encoders send an empty record, and the parameter sets in the stream.
  track.configured = !sets || *sets > 0;
  if (track.configured) out.push_back(std::move(message));
}

// A key frame with parameter sets of its own does not need the repeated configuration; one without does.
void VideoRepair::resolve_repeated(Track& track, Bytes key_frame, bool is_annex_b,
                                   std::vector<Message>& out) {
  Message header = *std::exchange(track.repeated, std::nullopt);
  codec::ParameterSets own(track.codec);
  is_annex_b ? own.scan(key_frame) : own.scan(key_frame, track.length_size);
  if (!own.newest_sps().empty()) return;
  const std::vector<std::uint8_t> record = track.record;
  apply_header(track, record, std::move(header), out);
}

void VideoRepair::process_picture(Track& track, const flv::VideoPayload& video, Message message,
                                  std::vector<Message>& out) {
  const bool is_annex_b = codec::is_annex_b_picture(video.body, track.length_size);
  if (video.key_frame && track.repeated) resolve_repeated(track, video.body, is_annex_b, out);
  bool is_due = !track.configured;
  if (is_annex_b) {
    note(reported_annex_b_,
         "its pictures have start codes (Annex B) where FLV wants lengths: they are turned into those");
    is_due |= std::exchange(track.length_size, 4) != 4;
  }
  if (video.key_frame || !track.configured)
    is_due |= is_annex_b ? track.sets->scan(video.body) : track.sets->scan(video.body, track.length_size);
  const bool was_configured = track.configured;
  if (was_configured && is_due) track.replaced = true;
  if (is_due && append_header(track, video, message, out)) {
    if (!was_configured)
      note(reported_built_, "it has no sequence header: one is made of the parameter sets in the stream");
  } else if (!was_configured) {
    return note(reported_refused_,
                "pictures come without any configuration (sequence header, SPS and PPS): they are left out");
  }
  if (is_annex_b) {
    message.payload = with_lengths(head_of(video, message), video.body);
    message.framed = false;
  }
  out.push_back(std::move(message));
}

// Appends a configuration before this message; false if none is known.
bool VideoRepair::append_header(Track& track, const flv::VideoPayload& video, const Message& like,
                                std::vector<Message>& out) {
  const auto record = track.sets->record(track.length_size);
  if (!record) return false;
  track.configured = true;
  Message header = make_message(flv::TagType::video, like.timestamp_ms,
                                joined(configuration_head(video, like.payload.bytes()), *record));
  out.push_back(std::move(header));
  return true;
}

void VideoRepair::log_notes(const std::string& path, const cli::Log& log) {
  while (const auto note = pop_note())
    log.warning_by({"streams that are repaired", {}, cli::log_burst}, "{}: {}", path, *note);
}

}  // namespace srs::media
