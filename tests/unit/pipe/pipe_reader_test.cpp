#include "pipe/pipe_reader.h"

#include <doctest/doctest.h>

#include "media/annotations.h"
#include "unit/bytes_of.h"
#include "unit/media/media_samples.h"
#include "unit/pipe/pipe_samples.h"

using namespace srs;
using namespace srs::media;

namespace {

using Events = std::vector<std::string>;

Message on_stream(const std::string& path, bool begins, const std::string& origin = {}) {
  return make_message(
      flv::TagType::script, 0,
      encode_on_stream({path, origin, begins ? OnStream::Event::begin : OnStream::Event::end}));
}

PipeBytes plain_file() {
  PipeBytes bytes;
  append_file_header(bytes);
  append_tag(bytes, 0, sample_script("onMetaData", 0));
  append_tag(bytes, 0, sample_header(flv::TagType::video, 0, 1));
  append_tag(bytes, 0, sample_video(true, 0));
  append_tag(bytes, 0, sample_audio(10));
  return bytes;
}

const Events plain_events = {"begin 0 live/x", "0 metadata 0", "0 video_header 0", "0 key_frame 0",
                             "0 audio_frame 10"};

PipeBytes channels_pipe() {
  PipeBytes bytes;
  append_file_header(bytes);
  append_tag(bytes, 1, on_stream("live/a", true, "rtmp 10.0.0.7:50123"));
  append_tag(bytes, 2, on_stream("live/b", true));
  append_tag(bytes, 1, sample_video(true, 0));
  append_tag(bytes, 2, sample_video(true, 500));
  append_tag(bytes, 1, on_stream("live/a", false));
  append_tag(bytes, 2, sample_script("onClock", 500));
  append_tag(bytes, 2, on_stream("live/b", false));
  return bytes;
}

const Events channels_events = {"begin 1 live/a by rtmp 10.0.0.7:50123",
                                "begin 2 live/b",
                                "1 key_frame 0",
                                "2 key_frame 500",
                                "end 1 ended",
                                "2 annotation 500",
                                "end 2 ended"};

struct Outcome {
  Events events;
  std::string error;
};

Outcome read_all(const PipeBytes& bytes, std::size_t piece = 1 << 20) {
  RecordingSink sink;
  pipe::PipeReader reader(sink, "live/x");
  auto fed = feed(reader, bytes, piece);
  auto finished = reader.finish();
  if (fed) fed = finished;
  return {sink.events, fed ? "" : fed.error().message};
}

// What channels 1 and 2 get when `odd` comes after a begin of live/a on channel 1.
Outcome with_odd_tag(pipe::ChannelId channel, const Message& odd) {
  PipeBytes bytes;
  append_file_header(bytes);
  append_tag(bytes, 1, on_stream("live/a", true));
  append_tag(bytes, channel, odd);
  return read_all(bytes);
}

}  // namespace

TEST_CASE("plain FLV is one stream, with the caller's name, that ends with its input") {
  auto expected = plain_events;
  expected.push_back("end 0 ended");
  const auto outcome = read_all(plain_file());
  CHECK(outcome.events == expected);
  CHECK(outcome.error.empty());
}

TEST_CASE("channels are streams from begin to end, however the bytes arrive") {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
    const auto outcome = read_all(channels_pipe(), piece);
    CHECK(outcome.events == channels_events);
    CHECK(outcome.error.empty());
  }
}

TEST_CASE("a channel number is free again after its end") {
  PipeBytes bytes = channels_pipe();
  append_tag(bytes, 1, on_stream("live/c", true));
  append_tag(bytes, 1, sample_audio(7));
  append_tag(bytes, 1, on_stream("live/c", false));
  auto expected = channels_events;
  expected.insert(expected.end(), {"begin 1 live/c", "1 audio_frame 7", "end 1 ended"});
  CHECK(read_all(bytes).events == expected);
}

