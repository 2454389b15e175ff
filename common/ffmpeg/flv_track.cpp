#include "ffmpeg/flv_track.h"

extern "C" {
#include <libavutil/mathematics.h>
}

#include <algorithm>
#include <cstring>

#include "codec/table.h"
#include "core/byte_writer.h"
#include "ffmpeg/config_record.h"
#include "flv/payload.h"

namespace srs::ffmpeg {
namespace {

Slice join(Bytes head, Bytes body) {
  const std::size_t size = head.size() + body.size();
  Block block = make_block(size);
  std::memcpy(block.get(), head.data(), head.size());
  if (!body.empty()) std::memcpy(block.get() + head.size(), body.data(), body.size());
  const Bytes whole(block.get(), size);
  return {std::move(block), whole};
}

bool same(Bytes a, Bytes b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool has_adts_header(Bytes frame) {
  return frame.size() > 7 && frame[0] == 0xff && (frame[1] & 0xf6) == 0xf0;
}

}  // namespace

codec::VideoCodec copied_video_codec(const AVCodecParameters& parameters) {
  return codec::video_codec_of_ffmpeg(avcodec_get_name(parameters.codec_id));
}

codec::AudioCodec copied_audio_codec(const AVCodecParameters& parameters) {
  return codec::audio_codec_of_ffmpeg(avcodec_get_name(parameters.codec_id));
}

FlvTrack::FlvTrack(const AVCodecParameters& parameters, AVRational time_base, AVRational frame_rate)
    : parameters_(copy_parameters(parameters)),
      time_base_(time_base),
      frame_rate_(frame_rate),
      video_(copied_video_codec(parameters)),
      audio_(copied_audio_codec(parameters)),
      sets_(video_) {
  const Bytes extradata = extradata_of(parameters);
  // Without extradata the configuration must come in the stream, which only Annex B allows.
  annex_b_ = codec::row(video_).nal != nullptr && (extradata.empty() || codec::is_annex_b(extradata));
  set_configuration(extradata);
}

void FlvTrack::set_configuration(Bytes extradata) {
  std::vector<std::uint8_t> record;
  if (annex_b_) {
    sets_.scan(extradata);
    if (auto built = sets_.record()) record = std::move(*built);
  } else {
    record = build_record(*parameters_, frame_rate_, extradata);
  }
  if (same(record, record_)) return;
  record_ = std::move(record);
  header_due_ = true;
}

// Uses a configuration that a packet carries, as side data or in its own bytes.
void FlvTrack::update_configuration(const AVPacket& packet) {
  std::size_t size = 0;
  const std::uint8_t* data = av_packet_get_side_data(&packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
  if (data && size > 0) {
    const Bytes extradata(data, size);
    if (codec::row(video_).nal != nullptr && codec::is_annex_b(extradata)) annex_b_ = true;
    set_configuration(extradata);
  }
  if (!annex_b_ || !sets_.scan(bytes_of(packet))) return;
  if (auto built = sets_.record(); built && !same(*built, record_)) {
    record_ = std::move(*built);
    header_due_ = true;
  }
}

FlvTrack::Times FlvTrack::times_of(const AVPacket& packet) {
  std::int64_t dts = packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts;
  if (dts == AV_NOPTS_VALUE) dts = next_dts_.value_or(0);
  const std::int64_t pts = packet.pts != AV_NOPTS_VALUE ? packet.pts : dts;
  next_dts_ = dts + std::max<std::int64_t>(packet.duration, 0);
  // Both are rounded separately and the same way: their order stays as it was. A file may have any times:
  // limit them to 139 years, which clocks of nanoseconds can hold.
  constexpr std::int64_t longest_ms = std::int64_t{1} << 42;
  const auto in_ms = [&](std::int64_t time) {
    return std::clamp(av_rescale_q(time, time_base_, milliseconds_base), -longest_ms, longest_ms);
  };
  const std::int64_t dts_ms = in_ms(dts);
  const std::int64_t pts_ms = in_ms(pts);
  constexpr std::int64_t max_composition_ms = 0x7fffff;  // SI24
  return {dts_ms,
          static_cast<std::int32_t>(std::clamp<std::int64_t>(pts_ms - dts_ms, 0, max_composition_ms))};
}

Result<void> FlvTrack::add(AVPacket& packet, std::vector<TimedTag>& tags) {
  if (packet.size <= 0 || !packet.data) return {};  // side data only
  if (static_cast<std::size_t>(packet.size) > flv::max_payload_size / 2)
    return Error{Errc::too_large, "a packet is too large for an FLV tag"};
  return video_ != codec::VideoCodec::unknown ? add_video(packet, tags) : add_audio(packet, tags);
}

Result<void> FlvTrack::add_video(const AVPacket& packet, std::vector<TimedTag>& tags) {
  update_configuration(packet);
  const bool key_frame = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  started_ |= key_frame && !record_.empty();
  if (!started_) return {};
  const Times times = times_of(packet);
  if (header_due_) append_header(times.dts_ms, tags);
  tags.push_back({flv::TagType::video, times.dts_ms, video_payload(packet, key_frame, times.composition_ms)});
  return {};
}

Slice FlvTrack::video_payload(const AVPacket& packet, bool key_frame, std::int32_t composition_ms) const {
  ByteWriter head;
  flv::write_video_header(head, video_, flv::PacketKind::coded_frames, key_frame, composition_ms);
  Bytes picture = bytes_of(packet);
  if (const auto bare_picture = codec::row(video_).bare_picture) {
    const Bytes bare = bare_picture(picture);
    if (!bare.empty()) picture = bare;
  }
  if (!annex_b_) return join(head.view(), picture);
  const std::size_t room = head.size() + codec::length_prefixed_size(picture);
  Block block = make_block(room);
  BoundedWriter writer({block.get(), room});
  writer.bytes(head.view());
  codec::to_length_prefixed(picture, writer);
  const Bytes whole(block.get(), writer.size());
  return {std::move(block), whole};
}

Result<void> FlvTrack::add_audio(AVPacket& packet, std::vector<TimedTag>& tags) {
  if (audio_ == codec::AudioCodec::aac) {
    if (auto stripped = strip_adts(packet); !stripped) return stripped;
    update_configuration(packet);
    if (record_.empty()) return Error{Errc::invalid_data, "AAC without a configuration"};
  }
  const Times times = times_of(packet);
  if (header_due_) append_header(times.dts_ms, tags);
  ByteWriter head;
  flv::write_audio_header(head, audio_, flv::PacketKind::coded_frames,
                          static_cast<std::uint32_t>(std::max(parameters_->sample_rate, 0)),
                          static_cast<unsigned>(std::max(parameters_->ch_layout.nb_channels, 1)));
  tags.push_back({flv::TagType::audio, times.dts_ms, join(head.view(), bytes_of(packet))});
  return {};
}

// FFmpeg's filter outputs the configuration with its first packet only: a source that changes it gets a new
// filter.
Result<void> FlvTrack::strip_adts(AVPacket& packet) {
  const Bytes frame = bytes_of(packet);
  if (!has_adts_header(frame)) return {};
  const std::uint32_t signature = 1u << 24 | frame[2] << 8 | (frame[3] & 0xc0u);
  if (signature != adts_signature_) {
    adts_filter_.reset();
    AVBSFContext* made = nullptr;
    if (const int status = av_bsf_alloc(av_bsf_get_by_name("aac_adtstoasc"), &made); status < 0)
      return ffmpeg_error("aac_adtstoasc", status);
    adts_filter_.reset(made);
    made->par_in->codec_type = AVMEDIA_TYPE_AUDIO;
    made->par_in->codec_id = AV_CODEC_ID_AAC;
    made->time_base_in = time_base_;
    if (const int status = av_bsf_init(made); status < 0) return ffmpeg_error("aac_adtstoasc", status);
    adts_signature_ = signature;
  }
  int status = av_bsf_send_packet(adts_filter_.get(), &packet);
  if (status >= 0) status = av_bsf_receive_packet(adts_filter_.get(), &packet);
  if (status < 0) return ffmpeg_error("ADTS header", status);
  return {};
}

void FlvTrack::append_header(std::int64_t dts_ms, std::vector<TimedTag>& tags) {
  header_due_ = false;
  ByteWriter head;
  if (video_ != codec::VideoCodec::unknown) {
    flv::write_video_header(head, video_, flv::PacketKind::sequence_start, true);
    tags.push_back({flv::TagType::video, dts_ms, join(head.view(), record_)});
  } else if (!record_.empty()) {  // frames of MP3, AC-3 and E-AC-3 describe themselves
    flv::write_audio_header(head, audio_, flv::PacketKind::sequence_start);
    tags.push_back({flv::TagType::audio, dts_ms, join(head.view(), record_)});
  }
}

}  // namespace srs::ffmpeg
