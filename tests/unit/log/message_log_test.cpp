#include "log/message_log.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "amf/value.h"
#include "flv/reader.h"
#include "log/flv_wire.h"
#include "log/wire_reader.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;
using flv::TagType;

namespace {

// Keeps the newest complete GOP and what comes after it, however short that is.
const log::LogLimits gops_only{.min_time = std::chrono::milliseconds(0)};

// A look at all that is there. The blocks are held by the log itself here.
log::WireReader read(const log::WireLog& log) {
  log::WireReader reader(log);
  reader.refresh();
  return reader;
}

// The kinds of the messages that a player who starts now gets, prelude first: 'M' metadata,
// 'V'/'A' headers, 'C' colours, 'K' key frame, 'v', 'a'.
std::string played(const log::WireLog& wire) {
  const log::WireReader log = read(wire);
  const log::WireStart* start = log.newest_start();
  if (!start) return "";
  flv::Reader reader;
  std::uint8_t header[flv::file_header_size];
  flv::store_file_header(header, true, true);
  reader.append(header);
  const log::WirePrelude first = log::prelude(wire.encoder(), *start);
  reader.append(first.metadata.bytes());
  reader.append(first.codecs.bytes());
  reader.append(first.key_frames.bytes());
  iovec pieces[64];
  const std::size_t count = log.gather(start->offset, pieces, 64);
  for (std::size_t i = 0; i < count; ++i)
    reader.append(Bytes(static_cast<const std::uint8_t*>(pieces[i].iov_base), pieces[i].iov_len));
  std::string kinds;
  for (;;) {
    auto tag = reader.next();
    REQUIRE(tag.ok());
    if (!*tag) break;
    switch (classify((*tag)->type, (*tag)->payload.bytes())) {
      case MessageKind::metadata:
        kinds += 'M';
        break;
      case MessageKind::video_metadata:
        kinds += 'C';
        break;
      case MessageKind::video_header:
        kinds += 'V';
        break;
      case MessageKind::audio_header:
        kinds += 'A';
        break;
      case MessageKind::key_frame:
        kinds += 'K';
        break;
      case MessageKind::video_frame:
        kinds += 'v';
        break;
      case MessageKind::audio_frame:
        kinds += 'a';
        break;
      default:
        kinds += '?';
    }
  }
  CHECK(reader.pending() == 0);
  return kinds;
}

void append_start(log::MessageLog& log) {
  log.append(sample_script("onMetaData", 0));
  log.append(sample_header(TagType::video, 0, 1));
  log.append(sample_header(TagType::audio, 0, 2));
}

void append_gop(log::MessageLog& log, std::int64_t timestamp_ms) {
  log.append(sample_video(true, timestamp_ms));
  log.append(sample_audio(timestamp_ms + 10));
  log.append(sample_video(false, timestamp_ms + 40));
}

}  // namespace

TEST_CASE("a player starts with the headers and the newest key frame") {
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, gops_only);
  const auto early = log.wire(flv);
  append_start(log);
  append_gop(log, 0);
  CHECK(played(*early) == "MVAKav");
  append_gop(log, 80);
  append_gop(log, 160);
  CHECK(played(*early) == "MVAKav");
  CHECK(read(*early).newest_start()->timestamp_ms == 160);
}

TEST_CASE("a wire log made late equals one that was there from the start") {
  const log::FlvWire flv, other;
  log::MessageLog log({"live/x", ""}, gops_only);
  const auto early = log.wire(flv);
  append_start(log);
  for (int i = 0; i < 5; ++i) append_gop(log, i * 80);
  log.append(sample_header(TagType::video, 400, 9));
  append_gop(log, 400);
  const auto late = log.wire(other);
  CHECK(log.wire(other) == late);
  CHECK(played(*late) == played(*early));
  CHECK(late->size_bytes() == early->size_bytes());
  CHECK(read(*late).newest_start()->headers->version == read(*early).newest_start()->headers->version);
  const log::WirePrelude a = log::prelude(flv, *read(*late).newest_start()),
                         b = log::prelude(flv, *read(*early).newest_start());
  CHECK(std::ranges::equal(a.metadata.bytes(), b.metadata.bytes()));
  CHECK(std::ranges::equal(a.codecs.bytes(), b.codecs.bytes()));
}

