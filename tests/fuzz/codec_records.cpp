// Codec configurations as publishers send them, in records and in-band: an input is the kind and the bytes.
// Whatever is parsed has a name, and names are plain text.
#include "choices.h"
#include "codec/aac.h"
#include "codec/av1.h"
#include "codec/avc.h"
#include "codec/codec.h"
#include "codec/flac.h"
#include "codec/hevc.h"
#include "codec/nal.h"
#include "codec/opus.h"
#include "codec/table.h"
#include "codec/vp9.h"
#include "srs-hls/mux/avc_access_unit.h"
#include "srs-hls/tracks/track_info.h"
#include "target.h"

using namespace srs;
using namespace srs::codec;

namespace {

// Names go into playlists, between quotation marks.
void check_name(std::string_view name) {
  MUST_HOLD(!name.empty() && name.size() < 100);
  for (const char c : name) MUST_HOLD(c > ' ' && c < 0x7f && c != '"' && c != ',');
}

template <class Sets>
std::size_t size_of(const Sets& sets) {
  std::size_t size = 0;
  for (const auto& one : sets) size += one.size();
  return size;
}

void check_avc(Bytes bytes) {
  if (const auto config = parse_avc_config(bytes)) {
    MUST_HOLD(config->nal_length_size == 1 || config->nal_length_size == 2 || config->nal_length_size == 4);
    MUST_HOLD(size_of(config->sps) + size_of(config->pps) <= bytes.size());
    check_name(codec_string(*config));
    hls::AvcAccessUnit unit;
    unit.configure(*config);
    std::size_t sum = 0;
    for (const Bytes piece : unit.build(bytes, true)) sum += piece.size();
    MUST_HOLD(sum == unit.size_bytes() || sum == 0);
    MUST_HOLD(sum <= 5 * bytes.size() + size_of(config->sps) + size_of(config->pps) + 4'096);
  }
  if (const auto sps = parse_avc_sps(bytes)) {
    MUST_HOLD(sps->frame_rate >= 0 && sps->frame_rate < 1e12);
    MUST_HOLD(!avc_profile_name(sps->profile_idc, sps->constraint_flags).empty());
    MUST_HOLD(!avc_level_name(sps->profile_idc, sps->constraint_flags, sps->level_idc).empty());
  }
}

void check_hevc(Bytes bytes) {
  if (const auto config = parse_hevc_config(bytes)) {
    MUST_HOLD(config->nal_length_size == 1 || config->nal_length_size == 2 || config->nal_length_size == 4);
    MUST_HOLD(size_of(config->vps) + size_of(config->sps) + size_of(config->pps) <= bytes.size());
    check_name(codec_string(*config));
    MUST_HOLD(!hevc_profile_name(config->profile).empty() && !hevc_level_name(config->profile).empty());
  }
  if (const auto sps = parse_hevc_sps(bytes)) MUST_HOLD(sps->frame_rate >= 0 && sps->frame_rate < 1e12);
}

void check_other_video(Bytes bytes) {
  if (const auto config = parse_av1_config(bytes)) {
    check_name(codec_string(*config));
    MUST_HOLD(!av1_profile_name(*config).empty() && !av1_level_name(*config).empty());
    MUST_HOLD(config->frame_rate >= 0 && config->frame_rate < 1e12);
  }
  if (const auto config = parse_vp_config(bytes)) check_name(vp9_codec_string(*config));
}

void check_audio(Bytes bytes) {
  if (const auto config = parse_aac_config(bytes)) {
    check_name(codec_string(*config));
    MUST_HOLD(!aac_profile_name(*config).empty());
    const bool low_delay = config->object_type == 23;
    const unsigned samples = config->samples_per_frame;
    MUST_HOLD(low_delay ? samples == 512 || samples == 480 : samples == 1024 || samples == 960);
    for (const std::size_t frame :
         {std::size_t{0}, std::size_t{1}, std::size_t{8184}, std::size_t{8185}, SIZE_MAX})
      if (const auto header = config->adts_header(frame)) {
        MUST_HOLD(frame <= 8184);
        const std::size_t stated = ((*header)[3] & 3u) << 11 | (*header)[4] << 3 | (*header)[5] >> 5;
        MUST_HOLD(stated == frame + adts_header_size);
      }
  }
  if (const auto config = parse_opus_config(bytes)) MUST_HOLD(config->channels > 0);
  for (const AudioRow& row : audio_rows()) {
    if (row.frame_record != nullptr) MUST_HOLD(row.frame_record(bytes).size <= 3);
    if (row.entry != nullptr)
      if (const auto entry = row.entry(bytes)) MUST_HOLD(entry->sample_rate > 0);
    if (const auto frame = parse_audio_frame(row.codec, bytes)) {
      MUST_HOLD(frame->sample_rate > 0 && frame->sample_rate <= 192'000);
      MUST_HOLD(frame->channels > 0 && frame->channels <= 16);
      MUST_HOLD(frame->samples > 0 && frame->samples <= 1'536 && frame->box.size() < 64);
      MUST_HOLD(frame->frame_bytes_in_box <= frame->box.size());
    }
  }
  MUST_HOLD(samples_in_opus(bytes) <= 48'000 * 63);
  samples_in_flac(bytes, bytes);
}

void check_nals(Bytes bytes, unsigned length_size) {
  LengthPrefixedNals prefixed(bytes, length_size);
  std::size_t sum = 0;
  while (const auto nal = prefixed.next()) sum += nal->size() + length_size;
  MUST_HOLD(sum <= bytes.size());
  AnnexBNals annex_b(bytes);
  sum = 0;
  while (const auto nal = annex_b.next()) sum += nal->size() + 3;
  MUST_HOLD(sum <= bytes.size());
  MUST_HOLD(unescape_nal(bytes).size() <= bytes.size());
  for (const VideoRow& row : video_rows()) is_random_access(row.codec, bytes, length_size);
}

void check_info(Bytes bytes) {
  for (const VideoRow& row : video_rows())
    if (const auto info = hls::video_info(row.codec, bytes); !info.codecs.empty()) check_name(info.codecs);
  for (const AudioRow& row : audio_rows())
    if (const auto info = hls::audio_info(row.codec, bytes); !info.codecs.empty()) check_name(info.codecs);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices({data, size});
  const std::uint8_t kind = choices.u8();
  const Bytes bytes = choices.rest();
  if (kind % 5 == 0) check_avc(bytes);
  if (kind % 5 == 1) check_hevc(bytes);
  if (kind % 5 == 2) check_other_video(bytes);
  if (kind % 5 == 3) check_audio(bytes);
  if (kind % 5 == 4) check_nals(bytes, 1u + kind / 5 % 4);
  check_info(bytes);
  return 0;
}
