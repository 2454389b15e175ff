// Streams older than 2^32 ms when srs-hls, or the stage before it, restarts: the pipe's timestamps have 32
// bits, and the playlist must continue seamlessly.
#include <doctest/doctest.h>

#include "media/annotations.h"
#include "srs-hls/outlets/directory_outlet.h"
#include "srs-hls/record/record_recovery.h"
#include "srs-hls/streams/streams.h"
#include "unit/hls/samples.h"
#include "unit/mp4/boxes.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::int64_t turn_ms = std::int64_t{1} << 32;

struct Form {
  Format format = Format::ts;
  milliseconds part{0};
  bool demuxed = false;
};
const Form forms[] = {{Format::ts}, {Format::fmp4}, {Format::fmp4, 200ms}, {Format::fmp4, 200ms, true}};

// Successive runs on one directory. Times are the stream's; the source's timestamps and clock have 32 bits.
class Runs {
 public:
  explicit Runs(const Form& form)
      : settings_{.presentation = {.format = form.format,
                                   .demuxed_audio = form.demuxed,
                                   .rendition = {.window = 100, .in_memory = true}},
                  .cut = {2s, form.part}} {
    start();
  }

  // Begins another run.
  void restart() {
    streams->cut_off();
    streams.reset();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place.www()))
      std::filesystem::last_write_time(entry.path(), std::chrono::file_clock::from_sys(clock.utc()));
    start();
  }
  // Begins another source. channel: differs from the previous one.
  void begin(pipe::ChannelId channel) {
    channel_ = channel;
    unwrapper_ = {};
    streams->on_begin(channel, {.path = "live/x", .origin = "", .via = "", .timeline = "one"});
    streams->on_message(channel, video_header());
    streams->on_message(channel, audio_header());
  }
  void tell_clock(std::int64_t at_ms) {
    const Utc utc = zero + milliseconds(at_ms);
    streams->on_message(
        channel_, media::make_message(flv::TagType::script, said(at_ms, false), media::encode_on_clock(utc)));
  }
  void play(std::int64_t from_ms, std::int64_t to_ms) {
    for (std::int64_t at = from_ms; at < to_ms; at += 40) {
      streams->on_message(channel_, at % 1'000 == 0 ? key_frame(said(at)) : picture(said(at)));
      streams->on_message(channel_, sound(said(at + 20)));
      clock.passed += 40ms;
    }
  }
  const Presentation& presentation() { return *streams->presentation("live/x"); }

  const Utc zero = *parse_utc("2030-01-01T00:00:00.000Z");
  TemporaryDirectory place;
  TurnedClock clock;

 private:
  void start() {
    streams.emplace(settings_, "", Places{&directory_, {&outlet_}}, Streams::Directories{}, clock,
                    silent_log());
  }
  std::int64_t said(std::int64_t at_ms, bool is_frame = true) {
    return unwrapper_.unwrap(static_cast<std::uint32_t>(at_ms), is_frame);
  }

  Directory directory_ = place.directory();
  DirectoryOutlet outlet_{directory_, clock, silent_log()};
  StreamSettings settings_;
  media::TimestampUnwrapper unwrapper_;
  pipe::ChannelId channel_ = 0;

 public:
  std::optional<Streams> streams;
};

// Checks that the decode times of the fragments are continuous.
void check_decode_times(const Runs& runs, const Playlist& list) {
  std::uint64_t end[3] = {};
  for (const Segment& segment : list.segments) {
    const std::string text = runs.place.text("live/x/" + segment.uri);
    Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    for (std::size_t at = 0; at < bytes.size();) {
      // moof and mdat.
      const std::size_t head = ByteReader(bytes.subspan(at)).u32();
      const std::size_t size = head + ByteReader(bytes.subspan(at + head)).u32();
      for (const auto& track : mp4::read_fragment(bytes.subspan(at, size)).tracks) {
        if (end[track.id] > 0) CHECK(track.decode_time == end[track.id]);
        end[track.id] = track.end();
      }
      at += size;
    }
  }
}

void check_whole(Runs& runs, const Form& form, std::int64_t from_ms, std::int64_t to_ms) {
  for (const auto& rendition : runs.presentation().renditions()) {
    const Playlist& list = rendition->playlist();
    REQUIRE(!list.segments.empty());
    Utc begins = runs.zero + milliseconds(from_ms);
    CHECK(std::chrono::abs(list.segments.front().program_date_time - begins) <= 40ms);
    begins = list.segments.front().program_date_time;
    for (const Segment& segment : list.segments) {
      CHECK_FALSE(segment.discontinuity);
      // Audio lasts half a picture longer at the end of a run.
      CHECK(std::chrono::abs(segment.program_date_time - begins) <= 25ms);
      begins = segment.program_date_time + segment.duration;
    }
    CHECK(std::chrono::abs(list.duration() - milliseconds(to_ms - from_ms)) <= 60ms);
    if (form.format == Format::fmp4) check_decode_times(runs, list);
  }
}

}  // namespace