TEST_CASE("input that breaks off loses the streams that promised an end") {
  PipeBytes bytes;
  append_file_header(bytes);
  append_tag(bytes, 1, on_stream("live/a", true));
  append_tag(bytes, 1, sample_video(true, 0));
  const auto channels = read_all(bytes);
  CHECK(channels.events.back() == "end 1 cut");
  CHECK(channels.error == "the input broke off while live/a was on");

  PipeBytes promised;
  append_file_header(promised);
  append_tag(promised, 0, make_message(flv::TagType::script, 0, with_stream_notes({}, "", true)));
  append_tag(promised, 0, sample_video(true, 0));
  CHECK(read_all(promised).events.back() == "end 0 cut");
  append_tag(promised, 0, on_stream("live/a", false));
  CHECK(read_all(promised).events.back() == "end 0 ended");
  CHECK(read_all(promised).error.empty());
}

TEST_CASE("the promise of an end is not passed on: it is the pipe's") {
  PipeBytes bytes;
  append_file_header(bytes);
  append_tag(bytes, 0,
             make_message(flv::TagType::script, 0,
                          with_stream_notes(sample_script("onMetaData", 0).payload.bytes(), "live/a", true)));
  RecordingSink sink;
  pipe::PipeReader reader(sink, "live/x");
  REQUIRE(feed(reader, bytes));
  REQUIRE(sink.messages.size() == 1);
  CHECK_FALSE(promises_end(sink.messages[0].payload.bytes()));
  CHECK_FALSE(sink.messages[0].framed);
  CHECK_FALSE(reader.finish());
}

TEST_CASE("tags after the end of plain FLV are skipped") {
  PipeBytes bytes = plain_file();
  append_tag(bytes, 0, on_stream("live/a", false));
  append_tag(bytes, 0, sample_audio(20));
  auto expected = plain_events;
  expected.push_back("end 0 ended");
  CHECK(read_all(bytes).events == expected);
}

