// StreamRig: a Stream with a directory, clock and messages of the test's own.
#pragma once

#include "srs-hls/cut/stream.h"
#include "srs-hls/mux/fmp4_muxer.h"
#include "srs-hls/mux/ts_muxer.h"
#include "srs-hls/outlets/directory_outlet.h"
#include "srs-hls/playlist/multivariant.h"
#include "unit/hls/samples.h"

namespace srs::hls {

// MP3: it has no known silent frame, and needs no codec header.
inline media::Message mp3(std::int64_t time_ms) {
  return message_of(flv::TagType::audio, time_ms, "2f ff fb 90 64 00 00 00 00");
}

// A stream into a presentation in a directory of the test's own.
class StreamRig {
 public:
  using Sound = media::Message (*)(std::int64_t time_ms);
  explicit StreamRig(bool demuxed = false, Sound sound = &hls::sound)
      : sound_(sound), settings_{.demuxed_audio = demuxed, .rendition = {.window = 100}} {
    if (demuxed) settings_.format = Format::fmp4;
    begin();
  }

  void begin() {
    stream_.reset();
    presentation_.reset();
    const auto playlist = place.www() / "live/x/av.m3u8";
    if (std::filesystem::exists(playlist))
      std::filesystem::last_write_time(playlist, std::chrono::file_clock::from_sys(clock.utc()));
    presentation_ = std::make_unique<Presentation>("live/x", settings_, Places{&directory_, {&outlet_}},
                                                   nullptr, clock, silent_log());
    Stream::Muxing muxing;
    if (settings_.demuxed_audio) {
      muxing.main = std::make_unique<Fmp4Muxer>();
      muxing.audio = std::make_unique<Fmp4Muxer>();
    } else {
      muxing.main = std::make_unique<TsMuxer>();
    }
    stream_ = std::make_unique<Stream>(*presentation_, CutSettings{std::chrono::seconds(2)},
                                       std::move(muxing), nullptr, 0, clock, silent_log());
  }
  void take(const media::Message& message) { stream_->on_message(message); }
  void headers() {
    take(video_header());
    take(audio_header());
  }
  // A picture and an audio frame every 40 ms, with a key frame every `gop_ms`.
  void play(std::int64_t from_ms, std::int64_t to_ms, std::int64_t gop_ms = 1000) {
    for (std::int64_t at = from_ms; at < to_ms; at += 40) {
      take((at - from_ms) % gop_ms == 0 ? key_frame(at) : picture(at));
      take(sound_(at + 20));
    }
  }
  void pictures(std::int64_t from_ms, std::int64_t to_ms) {
    for (std::int64_t at = from_ms; at < to_ms; at += 40)
      take((at - from_ms) % 1000 == 0 ? key_frame(at) : picture(at));
  }
  const Presentation& presentation() const { return *presentation_; }
  std::string multivariant() const {
    Multivariant multivariant("live/x");
    multivariant.add(*presentation_);
    return multivariant.text();
  }
  void end(Stream::End how = Stream::End::ended) { stream_->end(how); }
  std::uint64_t missing_key_frames() const { return stream_->missing_key_frames(); }
  const Playlist& list() { return presentation_->main().playlist(); }
  const Playlist& sound_list() { return presentation_->audio()->playlist(); }
  std::vector<int> durations() {
    std::vector<int> all;
    for (const Segment& segment : list().segments) all.push_back(static_cast<int>(segment.duration.count()));
    return all;
  }
  int discontinuities() {
    int count = static_cast<int>(list().discontinuity_sequence);
    for (const Segment& segment : list().segments) count += segment.discontinuity;
    return count;
  }

  TemporaryDirectory place;
  TurnedClock clock;

 private:
  const Sound sound_;
  Directory directory_ = place.directory();
  DirectoryOutlet outlet_{directory_, clock, silent_log()};
  PresentationSettings settings_;
  std::unique_ptr<Presentation> presentation_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace srs::hls
