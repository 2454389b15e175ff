// FragmentWriter: samples in, fragments out: moof and mdat (ISO 14496-12 8.8), one traf for each track.
//
// A sample is copied once, to its place in the output: before the first one is room for a moof as large as
// the last one; after the pictures comes the sound. Decode times chain over fragments (timeline.h). Belongs
// to one thread.
//
// Sizes in boxes are 32 bits: a sample that would make the fragment larger than fragment_size_max is refused,
// so that no size is cut short. Callers that cut fragments long before never reach it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/byte_writer.h"
#include "core/slice.h"
#include "mp4/encryption.h"
#include "mp4/init_section.h"
#include "mp4/timeline.h"
#include "mp4/track.h"

namespace srs::mp4 {

class FragmentWriter {
 public:
  // Of samples and their metadata.
  static constexpr std::size_t fragment_size_max = std::size_t{1} << 30;
  // What a sample costs besides its bytes: its entry here and in the boxes.
  static constexpr std::size_t sample_cost = 32;

  // From the next fragment on.
  void encrypt(const std::optional<Encryption>& encryption);

  // dts and pts in 1/90000 s. False: there is no room for it in this fragment.
  bool add_video(const VideoTrack& track, Bytes sample, std::int64_t dts, std::int64_t pts, bool key);
  // time, and samples (its duration), at the track's rate.
  bool add_audio(const AudioTrack& track, Bytes sample, std::int64_t time, std::uint32_t samples);

  // The fragment of what was added since the last one; empty if nothing was. next_dts: see VideoTimeline.
  Slice finish(std::optional<std::int64_t> next_dts);
  // What the fragment costs so far: for tiny samples, mostly their metadata.
  std::size_t size_bytes() const {
    return video_.size + audio_.bytes.size() +
           sample_cost * (video_samples_.list.size() + audio_samples_.list.size()) +
           sizeof(Subsample) * video_samples_.subsamples.size();
  }

  // Where the next fragment is promised to begin: kept across restarts of the program, so that decode times
  // chain.
  VideoTimeline& video_timeline() { return video_timeline_; }
  AudioTimeline& audio_timeline() { return audio_timeline_; }
  const VideoTimeline& video_timeline() const { return video_timeline_; }
  const AudioTimeline& audio_timeline() const { return audio_timeline_; }
  // Counts fragments; kept as well.
  std::uint32_t sequence_number() const { return sequence_number_; }
  void set_sequence_number(std::uint32_t number) { sequence_number_ = number; }

 private:
  struct Sample {
    std::uint32_t size;
    std::uint32_t duration;
    std::int32_t composition_offset;
    bool key;
  };
  struct Samples {
    std::vector<Sample> list;
    std::int64_t decode_time = 0;  // of the first one
    std::vector<Subsample> subsamples;
    std::vector<std::uint32_t> subsample_counts;  // of each sample; empty: not encrypted by subsamples
  };
  // The buffer that the pictures are in, with room in front.
  struct VideoBytes {
    Block block;
    std::size_t room = 0;
    std::size_t size = 0;
    std::size_t capacity = 0;  // behind the room
  };
  struct AudioBytes {
    std::vector<std::uint8_t> bytes;
  };

  bool has_room(std::size_t sample_size) const {
    return sample_size < fragment_size_max && size_bytes() + sample_size < fragment_size_max;
  }
  std::uint8_t* grow_video(std::size_t size);
  void write_moof(std::size_t video_size);
  void write_traf(std::uint32_t id, const Samples& samples, bool video);
  void write_trun(const Samples& samples, bool video);
  void write_auxiliary(const Samples& samples);
  Slice assemble();
  void clear();

  std::optional<Encryption> encryption_;
  std::optional<SampleCipher> cipher_;
  VideoTimeline video_timeline_;
  AudioTimeline audio_timeline_;
  Samples video_samples_, audio_samples_;
  VideoBytes video_;
  AudioBytes audio_;
  ByteWriter moof_;
  std::vector<std::size_t> data_offsets_;  // where in moof_ they are filled in
  std::size_t last_moof_size_ = 512;
  std::size_t last_video_size_ = 0;
  std::uint32_t sequence_number_ = 0;
};

}  // namespace srs::mp4