TEST_CASE("a truncated last tag is dropped, and everything before it is kept") {
  const PipeBytes whole = plain_file();
  PipeBytes before_last;
  append_file_header(before_last);
  append_tag(before_last, 0, sample_script("onMetaData", 0));
  append_tag(before_last, 0, sample_header(flv::TagType::video, 0, 1));
  append_tag(before_last, 0, sample_video(true, 0));
  for (std::size_t size = before_last.size() + 1; size < whole.size(); ++size) {
    const auto outcome =
        read_all(PipeBytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    CHECK(outcome.events ==
          Events{"begin 0 live/x", "0 metadata 0", "0 video_header 0", "0 key_frame 0", "end 0 cut"});
    CHECK(outcome.error == "the input broke off while live/x was on (a truncated last tag was dropped)");
  }
}

TEST_CASE("no input at all, half a header, garbage and a bare header") {
  CHECK(read_all({}).error == "the input is empty: no FLV header");
  CHECK(read_all({'F', 'L', 'V'}).error == "the input ended inside the FLV header");
  CHECK(read_all(bytes_of("474554202f20485454502f312e310d0a")).error ==
        "not FLV: the input does not start with the FLV signature at byte offset 0");
  PipeBytes header;
  append_file_header(header);
  CHECK(read_all(header).error.empty());
  CHECK(read_all(header).events.empty());
}

TEST_CASE("a corrupt tag is an error with its byte offset, after all that came before it") {
  PipeBytes bytes = plain_file();
  const std::size_t offset = bytes.size();
  bytes.push_back(0x33);
  bytes.resize(bytes.size() + 40);
  const auto outcome = read_all(bytes);
  CHECK(outcome.error == fmt::format("corrupt FLV: unknown tag type at byte offset {}", offset));
  auto expected = plain_events;
  expected.push_back("end 0 cut");
  CHECK(outcome.events == expected);
}

TEST_CASE("an onStream that makes no sense is an error") {
  CHECK(with_odd_tag(1, on_stream("live/b", true)).error.find("it begins a stream that is open") !=
        std::string::npos);
  CHECK(with_odd_tag(2, on_stream("live/b", false)).error.find("it ends a stream that is not open") !=
        std::string::npos);
  CHECK(with_odd_tag(0, on_stream("live/b", true)).error.find("plain FLV begins without it") !=
        std::string::npos);
  CHECK(with_odd_tag(2, sample_script("onStream", 0)).error.find("none of begin, end and lost") !=
        std::string::npos);
  CHECK(with_odd_tag(2, sample_audio(0)).error.find("on channel 2 that no onStream has begun") !=
        std::string::npos);
  CHECK(with_odd_tag(0, sample_audio(0)).error.find("on channel 0 that no onStream has begun") !=
        std::string::npos);
}

TEST_CASE("a stream's name is checked where it enters") {
  for (const char* path : {"", "..", "live/../etc", "/etc/.ssh", "a b", "a%2eb", "a\nb"})
    CHECK(with_odd_tag(2, on_stream(path, true)).error.find("bad stream name") != std::string::npos);
  CHECK(with_odd_tag(2, on_stream(std::string("a\0b", 3), true)).error.find("bad stream name") !=
        std::string::npos);
}

TEST_CASE("timestamps go on beyond 32 bits, channel by channel") {
  PipeBytes bytes;
  append_file_header(bytes);
  append_tag(bytes, 1, on_stream("live/a", true));
  append_tag(bytes, 2, on_stream("live/b", true));
  append_tag(bytes, 1, sample_audio(0xffffffff));
  append_tag(bytes, 2, sample_audio(5));
  append_tag(bytes, 1, sample_audio(0x100000010));
  const auto events = read_all(bytes).events;
  CHECK(events[2] == "1 audio_frame 4294967295");
  CHECK(events[3] == "2 audio_frame 5");
  CHECK(events[4] == "1 audio_frame 4294967312");
}

TEST_CASE("a pipe with any flipped bit does no harm") {
  for_each_flipped_bit(channels_pipe(), [](const PipeBytes& bytes) {
    RecordingSink sink;
    pipe::PipeReader reader(sink, "live/x");
    const auto fed = feed(reader, bytes);
    const auto finished = reader.finish();
    CHECK((fed.ok() || !fed.error().message.empty()));
    // All streams that began have ended.
    const auto count = [&](std::string_view what) {
      return std::count_if(sink.events.begin(), sink.events.end(),
                           [&](const std::string& event) { return event.starts_with(what); });
    };
    CHECK(count("begin") == count("end"));
  });
}

TEST_CASE("a stream that is lost may begin again, and the pipe is whole") {
  PipeBytes input = plain_file();
  input.resize(flv::file_header_size);
  const auto lost =
      make_message(flv::TagType::script, 0, encode_on_stream({"live/a", {}, OnStream::Event::lost}));
  for (int i = 0; i < 2; ++i) {
    append_tag(input, 1, on_stream("live/a", true));
    append_tag(input, 1, lost);
  }
  const auto read = read_all(input);
  CHECK(read.events == Events{"begin 1 live/a", "end 1 lost", "begin 1 live/a", "end 1 lost"});
  CHECK(read.error.empty());
}

TEST_CASE("a stream that is weeks old begins where its first frame is, whatever its metadata says") {
  TimestampUnwrapper unwrapper;
  const std::int64_t old = 0x8000'0005;
  CHECK(unwrapper.unwrap(0, false) == 0);
  CHECK(unwrapper.unwrap(static_cast<std::uint32_t>(old), true) == old);
  CHECK(unwrapper.unwrap(0, false) == 0x1'0000'0000);  // the nearest time whose low 32 bits are 0
  CHECK(unwrapper.unwrap(static_cast<std::uint32_t>(old + 40), true) == old + 40);
  CHECK(unwrapper.unwrap(0xffff'ffff, true) == 0xffff'ffff);
  CHECK(unwrapper.unwrap(10, true) == 0x1'0000'000a);
  CHECK(unwrapper.unwrap(0xffff'fff0, true) == 0xffff'fff0);
}
