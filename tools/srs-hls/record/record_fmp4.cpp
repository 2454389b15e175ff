#include "srs-hls/record/record_fmp4.h"

#include <algorithm>

#include "srs-hls/record/record_flv.h"

namespace srs::hls {

Result<void> RecordFmp4::Notes::configure_video(codec::VideoCodec codec, Bytes record) {
  video_ = codec::VideoCodec::unknown;
  if (auto configured = Fmp4Muxer::configure_video(codec, record); !configured) return configured;
  video_ = codec;
  video_record_.assign(record.begin(), record.end());
  return {};
}

Result<void> RecordFmp4::Notes::configure_audio(codec::AudioCodec codec, Bytes record) {
  audio_ = codec::AudioCodec::unknown;
  if (auto configured = Fmp4Muxer::configure_audio(codec, record); !configured) return configured;
  audio_ = codec;
  audio_record_.assign(record.begin(), record.end());
  return {};
}

// They were accepted before, so errors cannot occur. MP3 frames carry their configuration.
void RecordFmp4::Notes::configure(Fmp4Muxer& muxer) const {
  if (video_ != codec::VideoCodec::unknown) (void)muxer.configure_video(video_, video_record_).ok();
  if (audio_ != codec::AudioCodec::unknown) (void)muxer.configure_audio(audio_, audio_record_).ok();
}

RecordDescription RecordFmp4::describe() const {
  RecordDescription description;
  for (const Track track : {Track::video, Track::audio}) {
    const TrackInfo* const info = tracks_.info(track);
    if (info == nullptr) continue;
    if (!info->codecs.empty()) description.codecs.push_back(info->codecs);
    if (track == Track::audio) continue;
    description.width = info->width;
    description.height = info->height;
  }
  return description;
}

void RecordFmp4::begin(std::int64_t base_ms) {
  base_ms_ = base_ms;
  has_head_ = false;
  muxer_.emplace();
  notes_.configure(*muxer_);
  muxer_->begin_segment();
}

void RecordFmp4::add(const Frame& frame) {
  MediaTime time = frame.time;
  time.dts_ms = std::max<std::int64_t>(time.dts_ms - base_ms_, 0);
  time.pts_ms = std::max<std::int64_t>(time.pts_ms - base_ms_, 0);
  if (frame.track == Track::video)
    muxer_->write_video(frame.body, time, frame.key);
  else
    muxer_->write_audio(frame.body, time);
}

// The init section comes with the first fragment: some codecs state their parameters in their frames.
Content RecordFmp4::flush(std::optional<std::int64_t> next_picture_ms) {
  if (next_picture_ms) *next_picture_ms -= base_ms_;
  Slice fragment = muxer_->end_part(next_picture_ms);
  if (fragment.empty()) return {};
  if (std::exchange(has_head_, true)) return {std::move(fragment)};
  return {muxer_->init_section(), std::move(fragment)};
}

std::unique_ptr<RecordFormat> make_record_format(const RecordSettings& settings, const std::string& path,
                                                 const cli::Log& log) {
  if (settings.container == RecordContainer::flv) return std::make_unique<RecordFlv>(settings.segment);
  return std::make_unique<RecordFmp4>(path, log);
}

}  // namespace srs::hls
