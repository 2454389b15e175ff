#include "mp4/track.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/table.h"

namespace srs::mp4 {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;

std::vector<std::uint8_t> copy(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

// Boxes have 16 bits for each side of a picture.
constexpr std::uint32_t side_max = 0xffff;
// Above what any device plays, and low enough that products with times of streams stay within 64 bits.
constexpr std::uint32_t sample_rate_max = 768'000;

Result<VideoTrack> checked(Result<VideoTrack> track) {
  if (!track || (track->width <= side_max && track->height <= side_max)) return track;
  return Error{Errc::unsupported,
               fmt::format("pictures of {}x{} do not fit into MP4", track->width, track->height)};
}

Result<AudioTrack> checked(Result<AudioTrack> track) {
  if (!track || track->sample_rate <= sample_rate_max) return track;
  return Error{Errc::unsupported, fmt::format("a sample rate of {} Hz", track->sample_rate)};
}

Error too_large(Bytes record) {
  return Error{Errc::invalid_data, fmt::format("a codec configuration of {} bytes", record.size())};
}

// Whether two contents of the configuration box are the same, but for what is of one frame alone.
bool same_box(Bytes a, Bytes b, std::size_t frame_bytes) {
  if (a.size() != b.size() || a.size() < frame_bytes) return false;
  return std::ranges::equal(a.subspan(frame_bytes), b.subspan(frame_bytes));
}

template <class Codec>
Error not_for_mp4(Codec codec) {
  return {Errc::unsupported, fmt::format("{} is not for MP4 here", codec::name(codec))};
}

}  // namespace

Result<VideoTrack> describe_video(VideoCodec codec, Bytes record) {
  if (record.size() > record_size_max) return too_large(record);
  const codec::VideoRow& row = codec::row(codec);
  if (row.mp4.entry.empty()) return not_for_mp4(codec);
  auto description = row.describe(record);
  if (!description) return std::move(description).error();
  VideoTrack track{codec, row.box != nullptr ? row.box(record) : copy(record)};
  if (description->nal_length_size > 0) track.nal_length_size = description->nal_length_size;
  track.width = description->width;
  track.height = description->height;
  track.aspect = description->aspect;
  track.colour = description->colour;
  return checked(std::move(track));
}

Result<AudioTrack> describe_audio(AudioCodec codec, Bytes record) {
  if (record.size() > record_size_max) return too_large(record);
  const codec::AudioRow& row = codec::row(codec);
  if (row.mp4.entry.empty()) return not_for_mp4(codec);
  if (row.entry == nullptr) return AudioTrack{codec, {}};
  auto entry = row.entry(record);
  if (!entry) return std::move(entry).error();
  return checked(AudioTrack{codec, std::move(entry->box), entry->sample_rate, entry->channels,
                            entry->sample_bits, entry->frame_samples});
}

void update_size(VideoTrack& track, Bytes key_frame) {
  const auto size_in = codec::row(track.codec).key_frame_size;
  if (size_in == nullptr) return;
  const auto size = size_in(track.record, key_frame);
  if (!size || size->width > side_max || size->height > side_max) return;
  track.width = size->width;
  track.height = size->height;
}

bool update_format(AudioTrack& track, Bytes frame) {
  auto header = codec::parse_audio_frame(track.codec, frame);
  if (!header) return false;
  const bool same = header->sample_rate == track.sample_rate && header->channels == track.channels &&
                    same_box(header->box, track.record, header->frame_bytes_in_box);
  if (same) return false;
  track.sample_rate = header->sample_rate;
  track.channels = header->channels;
  track.record = std::move(header->box);
  return true;
}

std::uint32_t samples_in(const AudioTrack& track, Bytes frame) {
  if (track.frame_samples > 0) return track.frame_samples;
  if (const auto samples = codec::row(track.codec).frame_samples) return samples(frame, track.record);
  const auto header = codec::parse_audio_frame(track.codec, frame);
  return header ? header->samples : 0;
}

}  // namespace srs::mp4
