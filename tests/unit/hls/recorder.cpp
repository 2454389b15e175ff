#include "srs-hls/record/recorder.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "amf/value.h"
#include "file_size_limit.h"
#include "flv/reader.h"
#include "media/annotations.h"
#include "samples.h"
#include "srs-hls/record/record_recovery.h"

namespace srs::hls {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string real_record =
    "01 64 00 1f ff e1 0018 6764001facd940b424d8208000000300800000190f8b16cb 01 0007 68fba3cb3002c0 fdf8f800";
const std::string other_record =
    "01 64 00 1f ff e1 0018 6764001facd940b424d8208000000300800000190f8b16cb 01 0007 68fba3cb3002c1 fdf8f800";

// A stream of 25 pictures a second with a key frame each second, and sound each 20 ms; payloads differ.
struct Fixture {
  explicit Fixture(RecordContainer container = RecordContainer::fmp4) {
    settings.container = container;
    settings.segment = seconds(4);
    settings.utc = true;
    restart();
  }
  void restart() {
    recorder.reset();
    recorder.emplace(directory, "live/cam", settings, clock, silent_log());
  }
  void take(const media::Message& message) {
    sent += message.is_video() || message.is_audio() ? 1 : 0;
    recorder->take(message);
  }
  void headers(const std::string& record = real_record) {
    recorder->take(video_header(record));
    recorder->take(audio_header());
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
      clock.passed = milliseconds(ms);
    }
  }