TEST_CASE("the tail is the start of the newest complete GOP") {
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, gops_only);
  const auto wire = log.wire(flv);
  append_start(log);
  for (int i = 0; i < 10; ++i) append_gop(log, i * 80);
  CHECK(read(*wire).timestamp_at(wire->tail()) == 8 * 80);
}

TEST_CASE("headers that repeat unchanged keep their version, others get a new one") {
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, gops_only);
  const auto wire = log.wire(flv);
  append_start(log);
  append_gop(log, 0);
  const auto version = read(*wire).newest_start()->headers->version;
  log.append(sample_header(TagType::video, 80, 1));
  append_gop(log, 80);
  CHECK(read(*wire).newest_start()->headers->version == version);
  log.append(sample_header(TagType::video, 160, 7));
  append_gop(log, 160);
  CHECK(read(*wire).newest_start()->headers->version == version + 1);
}

TEST_CASE("a stream without key frames does not grow its log") {
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, {.max_bytes = 100'000, .max_time = std::chrono::hours(1)});
  const auto wire = log.wire(flv);
  append_start(log);
  for (int i = 0; i < 1000; ++i) log.append(sample_video(false, i * 40, 1000));
  CHECK(wire->size_bytes() <= 110'000);
  CHECK_FALSE(read(*wire).newest_start());
}

TEST_CASE("a log is bounded in time") {
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, {.max_bytes = 1 << 30, .max_time = std::chrono::seconds(2)});
  const auto wire = log.wire(flv);
  append_gop(log, 0);
  for (int i = 2; i < 200; ++i) log.append(sample_video(false, i * 40));
  CHECK(read(*wire).timestamp_at(wire->tail()) >= 199 * 40 - 2000);
}

TEST_CASE("without video a player starts within the last second") {
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, gops_only);
  const auto wire = log.wire(flv);
  log.append(sample_header(TagType::audio, 0, 2));
  for (int i = 0; i < 500; ++i) log.append(sample_audio(i * 20));
  REQUIRE(read(*wire).newest_start());
  CHECK(read(*wire).newest_start()->timestamp_ms > 500 * 20 - 1100);
  CHECK(played(*wire).substr(0, 2) == "Aa");
  CHECK(read(*wire).timestamp_at(wire->tail()) >= 500 * 20 - 2200);
}

TEST_CASE("short GOPs are kept for the least time") {
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, {.min_time = std::chrono::seconds(2)});
  const auto wire = log.wire(flv);
  append_start(log);
  CHECK(wire->tail() == 0);
  for (int i = 0; i < 24; ++i) append_gop(log, i * 80);
  CHECK(wire->tail() == 0);  // not two seconds yet
  for (int i = 24; i < 200; ++i) {
    append_gop(log, i * 80);
    const auto kept = i * 80 + 40 - read(*wire).timestamp_at(wire->tail());
    if (i < 26) continue;
    CHECK(kept >= 2000);
    CHECK(kept <= 2200);
  }
  CHECK(read(*wire).newest_start()->timestamp_ms == 199 * 80);
}

TEST_CASE("what a message costs beside its payload counts against the limit") {
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, {.max_bytes = 1'000'000, .max_time = std::chrono::hours(1)});
  const auto wire = log.wire(flv);
  for (int i = 0; i < 100'000; ++i) log.append(sample_audio(0, 2));
  CHECK(log.cost_bytes() <= 1'000'000);
  CHECK(wire->size_bytes() <= 4000 * 17);
}

TEST_CASE("large metadata and codec headers are no headers") {
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, gops_only);
  const auto wire = log.wire(flv);
  append_start(log);
  std::vector<std::uint8_t> record(StreamHeaders::max_codec_header_bytes + 1);
  record[0] = 0x17;
  log.append(make_message(TagType::video, 0, Slice::copy_of(record)));
  append_gop(log, 0);
  const log::WireHeaders& headers = *read(*wire).newest_start()->headers;
  REQUIRE(headers.codecs.size() == 2);
  CHECK(headers.codecs[0].payload.size() == 10);
}

