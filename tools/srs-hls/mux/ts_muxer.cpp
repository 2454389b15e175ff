#include "srs-hls/mux/ts_muxer.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <utility>

namespace srs::hls {
namespace {

// Stream types (ISO 13818-1 table 2-34) whose frames are not carried as they are.
constexpr std::uint8_t type_adts = 0x0f, type_mpeg1_audio = 0x03, type_mpeg2_audio = 0x04;
constexpr std::uint8_t video_stream_id = 0xe0, audio_stream_id = 0xc0, private_stream_1 = 0xbd;
// A PCR at least every 100 ms (ISO 13818-1 2.7.2): mostly with a picture, since the next one may be 50 ms
// away; without pictures for that long, on its own beside an audio frame.
constexpr Ticks pcr_with_frame = 50 * 90;
constexpr Ticks pcr_alone = 75 * 90;
constexpr Ticks pcr_max = 100 * 90;
// FLV's times are rounded to milliseconds, up or down by one.
constexpr Ticks audio_slack = 3 * 90 / 2;
// A PES packet of audio waits for its last frame: about 0.14 s at 44.1 kHz, well below pcr_lead.
constexpr std::size_t audio_frames_max = 6;
// Audio needs a PES_packet_length, which has 16 bits.
constexpr std::size_t audio_payload_max = 60'000;

Ticks ticks_of(std::int64_t ms) {
  return ms * 90 + TsMuxer::time_base;
}
Ticks pts_of(const MediaTime& time) {
  return ticks_of(time.pts_ms) + time.nanosecond_offset * 9 / 100'000;
}

// MPEG-2's half sampling rates have a stream type of their own (the ID bit of ISO 11172-3 2.4.1.3).
std::uint8_t mpeg_audio_type(Bytes frame) {
  const bool mpeg2 = frame.size() >= 2 && frame[0] == 0xff && (frame[1] & 0x08) == 0;
  return mpeg2 ? type_mpeg2_audio : type_mpeg1_audio;
}

}  // namespace

Result<void> TsMuxer::configure_video(codec::VideoCodec codec, Bytes record) {
  if (!supports(codec))
    return Error{Errc::unsupported, fmt::format("{} is not for MPEG-TS", codec::name(codec))};
  const auto config = codec::parse_avc_config(record);
  if (!config) return config.error();
  access_unit_.configure(*config);
  const codec::TsStream& stream = codec::row(codec).ts;
  if (!video_stream_ || video_stream_->type != stream.type) {
    video_stream_ = stream;
    tracks_changed();
  }
  return {};
}

Result<void> TsMuxer::configure_audio(codec::AudioCodec codec, Bytes record) {
  if (!supports(codec))
    return Error{Errc::unsupported, fmt::format("{} is not for MPEG-TS", codec::name(codec))};
  codec::TsStream stream = codec::row(codec).ts;
  std::optional<codec::AacConfig> aac;
  if (stream.type == type_adts) {
    const auto config = codec::parse_aac_config(record);
    if (!config) return config.error();
    if (!config->adts_header(1)) return Error{Errc::unsupported, "this kind of AAC has no ADTS form"};
    aac = *config;
  } else if (stream.type == type_mpeg1_audio) {
    stream.type = mpeg_audio_type(record);
  }
  flush_audio();
  aac_ = aac;
  if (!audio_stream_ || audio_stream_->type != stream.type) {
    audio_stream_ = stream;
    tracks_changed();
  }
  return {};
}

void TsMuxer::exclude_video() {
  if (std::exchange(video_stream_, std::nullopt)) tracks_changed();
}

void TsMuxer::exclude_audio() {
  flush_audio();
  if (std::exchange(audio_stream_, std::nullopt)) tracks_changed();
}

// A late track is announced at once, and again when the next segment begins.
void TsMuxer::tracks_changed() {
  pmt_version_ = (pmt_version_ + 1) & 0x1f;
  if (packets_.size() > 0) write_tables();
}

void TsMuxer::write_tables() {
  packets_.write_pat();
  ElementaryStream streams[2];
  std::size_t count = 0;
  if (video_stream_) streams[count++] = {video_stream_->type, video_pid};
  if (audio_stream_) streams[count++] = {audio_stream_->type, audio_pid, audio_stream_->registration};
  pcr_pid_ = video_stream_ ? video_pid : audio_pid;
  packets_.write_pmt(std::span(streams, count), pcr_pid_, pmt_version_);
  last_pcr_.reset();
}

void TsMuxer::begin_segment() {
  packets_.take();
  first_audio_ = true;
  write_tables();
}

Slice TsMuxer::end_part(std::optional<std::int64_t> /*next_dts_ms*/) {
  flush_audio();
  return packets_.take();
}

std::optional<Ticks> TsMuxer::due_pcr(Ticks dts, Ticks interval) {
  const Ticks pcr = dts - pcr_lead;
  if (last_pcr_ && pcr < *last_pcr_ + interval && pcr >= *last_pcr_ - 90'000) return {};
  last_pcr_ = pcr;
  return pcr;
}

bool TsMuxer::write_video(Bytes body, MediaTime time, bool key_frame) {
  const auto pieces = access_unit_.build(body, key_frame);
  if (pieces.empty()) return false;
  // Audio older than this picture goes out before it, unless its packet is still filling up.
  if (audio_frames_ > 0 && ticks_of(time.dts_ms) - audio_dts_ > pcr_lead / 2) flush_audio();
  PesHeader header;
  header.pid = video_pid;
  header.stream_id = video_stream_id;
  header.pts = pts_of(time);
  const Ticks dts = ticks_of(time.dts_ms);
  if (dts != header.pts) header.dts = dts;
  header.pcr = due_pcr(dts, pcr_with_frame);
  header.random_access = key_frame;
  packets_.begin_pes(header, access_unit_.size_bytes());
  for (const Bytes piece : pieces) packets_.put(piece);
  return true;
}

bool TsMuxer::write_audio(Bytes body, MediaTime time) {
  if (body.empty() || body.size() > audio_payload_max) return false;
  const Ticks dts = ticks_of(time.dts_ms);
  if (pcr_pid_ == video_pid)
    if (const auto pcr = due_pcr(dts, pcr_alone)) packets_.write_pcr(video_pid, *pcr);
  if (aac_) return add_aac(body, pts_of(time));
  audio_.assign(body.begin(), body.end());
  audio_pts_ = audio_dts_ = dts;
  flush_audio();
  return true;
}

bool TsMuxer::joins(std::size_t frame_size, Ticks pts) const {
  const auto duration = [this](std::size_t frames) {
    return static_cast<Ticks>(frames * aac_->samples_per_frame * 90'000 / aac_->core_sample_rate);
  };
  if (audio_.size() + frame_size > audio_payload_max) return false;
  if (pcr_pid_ == audio_pid && duration(audio_frames_ + 1) > pcr_max) return false;
  return std::abs(audio_pts_ + duration(audio_frames_) - pts) <= audio_slack;
}

bool TsMuxer::add_aac(Bytes frame, Ticks pts) {
  const auto adts = aac_->adts_header(frame.size());
  if (!adts) return false;
  if (audio_frames_ > 0 && !joins(adts->size() + frame.size(), pts)) flush_audio();
  if (audio_frames_ == 0) audio_pts_ = audio_dts_ = pts;
  audio_.insert(audio_.end(), adts->begin(), adts->end());
  audio_.insert(audio_.end(), frame.begin(), frame.end());
  // The first frame goes alone: FFmpeg derives the frame duration from it, and would give a second one the
  // same time.
  if (++audio_frames_ == audio_frames_max || first_audio_) flush_audio();
  first_audio_ = false;
  return true;
}

void TsMuxer::flush_audio() {
  if (audio_.empty()) return;
  PesHeader header;
  header.pid = audio_pid;
  header.stream_id = audio_stream_->registration.empty() ? audio_stream_id : private_stream_1;
  header.pts = audio_pts_;
  if (pcr_pid_ == audio_pid) header.pcr = due_pcr(audio_dts_, 0);
  header.random_access = true;
  packets_.begin_pes(header, audio_.size());
  packets_.put(audio_);
  audio_.clear();
  audio_frames_ = 0;
}

// The continuity counters and the version of the PMT.
std::string TsMuxer::state() const {
  const auto& counters = packets_.counters();
  return fmt::format("{},{},{},{},{}", counters[0], counters[1], counters[2], counters[3], pmt_version_);
}

void TsMuxer::restore(std::string_view state) {
  std::uint8_t values[5] = {};
  const char* at = state.data();
  const char* const end = at + state.size();
  for (std::uint8_t& value : values) {
    const auto parsed = std::from_chars(at, end, value);
    if (parsed.ec != std::errc()) return;
    at = parsed.ptr < end ? parsed.ptr + 1 : end;
  }
  packets_.set_counters({values[0], values[1], values[2], values[3]});
  pmt_version_ = values[4] & 0x1f;
}

}  // namespace srs::hls
