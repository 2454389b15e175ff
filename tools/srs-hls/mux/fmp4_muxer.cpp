#include "srs-hls/mux/fmp4_muxer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "codec/table.h"

namespace srs::hls {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;

constexpr std::int64_t ticks_per_ms = mp4::video_timescale / 1'000;
// Limit for times from a state file: sums with stream times stay within 64 bits.
constexpr std::uint64_t time_max = std::uint64_t{1} << 61;

Error not_encrypted(std::string_view name) {
  return Error{Errc::unsupported, fmt::format("{} cannot be encrypted here", name)};
}

// Removes the first number from a list and returns it; nothing if it is invalid or out of range.
template <class Number>
std::optional<Number> consume_number(std::string_view& list) {
  const std::string_view one = list.substr(0, list.find(','));
  list.remove_prefix(std::min(one.size() + 1, list.size()));
  Number value{};
  const auto parsed = std::from_chars(one.data(), one.data() + one.size(), value);
  const bool possible = value >= 0 && static_cast<std::uint64_t>(value) < time_max;
  return parsed.ec == std::errc() && possible ? std::optional(value) : std::nullopt;
}

}  // namespace

bool Fmp4Muxer::supports(VideoCodec codec) const {
  return !codec::row(codec).mp4.entry.empty();
}

bool Fmp4Muxer::supports(AudioCodec codec) const {
  return !codec::row(codec).mp4.entry.empty();
}

Result<void> Fmp4Muxer::configure_video(VideoCodec codec, Bytes record) {
  auto track = mp4::describe_video(codec, record);
  if (!track) return std::move(track).error();
  // What is encrypted are the slices.
  if ((encrypts_ || next_encryption_) && codec::row(codec).nal == nullptr)
    return not_encrypted(codec::name(codec));
  next_video_ = *std::move(track);
  no_video_next_ = false;
  return {};
}

Result<void> Fmp4Muxer::configure_audio(AudioCodec codec, Bytes record) {
  auto track = mp4::describe_audio(codec, record);
  if (!track) return std::move(track).error();
  next_audio_ = *std::move(track);
  no_audio_next_ = false;
  return {};
}

void Fmp4Muxer::exclude_video() {
  next_video_.reset();
  no_video_next_ = true;
}

void Fmp4Muxer::exclude_audio() {
  next_audio_.reset();
  no_audio_next_ = true;
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
  if (std::exchange(no_video_next_, false)) video_.reset();
  if (std::exchange(no_audio_next_, false)) audio_.reset();
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
  if (const auto bare_picture = codec::row(video_->codec).bare_picture) body = bare_picture(body);
  if (video_->width == 0 && key_frame) {
    mp4::update_size(*video_, body);
    init_ = {};
  }
  const std::int64_t pts = time.pts_ms * ticks_per_ms + time.nanosecond_offset * 9 / 100'000;
  return writer_.add_video(*video_, body, time.dts_ms * ticks_per_ms, pts, key_frame);
}

bool Fmp4Muxer::write_audio(Bytes body, MediaTime time) {
  if (!audio_ || next_audio_ || body.empty()) return false;
  // Codecs without a record: the values in the first frame hold until the next configuration.
  if (audio_->sample_rate == 0 && mp4::update_format(*audio_, body)) init_ = {};
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

// The number of the last fragment, and the next times of video and audio; -1 if there were none.
std::string Fmp4Muxer::state() const {
  return fmt::format("{},{},{}", writer_.sequence_number(), writer_.video_timeline().promised().value_or(-1),
                     writer_.audio_timeline().promised().value_or(-1));
}

void Fmp4Muxer::restore(std::string_view state) {
  if (const auto number = consume_number<std::uint32_t>(state)) writer_.set_sequence_number(*number);
  if (const auto next = consume_number<std::int64_t>(state)) writer_.video_timeline().promise(*next);
  if (const auto next = consume_number<std::int64_t>(state)) writer_.audio_timeline().promise(*next);
}

}  // namespace srs::hls