TEST_CASE("metadata is kept once, however many starts there are") {
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, {.max_bytes = 64 << 20});
  const auto wire = log.wire(flv);
  std::vector<std::uint8_t> metadata(1'000'000);
  const Message named = sample_script("onMetaData", 0);
  std::ranges::copy(named.payload.bytes(), metadata.begin());
  log.append(make_message(TagType::script, 0, Slice::copy_of(metadata)));
  for (int i = 0; i < 50; ++i) log.append(sample_video(true, i * 20, 100));
  const log::WireReader reader = read(*wire);
  CHECK(reader.oldest_start()->headers == reader.newest_start()->headers);
}

TEST_CASE("a wire log that nobody reads goes after a while, and comes back when it is asked for") {
  using std::chrono::seconds;
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, gops_only);
  auto wire = log.wire(flv);
  append_start(log);
  append_gop(log, 0);
  const std::chrono::steady_clock::time_point begin{seconds(1000)};
  log.drop_unused_wires(begin);
  log.drop_unused_wires(begin + seconds(100));
  CHECK(log.wires() == 1);  // it is read
  wire.reset();
  log.drop_unused_wires(begin + seconds(109));
  CHECK(log.wires() == 1);
  log.drop_unused_wires(begin + seconds(110));
  CHECK(log.wires() == 0);
  append_gop(log, 80);
  CHECK(played(*log.wire(flv)) == "MVAKav");
}

TEST_CASE("small payloads do not keep the block that they came in") {
  log::MessageLog log({"live/x", ""}, gops_only);
  Block block = make_block(256 * 1024);
  const std::weak_ptr<std::uint8_t[]> held = block;
  std::copy_n("\xaf\x01", 2, block.get());
  log.append(make_message(TagType::audio, 0, Slice(block, Bytes(block.get(), 200))));
  block.reset();
  CHECK(held.expired());
}

TEST_CASE("who starts gets the headers of all tracks, and the key frames of the others at that moment") {
  log::MessageLog log({"live/a", ""}, gops_only);
  const log::FlvWire wire;
  const auto read_log = log.wire(wire);
  log.append(sample_header(TagType::video, 0, 1));
  log.append(sample_track_video(1, true, false, 0, 7));
  log.append(sample_track_video(2, true, false, 0, 8));
  log.append(sample_colours(0, 1));
  log.append(sample_header(TagType::audio, 0, 2));
  log.append(sample_track_video(1, false, true, 0));
  log.append(sample_audio(0));
  log.append(sample_video(true, 0));
  log.append(sample_track_video(2, false, true, 0));
  CHECK(played(*read_log) == "VVVACvKv");
  const log::FlvWire annotated(log::Annotations::sent);
  CHECK(played(*log.wire(annotated)) == "VVVACvKv");
  log.append(sample_track_video(1, false, false, 40));
  log.append(sample_video(false, 40));
  CHECK(played(*read_log) == "VVVACvKvvv");
  // What is no key frame, or of another moment, is not repeated.
  log.append(sample_track_video(1, false, true, 80));
  log.append(sample_track_video(2, false, false, 120));
  log.append(sample_video(true, 120));
  CHECK(played(*read_log) == "VVVACK");
}

TEST_CASE("a key frame of another track than the first is no place to start at") {
  CHECK(sample_track_video(0, false, true, 0).kind == MessageKind::key_frame);
  CHECK(sample_track_video(1, false, true, 0).kind == MessageKind::video_frame);
  CHECK(is_other_key_frame(sample_track_video(1, false, true, 0)));
  CHECK_FALSE(is_other_key_frame(sample_track_video(1, false, false, 0)));
  CHECK_FALSE(is_other_key_frame(sample_video(true, 0)));
}