  std::vector<std::string> files(const std::string& suffix) const {
    std::vector<std::string> names;
    for (const std::string& name : directory.list("live/cam"))
      if (name.ends_with(suffix)) names.push_back("live/cam/" + name);
    std::sort(names.begin(), names.end());
    return names;
  }
  json sidecar(const std::string& file) const { return json::parse(place.text(sidecar_name(file))); }
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

// The frames of FLV files, one behind the other.
std::vector<flv::Tag> tags_of(const std::string& text) {
  flv::Reader reader;
  std::vector<flv::Tag> tags;
  reader.append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  for (;;) {
    auto tag = reader.next();
    REQUIRE(tag.ok());
    if (!*tag) return tags;
    tags.push_back(**tag);
  }
}

TEST_CASE("files are cut at key frames, named by the time of their first frame, and told of") {
  Fixture f;
  f.headers();
  f.play(0, 10'000);
  f.recorder->end();
  const auto names = f.files(".mp4");
  REQUIRE(names.size() == 3);
  CHECK(names[0] == "live/cam/2026-09-21_14-13-20.mp4");
  CHECK(names[1] == "live/cam/2026-09-21_14-13-24.mp4");
  const json first = f.sidecar(names[0]);
  CHECK(first["path"] == "live/cam");
  CHECK(first["file"] == names[0]);
  CHECK(first["start"] == "2026-09-21T14:13:20.000Z");
  CHECK(first["end"] == "2026-09-21T14:13:24.000Z");
  CHECK(first["duration_s"] == doctest::Approx(4).epsilon(0.01));
  CHECK(first["codecs"] == json{"avc1.64001f", "mp4a.40.2"});
  CHECK(first["width"] == 720);
  CHECK(first["key_frames"] == 4);
  CHECK(first["finished"] == true);
  std::uint64_t keys = 0;
  for (const std::string& name : names) {
    const auto scanned = f.scan(name);
    CHECK(scanned.whole_bytes == f.directory.size_of(name));
    CHECK(f.sidecar(name)["size_bytes"] == scanned.whole_bytes);
    CHECK(std::abs(scanned.duration.count() / 1'000.0 - f.sidecar(name)["duration_s"].get<double>()) < 0.05);
    CHECK(f.sidecar(name)["key_frames"] == scanned.key_frames);
    keys += scanned.key_frames;
  }
  CHECK(keys == 10);
  CHECK(f.recorder->figures().files == 3);
}

TEST_CASE("FLV: no frame is lost at cuts, each file has what it needs, times begin at 0 and never go back") {
  Fixture f(RecordContainer::flv);
  f.headers();
  std::vector<Slice> sent;
  for (std::int64_t ms = 3'000; ms < 13'000; ms += 20) {
    if (ms % 40 == 0) f.picture(ms);
    f.sound(ms);
  }
  f.recorder->end();
  const auto names = f.files(".flv");
  REQUIRE(names.size() == 3);
  int frames = 0;
  int expected = 0;  // the frames' own number is in them
  for (const std::string& name : names) {
    const auto tags = tags_of(f.place.text(name));
    REQUIRE(tags.size() > 2);
    CHECK(media::classify(tags[0].type, tags[0].payload.bytes()) == media::MessageKind::video_header);
    CHECK(media::classify(tags[1].type, tags[1].payload.bytes()) == media::MessageKind::audio_header);
    CHECK(media::classify(tags[2].type, tags[2].payload.bytes()) == media::MessageKind::key_frame);
    CHECK(tags[2].timestamp_ms <= 20);
    std::uint32_t newest[2] = {0, 0};
    for (std::size_t i = 2; i < tags.size(); ++i, ++frames) {
      const Bytes payload = tags[i].payload.bytes();
      CHECK((payload[payload.size() - 2] | payload.back() << 8) == ++expected);
      std::uint32_t& track = newest[tags[i].type == flv::TagType::audio ? 1 : 0];
      CHECK(tags[i].timestamp_ms >= track);
      track = tags[i].timestamp_ms;
    }
  }
  CHECK(frames == f.sent);
}

TEST_CASE("metadata in a file says nothing of another file's length") {
  Fixture f(RecordContainer::flv);
  const auto metadata =
      amf::encode_all({amf::Value("onMetaData"),
                       amf::Value::ecma_array({{"duration", 10.08}, {"encoder", "x"}, {"filesize", 5.0}})});
  f.recorder->take(media::make_message(flv::TagType::script, 0, Slice::copy_of(metadata)));
  f.headers();
  f.play(0, 1'000);
  f.recorder->end();
  const auto tags = tags_of(f.place.text(f.files(".flv").front()));
  const auto wanted = amf::encode_all({amf::Value("onMetaData"), amf::Value::ecma_array({{"encoder", "x"}})});
  CHECK(std::equal(wanted.begin(), wanted.end(), tags.front().payload.bytes().begin(),
                   tags.front().payload.bytes().end()));
}

TEST_CASE("sound alone is cut anywhere") {
  Fixture f;
  f.recorder->take(audio_header());
  for (std::int64_t ms = 0; ms < 10'000; ms += 20) f.sound(ms);
  f.recorder->end();
  const auto names = f.files(".mp4");
  REQUIRE(names.size() == 3);
  CHECK(f.sidecar(names[1])["duration_s"] == doctest::Approx(4).epsilon(0.01));
  CHECK(f.sidecar(names[1])["key_frames"] == 0);
  CHECK_FALSE(f.sidecar(names[1]).contains("width"));
}

TEST_CASE("without a key frame sound goes on alone, until there is one") {
  Fixture f;
  f.settings.segment = seconds(3600);
  f.headers();
  for (std::int64_t ms = 1'020; ms < 20'020; ms += 20) {
    f.take(f.frame(flv::TagType::video, ms, "27 01 000000 00000066 41"));
    f.sound(ms);
  }
  f.play(21'000, 24'000);
  f.recorder->end();
  const auto names = f.files(".mp4");
  REQUIRE(names.size() == 2);
  CHECK(f.sidecar(names[0])["key_frames"] == 0);
  CHECK(f.sidecar(names[0])["duration_s"] == doctest::Approx(19).epsilon(0.02));
  CHECK(f.sidecar(names[1])["key_frames"] == 3);
}

TEST_CASE("another configuration begins another fMP4 file; a repeated one does not") {
  for (const auto container : {RecordContainer::fmp4, RecordContainer::flv}) {
    Fixture f(container);
    f.headers();
    f.play(0, 1'000);
    f.headers();
    f.play(1'000, 2'000);
    f.headers(other_record);
    f.play(2'000, 3'000);
    f.recorder->end();
    const bool fmp4 = container == RecordContainer::fmp4;
    CHECK(f.files(fmp4 ? ".mp4" : ".flv").size() == (fmp4 ? 2 : 1));
  }
}

TEST_CASE("sound of another configuration waits for the key frame, and none of it is lost") {
  Fixture f;
  f.headers();
  f.play(0, 1'500);
  f.recorder->take(audio_header("11 90"));  // 48 kHz
  f.play(1'500, 3'000);
  f.recorder->end();
  const auto names = f.files(".mp4");
  REQUIRE(names.size() == 2);
  // From 1500 on, since that is when the new sound begins.
  CHECK(f.sidecar(names[0])["duration_s"] == doctest::Approx(2).epsilon(0.01));
  CHECK(f.sidecar(names[1])["start"] == "2026-09-21T14:13:21.500Z");
  CHECK(f.sidecar(names[1])["duration_s"] == doctest::Approx(1.5).epsilon(0.02));
}

TEST_CASE("a timeline that jumps begins another file, at a key frame") {
  Fixture f;
  f.headers();
  f.play(0, 2'000);
  f.play(7'000, 9'000);  // a gap
  f.play(520, 3'000);    // another timeline, which begins with pictures that need one from before
  f.recorder->end();
  const auto names = f.files(".mp4");
  REQUIRE(names.size() == 3);
  for (const std::string& name : names) CHECK(f.sidecar(name)["key_frames"] == 2);
  CHECK(f.sidecar(names[1])["duration_s"] == doctest::Approx(2).epsilon(0.02));
}

TEST_CASE("times are those that the stream tells") {
  Fixture f;
  f.headers();
  const std::chrono::system_clock::time_point told(seconds(1'800'000'000));
  f.recorder->take(media::make_message(flv::TagType::script, 0, media::encode_on_clock(told)));
  f.play(0, 1'000);
  f.recorder->end();
  CHECK(f.files(".mp4") == std::vector<std::string>{"live/cam/2027-01-15_08-00-00.mp4"});
}

TEST_CASE("names: a zone, folders, and a number where one is taken") {
  Fixture f;
  f.settings.name = "%Y/%H";
  for (int i = 0; i < 3; ++i) {
    f.restart();
    f.headers();
    f.play(0, 1'000);
    f.recorder->end();
    f.clock.passed = milliseconds(0);
  }
  CHECK(f.directory.list("live/cam/2026").size() == 6);
  for (const char* name : {"14.mp4", "14.json", "14-2.mp4", "14-2.json", "14-3.mp4", "14-3.json"})
    CHECK(f.directory.has(std::string("live/cam/2026/") + name));

  RecordSettings settings;
  const Utc time(seconds(1'790'000'000));
  ::setenv("TZ", "Asia/Kolkata", 1);
  ::tzset();
  CHECK(record_name(settings, time) == "2026-09-21_19-43-20");
  settings.utc = true;
  CHECK(record_name(settings, time) == "2026-09-21_14-13-20");
  ::unsetenv("TZ");
  ::tzset();
  settings.directory = "x";
  for (const char* wrong : {"", "/%H", "../%H", "%H/.%M", "a//b", "%H/", "a%nb"}) {
    settings.name = wrong;
    CHECK_FALSE(finish_record_options(settings).ok());
  }
  settings.name = "%Y/%m/%d";
  CHECK(finish_record_options(settings).ok());
}

TEST_CASE("a run that was killed leaves whole pieces; the next one finishes what it says of them") {
  for (const auto container : {RecordContainer::fmp4, RecordContainer::flv}) {
    Fixture f(container);
    f.headers();
    f.play(0, 3'900);
    const std::string suffix = container == RecordContainer::fmp4 ? ".mp4" : ".flv";
    const auto names = f.files(suffix);
    REQUIRE(names.size() == 1);
    CHECK(f.sidecar(names[0])["finished"] == false);
    CHECK(f.sidecar(names[0])["end"].is_null());
    CHECK(f.scan(names[0]).whole_bytes == f.directory.size_of(names[0]));
    // Another recorder of the same stream sees that this one is at it.
    Recorder other(f.directory, "live/cam", f.settings, f.clock, silent_log());
    CHECK(f.sidecar(names[0])["finished"] == false);
    const std::string torn = f.place.text(names[0]);
    f.recorder.reset();
    f.place.put(names[0], torn + torn.substr(torn.size() / 2, 300));  // a piece that was not written whole
    f.restart();
    const json sidecar = f.sidecar(names[0]);
    CHECK(sidecar["finished"] == true);
    CHECK(sidecar["recovered"] == true);
    CHECK(sidecar["key_frames"] == (container == RecordContainer::fmp4 ? 3 : 4));
    const double written_s = container == RecordContainer::fmp4 ? 3 : 3.5;
    CHECK(sidecar["duration_s"] == doctest::Approx(written_s).epsilon(0.15));
    CHECK(f.place.text(names[0]) == torn);
    CHECK(sidecar["size_bytes"] == torn.size());
    CHECK(f.files(suffix).size() == 1);
  }
}

TEST_CASE("files cut off anywhere are scanned as far as they are whole") {
  for (const auto container : {RecordContainer::fmp4, RecordContainer::flv}) {
    Fixture f(container);
    f.headers();
    f.play(0, 2'500);
    f.recorder->end();
    const auto names = f.files(container == RecordContainer::fmp4 ? ".mp4" : ".flv");
    REQUIRE(names.size() == 1);
    const std::string whole = f.place.text(names[0]);
    std::uint64_t last = 0;
    for (std::size_t size = 0; size <= whole.size(); size += 97) {
      f.place.put(names[0], whole.substr(0, size));
      const auto scanned = f.scan(names[0]);
      CHECK(scanned.whole_bytes <= size);
      CHECK(scanned.whole_bytes >= last);
      last = scanned.whole_bytes;
    }
    for (std::size_t at = 0; at < whole.size(); at += 31) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(~flipped[at]);
      f.place.put(names[0], flipped);
      CHECK(f.scan(names[0]).whole_bytes <= whole.size());
    }
  }
}

TEST_CASE("a full disk: what is there stays whole, and a new file begins when there is room") {
  for (const auto container : {RecordContainer::fmp4, RecordContainer::flv}) {
    Fixture f(container);
    f.settings.segment = seconds(3600);
    f.headers();
    f.play(0, 2'000);
    {
      const FileSizeLimit limit(16'384);
      f.play(2'000, 20'000);
      CHECK(f.recorder->figures().errors > 0);
      CHECK(f.recorder->figures().failing);
    }
    f.play(20'000, 40'000);
    f.recorder->end();
    CHECK_FALSE(f.recorder->figures().failing);
    const auto names = f.files(container == RecordContainer::fmp4 ? ".mp4" : ".flv");
    REQUIRE(names.size() >= 2);
    CHECK(names.size() < 8);
    for (const std::string& name : names) {
      CHECK(f.scan(name).whole_bytes == f.directory.size_of(name));
      CHECK(f.sidecar(name)["size_bytes"] == f.directory.size_of(name));
      CHECK(f.sidecar(name)["finished"] == true);
    }
    CHECK(f.sidecar(names.back())["key_frames"].get<int>() >= 15);
  }
}

TEST_CASE("a directory that cannot be written is no harm, and links are not followed") {
  Fixture f;
  std::filesystem::create_directory(f.place.path() / "outside");
  std::filesystem::create_directory_symlink(f.place.path() / "outside", f.place.www() / "live");
  f.headers();
  f.play(0, 20'000);
  f.recorder->end();
  CHECK(f.recorder->figures().failing);
  CHECK(f.recorder->figures().errors >= 2);
  CHECK(std::filesystem::is_empty(f.place.path() / "outside"));
}

TEST_CASE("tiny frames whose timestamps stand still: what is in memory is bounded") {
  for (const RecordContainer container : {RecordContainer::fmp4, RecordContainer::flv}) {
    Fixture f(container);
    f.headers();
    f.recorder->take(key_frame(0));
    std::size_t most = 0;
    for (int i = 0; i < 200'000; ++i) {
      f.recorder->take(picture(0));
      most = std::max(most, f.recorder->held_bytes());
    }
    CHECK(most < (9u << 20));
    // A trickle is written in time, too.
    const std::uint64_t before = f.recorder->figures().bytes;
    for (int i = 0; i < 10; ++i) {
      f.clock.passed += seconds(10);
      f.recorder->take(picture(0));
    }
    CHECK(f.recorder->figures().bytes > before);
    f.recorder->end();
    CHECK(f.recorder->figures().files == 1);
  }
}

TEST_CASE("codecs that change with each picture make so many files, and recording goes on afterwards") {
  Fixture f;
  for (int i = 0; i < 500; ++i) {
    f.recorder->take(video_header(i % 2 == 0 ? real_record : other_record));
    f.recorder->take(key_frame(i));
  }
  CHECK(f.recorder->figures().files <= 66);
  const std::uint64_t files = f.recorder->figures().files;
  f.clock.passed += seconds(10);
  f.recorder->take(video_header(real_record));
  for (std::int64_t ms = 2'000; ms < 8'000; ms += 40)
    f.recorder->take(ms % 1'000 == 0 ? key_frame(ms) : picture(ms));
  f.recorder->end();
  CHECK(f.recorder->figures().files > files);
}

}  // namespace
}  // namespace srs::hls