TEST_CASE("another run goes on with a stream that is older than 2^32 ms") {
  for (const Form& form : forms)
    for (const std::int64_t break_ms : {-1'000, 0, 2'000}) {
      CAPTURE(form.demuxed);
      CAPTURE(form.part.count());
      CAPTURE(break_ms);
      const std::int64_t from_ms = turn_ms / 1'000 * 1'000 - 4'000, break_at = from_ms + 4'000 + break_ms;
      Runs runs(form);
      runs.begin(1);
      runs.tell_clock(from_ms);
      runs.play(from_ms, break_at);
      runs.restart();
      runs.begin(1);
      runs.tell_clock(break_at);
      runs.play(break_at, break_at + 6'000);
      runs.streams->cut_off();
      check_whole(runs, form, from_ms, break_at + 6'000);
    }
}

TEST_CASE(
    "a source that is back goes on in the same run, and a clock that comes before its wrap is no other") {
  for (const Form& form : forms) {
    CAPTURE(form.demuxed);
    CAPTURE(form.part.count());
    const std::int64_t wrap_ms = 2 * turn_ms, from_ms = wrap_ms / 1'000 * 1'000 - 3'000;
    Runs runs(form);
    runs.begin(1);
    runs.tell_clock(from_ms);
    runs.play(from_ms, wrap_ms - 20);
    runs.streams->on_end(1, media::EndReason::lost);
    runs.begin(2);
    runs.tell_clock(wrap_ms - 1);
    // The clock came before the wrap, the frames come after it.
    const std::int64_t back_ms = wrap_ms / 1'000 * 1'000 + 1'000;
    runs.play(back_ms, back_ms + 5'000);
    runs.streams->cut_off();
    const Playlist& list = runs.presentation().main().playlist();
    for (const Segment& segment : list.segments) CHECK_FALSE(segment.discontinuity);
    const Segment& last = list.segments.back();
    CHECK(std::chrono::abs(last.program_date_time + last.duration -
                           (runs.zero + milliseconds(back_ms + 5'000))) <= 60ms);
  }
}

TEST_CASE("another timeline stays a discontinuity, and its times stay possible") {
  // Where the first run ends and the next one begins.
  constexpr std::int64_t week_ms = 604'800'000;
  for (const auto& [ends, begins] :
       {std::pair<std::int64_t, std::int64_t>{turn_ms / 1'000 * 1'000 + 8'000, week_ms},
        {8'000, (turn_ms / 2 + week_ms) / 1'000 * 1'000},
        {8'000, turn_ms / 1'000 * 1'000 - 60'000},
        {turn_ms / 1'000 * 1'000 + 20'000, turn_ms / 1'000 * 1'000 + 25'000}}) {
    const std::int64_t ends_ms = ends, begins_ms = begins;  // clang 14 captures no structured bindings
    CAPTURE(ends_ms);
    CAPTURE(begins_ms);
    const Form form{Format::fmp4};
    Runs runs(form);
    runs.begin(1);
    runs.play(ends_ms - 6'000, ends_ms);
    const std::size_t before = runs.presentation().main().playlist().segments.size();
    runs.restart();
    runs.begin(1);
    runs.play(begins_ms, begins_ms + 6'000);
    runs.streams->cut_off();
    const auto& segments = runs.presentation().main().playlist().segments;
    int discontinuities = 0;
    for (const Segment& segment : segments) discontinuities += segment.discontinuity;
    CHECK(discontinuities == 1);
    REQUIRE(segments.size() > before + 2);
    CHECK(std::chrono::abs(segments.back().duration - 2s) <= 40ms);
  }
}

TEST_CASE("a recording of FLV that is longer than 2^32 ms is scanned whole") {
  const TemporaryDirectory place;
  const Directory directory = place.directory();
  auto created = directory.create("long.flv");
  REQUIRE(created.ok());
  REQUIRE(*created);
  std::vector<std::uint8_t> bytes(flv::file_header_size);
  flv::store_file_header(bytes.data(), false, true);
  std::int64_t at = 0;
  const auto add = [&](const media::Message& message) {
    const std::size_t start = bytes.size();
    const Bytes payload = message.payload.bytes();
    bytes.resize(start + flv::tag_header_size);
    flv::store_tag_header(bytes.data() + start, message.type, payload.size(),
                          static_cast<std::uint32_t>(message.timestamp_ms), 0);
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    bytes.resize(bytes.size() + flv::tag_trailer_size);
    flv::store_tag_trailer(bytes.data() + bytes.size() - flv::tag_trailer_size, payload.size());
  };
  add(video_header());
  for (; at < 2 * turn_ms; at += turn_ms / 4) add(key_frame(at));
  add(video_header());  // says 0
  add(key_frame(at));
  add(picture(at + 40));
  const Slice pieces[] = {Slice::copy_of(bytes)};
  REQUIRE((*created)->append(pieces).ok());
  const auto scanned = scan_flv(**created);
  REQUIRE(scanned.ok());
  CHECK(scanned->duration == milliseconds(2 * turn_ms + 80));
  CHECK(scanned->key_frames == 9);
  CHECK(scanned->whole_bytes == bytes.size());
}

}  // namespace srs::hls