TEST_CASE("a header replaces the one of its kind and track, and all together are bounded") {
  StreamHeaders headers;
  CHECK(headers.update(sample_track_video(1, true, false, 0, 1)));
  CHECK(headers.update(sample_header(TagType::video, 0, 1)));
  CHECK_FALSE(headers.update(sample_track_video(1, true, false, 0, 1)));
  CHECK(headers.update(sample_track_video(1, true, false, 0, 2)));
  CHECK(headers.update(sample_colours(0, 1)));
  CHECK(headers.update(sample_colours(0, 2)));
  REQUIRE(headers.codecs().size() == 3);
  CHECK(header_key(headers.codecs()[0]).track_id == 0);
  CHECK(header_key(headers.codecs()[1]).track_id == 1);
  CHECK(headers.codecs()[2].kind == MessageKind::video_metadata);
  std::vector<std::uint8_t> large(60'000, 0x55);
  std::size_t kept = 0;
  for (unsigned track = 0; track < 256; ++track) {
    const std::uint8_t begin[] = {0x96, 0, 'h', 'v', 'c', '1', static_cast<std::uint8_t>(track)};
    std::copy(std::begin(begin), std::end(begin), large.begin());
    kept += headers.update(make_message(TagType::video, 0, Slice::copy_of(large))) ? 1 : 0;
  }
  CHECK(kept == 4);
}

namespace {

struct LiveLog {
  explicit LiveLog(log::LogLimits limits = gops_only) : log({"live/a", ""}, limits) {
    const auto metadata = amf::encode_all(
        {"onMetaData", amf::Value::ecma_array(
                           {{"hasAudio", true}, {"hasVideo", true}, {"audiocodecid", 10}, {"width", 640}})});
    log.append(make_message(TagType::script, 0, Slice::copy_of(metadata)));
    log.append(sample_header(TagType::video, 0, 1));
    log.append(sample_header(TagType::audio, 0, 0x10));
  }
  void play(std::int64_t from, std::int64_t to, bool audio, bool video) {
    for (std::int64_t ms = from; ms < to; ms += 500) {
      if (video) log.append(sample_video(ms % 1000 == 0, ms));
      if (audio) log.append(sample_audio(ms));
    }
  }
  log::MessageLog log;
};

TrackSet announced_at(const log::WireLog& wire) {
  const log::WireReader log = read(wire);
  const Bytes tag = log::prelude(wire.encoder(), *log.newest_start()).metadata.bytes();
  return announced_tracks(tag.subspan(flv::tag_header_size));
}

}  // namespace

TEST_CASE("who starts where sound is away hears nothing of it, and gets its header once it is back") {
  LiveLog live;
  const log::FlvWire wire;
  live.play(0, 3'000, true, true);
  CHECK(played(*live.log.wire(wire)) == "MVAKava");
  CHECK(announced_at(*live.log.wire(wire)) == TrackSet{true, true});
  live.play(3'000, 9'000, false, true);
  CHECK(live.log.left_out() == TrackSet{true, false});
  const auto bare = live.log.wire(wire.bare());
  CHECK(played(*bare) == "MVKv");
  CHECK(announced_at(*bare) == TrackSet{false, true});
  live.play(9'000, 9'500, true, true);
  CHECK(live.log.left_out() == TrackSet());
  CHECK(played(*bare) == "MVKMAa");
  live.play(10'000, 10'500, true, true);
  CHECK(played(*bare) == "MVAKa");
  CHECK(announced_at(*bare) == TrackSet{true, true});
}

TEST_CASE("where sound stopped, silence goes on for those who began with it, and for nobody else") {
  LiveLog live;
  const log::FlvWire wire, annotated(log::Annotations::sent);
  const auto with_fillers = live.log.wire(wire);
  const auto bare = live.log.wire(wire.bare());
  const auto for_relays = live.log.wire(annotated);
  live.play(0, 3'000, true, true);
  const auto before = with_fillers->size_bytes();
  CHECK(bare->size_bytes() == before);
  live.play(3'000, 9'000, false, true);
  CHECK(with_fillers->size_bytes() > bare->size_bytes() + 4 * 20);
  CHECK(for_relays->size_bytes() == bare->size_bytes());
}

TEST_CASE("where the picture is away, playing starts at the sound") {
  LiveLog live;
  const log::FlvWire wire;
  live.play(0, 3'000, true, true);
  live.play(3'000, 9'000, true, false);
  CHECK(played(*live.log.wire(wire)) == "MAaa");
  live.play(9'000, 9'500, true, true);
  live.play(10'000, 10'500, true, true);
  CHECK(played(*live.log.wire(wire)) == "MVAKa");
}
