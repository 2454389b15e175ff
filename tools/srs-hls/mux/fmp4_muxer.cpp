#include "mux/fmp4_muxer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace srs::hls {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;

constexpr std::int64_t ticks_per_ms = mp4::video_timescale / 1'000;
// What a file of state may say: sums with times of streams stay within 64 bits.
constexpr std::uint64_t time_max = std::uint64_t{1} << 61;

Error not_encrypted(std::string_view name) {
  return Error{Errc::unsupported, fmt::format("{} cannot be encrypted here", name)};
}

// The first number of a list, which is taken off it; nothing if it is none or is not possible.
template <class Number>
std::optional<Number> take_number(std::string_view& list) {
  const std::string_view one = list.substr(0, list.find(','));
  list.remove_prefix(std::min(one.size() + 1, list.size()));
  Number value{};
  const auto parsed = std::from_chars(one.data(), one.data() + one.size(), value);
  const bool possible = value >= 0 && static_cast<std::uint64_t>(value) < time_max;
  return parsed.ec == std::errc() && possible ? std::optional(value) : std::nullopt;
}

}  // namespace

bool Fmp4Muxer::takes(VideoCodec codec) const {
  return codec == VideoCodec::avc || codec == VideoCodec::hevc || codec == VideoCodec::av1 ||
         codec == VideoCodec::vp9;
}

bool Fmp4Muxer::takes(AudioCodec codec) const {
  return codec == AudioCodec::aac || codec == AudioCodec::mp3 || codec == AudioCodec::opus ||
         codec == AudioCodec::ac3 || codec == AudioCodec::eac3 || codec == AudioCodec::flac;
}

Result<void> Fmp4Muxer::configure_video(VideoCodec codec, Bytes record) {
  auto track = mp4::describe_video(codec, record);
  if (!track) return std::move(track).error();
  const bool has_slices = codec == VideoCodec::avc || codec == VideoCodec::hevc;
  if ((encrypts_ || next_encryption_) && !has_slices) return not_encrypted(codec::name(codec));
  next_video_ = *std::move(track);
  return {};
}

Result<void> Fmp4Muxer::configure_audio(AudioCodec codec, Bytes record) {
  auto track = mp4::describe_audio(codec, record);
  if (!track) return std::move(track).error();
  next_audio_ = *std::move(track);
  return {};
}

bool Fmp4Muxer::encrypt(const std::optional<SampleEncryption>& encryption) {
  next_encryption_.reset();
  if (encryption) next_encryption_ = mp4::Encryption{encryption->key, encryption->key_id, encryption->iv};
  return true;
}

Slice Fmp4Muxer::init_section() const {
  if (init_.empty())
    init_ = Slice::copy_of(
        mp4::init_section(video_ ? &*video_ : nullptr, audio_ ? &*audio_ : nullptr, encryption_));
  return init_;
}

void Fmp4Muxer::begin_segment() {
  if (next_video_) video_ = std::exchange(next_video_, std::nullopt);
  if (next_audio_) audio_ = std::exchange(next_audio_, std::nullopt);
  init_ = {};
  const auto key_of = [](const std::optional<mp4::Encryption>& one) {
    return one ? std::optional(one->key) : std::nullopt;
  };
  if (key_of(encryption_) == key_of(next_encryption_)) return;
  encryption_ = next_encryption_;
  writer_.encrypt(encryption_);
}

bool Fmp4Muxer::write_video(Bytes body, MediaTime time, bool key_frame) {
  if (!video_ || next_video_ || body.empty()) return false;
  if (video_->codec == VideoCodec::av1) body = mp4::without_temporal_delimiter(body);
  if (video_->width == 0 && key_frame) {
    mp4::learn_size(*video_, body);
    init_ = {};
  }
  const std::int64_t pts = time.pts_ms * ticks_per_ms + time.nanosecond_offset * 9 / 100'000;
  return writer_.add_video(*video_, body, time.dts_ms * ticks_per_ms, pts, key_frame);
}

bool Fmp4Muxer::write_audio(Bytes body, MediaTime time) {
  if (!audio_ || next_audio_ || body.empty()) return false;
  // MP3, AC-3, E-AC-3: what their first frame says holds until they are configured anew.
  if (audio_->sample_rate == 0 && mp4::learn(*audio_, body)) init_ = {};
  if (audio_->sample_rate == 0) return false;
  const std::uint32_t samples = mp4::samples_in(*audio_, body);
  if (samples == 0) return false;
  const std::int64_t at =
      time.pts_ms * audio_->sample_rate / 1'000 +
      static_cast<std::int64_t>(time.nanosecond_offset) * audio_->sample_rate / 1'000'000'000;
  return writer_.add_audio(*audio_, body, at, samples);
}

Slice Fmp4Muxer::end_part(std::optional<std::int64_t> next_dts_ms) {
  if (next_dts_ms) *next_dts_ms *= ticks_per_ms;
  return writer_.finish(next_dts_ms);
}

// The number of the last fragment, and where pictures and sound go on; -1 if there were none.
std::string Fmp4Muxer::state() const {
  return fmt::format("{},{},{}", writer_.sequence_number(), writer_.video_timeline().promised().value_or(-1),
                     writer_.audio_timeline().promised().value_or(-1));
}

void Fmp4Muxer::restore(std::string_view state) {
  if (const auto number = take_number<std::uint32_t>(state)) writer_.set_sequence_number(*number);
  if (const auto next = take_number<std::int64_t>(state)) writer_.video_timeline().promise(*next);
  if (const auto next = take_number<std::int64_t>(state)) writer_.audio_timeline().promise(*next);
}

}  // namespace srs::hls
