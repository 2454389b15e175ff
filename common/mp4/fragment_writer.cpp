#include "mp4/fragment_writer.h"

#include <algorithm>
#include <cstring>

#include "mp4/box_writer.h"

namespace srs::mp4 {
namespace {

constexpr std::size_t mdat_header_size = 8;
constexpr std::size_t buffer_size_min = 16 * 1024;
// sample_depends_on and sample_is_non_sync_sample (8.8.3.1).
constexpr std::uint32_t sync_flags = 0x02000000, non_sync_flags = 0x01010000;

}  // namespace

void FragmentWriter::encrypt(const std::optional<Encryption>& encryption) {
  encryption_ = encryption;
  cipher_.reset();
  if (encryption_) cipher_.emplace(*encryption_);
}

std::uint8_t* FragmentWriter::grow_video(std::size_t size) {
  if (video_.size + size > video_.capacity) {
    const std::size_t room =
        video_.block ? video_.room : last_moof_size_ + last_moof_size_ / 4 + mdat_header_size;
    const std::size_t usual = last_video_size_ + last_video_size_ / 4;
    const std::size_t capacity = std::max({video_.size + size, 2 * video_.capacity, usual, buffer_size_min});
    Block block = make_block(room + capacity);
    if (video_.size > 0) std::memcpy(block.get() + room, video_.block.get() + room, video_.size);
    video_.block = std::move(block);
    video_.room = room;
    video_.capacity = capacity;
  }
  std::uint8_t* at = video_.block.get() + video_.room + video_.size;
  video_.size += size;
  return at;
}

bool FragmentWriter::add_video(const VideoTrack& track, Bytes sample, std::int64_t dts, std::int64_t pts,
                               bool key) {
  if (!has_room(sample.size())) return false;
  const Placed placed = video_timeline_.place(dts);
  if (placed.previous_duration) video_samples_.list.back().duration = *placed.previous_duration;
  if (video_samples_.list.empty()) video_samples_.decode_time = placed.decode_time;
  std::uint8_t* const at = grow_video(sample.size());
  if (!sample.empty()) std::memcpy(at, sample.data(), sample.size());
  // A picture that is shown hours from its decoding is a mistake; the field has 32 bits.
  const auto offset = std::clamp<std::int64_t>(pts - placed.decode_time, INT32_MIN, INT32_MAX);
  video_samples_.list.push_back(
      {static_cast<std::uint32_t>(sample.size()), 0, static_cast<std::int32_t>(offset), key});
  if (!cipher_) return true;
  const std::size_t before = video_samples_.subsamples.size();
  find_subsamples(track, sample, video_samples_.subsamples);
  const std::size_t count = video_samples_.subsamples.size() - before;
  video_samples_.subsample_counts.push_back(static_cast<std::uint32_t>(count));
  cipher_->encrypt_video({at, sample.size()}, std::span(video_samples_.subsamples).subspan(before));
  return true;
}

bool FragmentWriter::add_audio(const AudioTrack& track, Bytes sample, std::int64_t time,
                               std::uint32_t samples) {
  if (!has_room(sample.size())) return false;
  const Placed placed = audio_timeline_.place(time, track.sample_rate, samples);
  if (placed.previous_duration) audio_samples_.list.back().duration = *placed.previous_duration;
  if (audio_samples_.list.empty()) audio_samples_.decode_time = placed.decode_time;
  const std::size_t at = audio_.bytes.size();
  audio_.bytes.insert(audio_.bytes.end(), sample.begin(), sample.end());
  audio_samples_.list.push_back(
      {static_cast<std::uint32_t>(sample.size()), audio_timeline_.duration(), 0, true});
  if (cipher_) cipher_->encrypt_audio(std::span(audio_.bytes).subspan(at));
  return true;
}

Slice FragmentWriter::finish(std::optional<std::int64_t> next_dts) {
  if (video_samples_.list.empty() && audio_samples_.list.empty()) return {};
  if (!video_samples_.list.empty()) video_samples_.list.back().duration = video_timeline_.finish(next_dts);
  audio_timeline_.finish();
  ++sequence_number_;
  last_video_size_ = video_.size;
  write_moof(video_.size);
  Slice fragment = assemble();
  clear();
  return fragment;
}

// Buffers are kept for the next fragment, but not unusually large ones.
void FragmentWriter::clear() {
  constexpr std::size_t usual_samples = 16'384, usual_bytes = 1u << 20;
  for (Samples* samples : {&video_samples_, &audio_samples_}) {
    if (samples->list.capacity() > usual_samples) *samples = {};
    samples->list.clear();
    samples->subsamples.clear();
    samples->subsample_counts.clear();
  }
  if (audio_.bytes.capacity() > usual_bytes) audio_.bytes = {};
  audio_.bytes.clear();
  if (moof_.size() > usual_bytes) moof_ = {};
  video_ = {};
}

// moof and the head of mdat go right before the pictures, if they fit.
Slice FragmentWriter::assemble() {
  const std::size_t head = moof_.size() + mdat_header_size, sound = audio_.bytes.size();
  last_moof_size_ = moof_.size();
  grow_video(sound);
  Block block = video_.block;
  std::size_t start = video_.room - std::min(head, video_.room);
  // A fragment that is much smaller than the ones before it does not keep a block of their size.
  const bool roomy = video_.room + video_.capacity > 2 * (head + video_.size) + buffer_size_min;
  if (head > video_.room || roomy) {
    block = make_block(head + video_.size);
    if (video_.size > 0) std::memcpy(block.get() + head, video_.block.get() + video_.room, video_.size);
    start = 0;
  }
  std::uint8_t* const at = block.get() + start;
  std::memcpy(at, moof_.view().data(), moof_.size());
  store_u32(at + moof_.size(), static_cast<std::uint32_t>(mdat_header_size + video_.size));
  std::memcpy(at + moof_.size() + 4, "mdat", 4);
  if (sound > 0) std::memcpy(at + head + video_.size - sound, audio_.bytes.data(), sound);
  return {std::move(block), Bytes(at, head + video_.size)};
}

void FragmentWriter::write_moof(std::size_t video_size) {
  moof_.clear();
  data_offsets_.clear();
  {
    const Box moof(moof_, "moof");
    {
      const FullBox mfhd(moof_, "mfhd", 0, 0);
      moof_.u32(sequence_number_);
    }
    if (!video_samples_.list.empty()) write_traf(video_track_id, video_samples_, true);
    if (!audio_samples_.list.empty()) write_traf(audio_track_id, audio_samples_, false);
  }
  std::size_t data = moof_.size() + mdat_header_size;
  for (const std::size_t at : data_offsets_) {
    store_u32(moof_.at(at), static_cast<std::uint32_t>(data));
    data += video_size;
  }
}

void FragmentWriter::write_traf(std::uint32_t id, const Samples& samples, bool video) {
  const Box traf(moof_, "traf");
  {
    constexpr std::uint32_t base_is_moof = 0x020000, default_duration = 0x08, default_flags = 0x20;
    const FullBox tfhd(moof_, "tfhd", 0, base_is_moof | default_duration | default_flags);
    moof_.u32(id);
    moof_.u32(samples.list.front().duration);
    moof_.u32(video ? non_sync_flags : sync_flags);
  }
  {
    const FullBox tfdt(moof_, "tfdt", 1, 0);
    moof_.u64(static_cast<std::uint64_t>(std::max<std::int64_t>(samples.decode_time, 0)));
  }
  write_trun(samples, video);
  if (!samples.subsample_counts.empty()) write_auxiliary(samples);
}

void FragmentWriter::write_trun(const Samples& samples, bool video) {
  constexpr std::uint32_t data_offset = 1, first_flags = 4, durations = 0x100, sizes = 0x200, flags = 0x400,
                          offsets = 0x800;
  const auto& list = samples.list;
  std::uint32_t with = data_offset | sizes;
  const auto any = [&](auto differs) { return std::any_of(list.begin(), list.end(), differs); };
  if (any([&](const Sample& s) { return s.duration != list.front().duration; })) with |= durations;
  if (video && any([](const Sample& s) { return s.composition_offset != 0; })) with |= offsets;
  // Mostly the first sample is the only key frame, or there is none.
  const bool later_keys =
      video && std::any_of(list.begin() + 1, list.end(), [](const Sample& s) { return s.key; });
  if (video) with |= later_keys ? flags : first_flags;
  const FullBox trun(moof_, "trun", 1, with);
  moof_.u32(list.size());
  data_offsets_.push_back(moof_.size());
  moof_.u32(0);
  if ((with & first_flags) != 0) moof_.u32(list.front().key ? sync_flags : non_sync_flags);
  for (const Sample& sample : list) {
    if ((with & durations) != 0) moof_.u32(sample.duration);
    moof_.u32(sample.size);
    if ((with & flags) != 0) moof_.u32(sample.key ? sync_flags : non_sync_flags);
    if ((with & offsets) != 0) moof_.u32(static_cast<std::uint32_t>(sample.composition_offset));
  }
}

// Which bytes of each sample are protected: senc, and where it is: saiz and saio (ISO 23001-7 7.2, ISO
// 14496-12 8.7.8, 8.7.9).
void FragmentWriter::write_auxiliary(const Samples& samples) {
  const auto size_of = [](std::uint32_t count) { return 2 + 6 * count; };
  {
    const FullBox saiz(moof_, "saiz", 0, 0);
    moof_.u8(0);
    moof_.u32(samples.subsample_counts.size());
    for (const std::uint32_t count : samples.subsample_counts) moof_.u8(std::min(255u, size_of(count)));
  }
  {
    const FullBox saio(moof_, "saio", 0, 0);
    moof_.u32(1);
    // This number is followed by the head of senc (12) and the count (4).
    moof_.u32(moof_.size() + 4 + 16);
  }
  constexpr std::uint32_t use_subsamples = 2;
  const FullBox senc(moof_, "senc", 0, use_subsamples);
  moof_.u32(samples.subsample_counts.size());
  auto one = samples.subsamples.begin();
  for (std::uint32_t count : samples.subsample_counts) {
    moof_.u16(count);
    for (; count > 0; --count, ++one) {
      moof_.u16(one->clear_bytes);
      moof_.u32(one->protected_bytes);
    }
  }
}

}  // namespace srs::mp4
