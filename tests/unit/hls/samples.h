// Samples for the tests of srs-hls: FLV messages, and a directory, clock and log.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "cli/log.h"
#include "core/clock.h"
#include "media/message.h"
#include "srs-hls/outlets/directory.h"
#include "unit/bytes_of.h"

namespace srs::hls {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "srs-hls-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()));
    path_ = name;
    std::filesystem::create_directory(www());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }

  std::filesystem::path path() const { return path_; }
  std::filesystem::path www() const { return path_ / "www"; }
  Directory directory() const { return *Directory::open(www().string()); }
  bool has(const std::string& name) const { return std::filesystem::exists(www() / name); }
  std::string text(const std::string& name) const {
    std::ifstream file(www() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void put(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((www() / name).parent_path());
    std::ofstream(www() / name, std::ios::binary) << content;
  }

 private:
  std::filesystem::path path_;
};

class TurnedClock : public Clock {
 public:
  std::chrono::system_clock::time_point utc() const override {
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(1'790'000'000'000)) + passed;
  }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point{} + passed;
  }
  std::chrono::steady_clock::time_point steady_coarse() const override { return steady(); }

  std::chrono::milliseconds passed{0};
};

inline const cli::Log& silent_log() {
  static const cli::Log log("test", static_cast<cli::LogLevel>(-1), cli::LogFormat::text);
  return log;
}

// High profile, level 3.0, one SPS and one PPS, lengths of 4 bytes.
inline const std::string avc_record = "01 64 00 1e ff e1 0004 67 64 00 1e 01 0003 68 ee 3c";
inline const std::string other_avc_record = "01 64 00 1f ff e1 0004 67 64 00 1f 01 0003 68 ee 3c";
inline const std::string aac_record = "12 10";  // LC, 44100 Hz, stereo

inline media::Message message_of(flv::TagType type, std::int64_t time_ms, const std::string& hex) {
  return media::make_message(type, time_ms, Slice::copy_of(bytes_of(hex)));
}
inline media::Message video_header(const std::string& record = avc_record) {
  return message_of(flv::TagType::video, 0, "17 00 000000 " + record);
}
inline media::Message audio_header(const std::string& record = aac_record) {
  return message_of(flv::TagType::audio, 0, "af 00 " + record);
}
inline media::Message key_frame(std::int64_t time_ms) {
  return message_of(flv::TagType::video, time_ms, "17 01 000000 00000004 65 88 84 00");
}
// A key frame for FLV, but no IDR: later pictures may refer to ones before it.
inline media::Message recovery_point(std::int64_t time_ms) {
  return message_of(flv::TagType::video, time_ms, "17 01 000000 00000004 61 88 84 00");
}
inline media::Message picture(std::int64_t time_ms) {
  return message_of(flv::TagType::video, time_ms, "27 01 000000 00000003 41 9a 24");
}
inline media::Message sound(std::int64_t time_ms) {
  return message_of(flv::TagType::audio, time_ms, "af 01 21 10 04 60 8c 1c");
}

}  // namespace srs::hls
