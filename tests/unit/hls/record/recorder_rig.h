// RecorderRig: a recorder on a directory, clock and stream of the test's own.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "srs-hls/record/record_recovery.h"
#include "srs-hls/record/recorder.h"
#include "unit/hls/samples.h"

namespace srs::hls {

inline const std::string real_record =
    "01 64 00 1f ff e1 0018 6764001facd940b424d8208000000300800000190f8b16cb 01 0007 68fba3cb3002c0 fdf8f800";
inline const std::string other_record =
    "01 64 00 1f ff e1 0018 6764001facd940b424d8208000000300800000190f8b16cb 01 0007 68fba3cb3002c1 fdf8f800";

// A recorder, and a stream of 25 pictures per second with a key frame every second, and an audio frame every
// 20 ms; payloads differ.
struct RecorderRig {
  explicit RecorderRig(RecordContainer container = RecordContainer::fmp4) {
    settings.container = container;
    settings.segment = std::chrono::seconds(4);
    settings.utc = true;
    restart();
  }
  void restart() {
    recorder.reset();
    recorder.emplace(directory, "live/cam", settings, clock, silent_log());
  }
  void take(const media::Message& message) {
    sent += message.is_video() || message.is_audio() ? 1 : 0;
    recorder->on_message(message);
  }
  void headers(const std::string& record = real_record) {
    recorder->on_message(video_header(record));
    recorder->on_message(audio_header());
  }
  media::Message frame(flv::TagType type, std::int64_t ms, const std::string& head) {
    std::vector<std::uint8_t> payload = bytes_of(head);
    payload.resize(payload.size() + 100, static_cast<std::uint8_t>(++count));
    payload.push_back(static_cast<std::uint8_t>(count >> 8));
    return media::make_message(type, ms, Slice::copy_of(payload));
  }
  void picture(std::int64_t ms) {
    // One NAL unit of 101 + 1 bytes.
    take(ms % 1000 == 0 ? frame(flv::TagType::video, ms, "17 01 000000 00000066 65")
                        : frame(flv::TagType::video, ms, "27 01 000000 00000066 41"));
  }
  void sound(std::int64_t ms) { take(frame(flv::TagType::audio, ms, "af 01")); }
  void play(std::int64_t from_ms, std::int64_t to_ms) {
    for (std::int64_t ms = from_ms; ms < to_ms; ms += 20) {
      if (ms % 40 == 0) picture(ms);
      sound(ms);
      clock.passed = std::chrono::milliseconds(ms);
    }
  }

  std::vector<std::string> files(const std::string& suffix) const {
    std::vector<std::string> names;
    for (const std::string& name : directory.list("live/cam"))
      if (name.ends_with(suffix)) names.push_back("live/cam/" + name);
    std::sort(names.begin(), names.end());
    return names;
  }
  nlohmann::json sidecar(const std::string& file) const {
    return nlohmann::json::parse(place.text(sidecar_name(file)));
  }
  ScannedRecording scan(const std::string& name) const {
    const auto file = directory.reopen(name);
    REQUIRE(file.ok());
    return *(name.ends_with(".flv") ? scan_flv(*file) : scan_fmp4(*file));
  }

  TemporaryDirectory place;
  Directory directory = place.directory();
  TurnedClock clock;
  RecordSettings settings;
  std::optional<Recorder> recorder;
  int sent = 0;
  int count = 0;
};

}  // namespace srs::hls
