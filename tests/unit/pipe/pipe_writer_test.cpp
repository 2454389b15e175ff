#include "pipe/pipe_writer.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <future>

#include "media/annotations.h"
#include "media/stream_headers.h"
#include "unit/media/media_samples.h"
#include "unit/pipe/pipe_output.h"
#include "unit/pipe/pipe_samples.h"

using namespace srs;
using namespace srs::media;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("channels: each stream opens with onStream and ends with it") {
  Output output(pipe::PipeMode::channels);
  const auto a = output.writer->begin({"live/a", "test"}, pipe::OnFull::block);
  const auto b = output.writer->begin({"live/b", ""}, pipe::OnFull::block);
  output.writer->write(a, sample_video(true, 5));
  output.writer->write(b, sample_audio(9));
  output.writer->end(a);
  output.writer->write(a, sample_video(true, 10));  // too late
  output.writer->end(b);
  CHECK(output.finish_events() == Events{"begin 1 live/a by test", "begin 2 live/b", "1 key_frame 5",
                                         "2 audio_frame 9", "end 1 ended", "end 2 ended"});
}

TEST_CASE("plain: the header has the tracks that came, metadata promises an end, onStream ends it") {
  Output output(pipe::PipeMode::plain);
  const auto channel = output.writer->begin({"live/a", "test"}, pipe::OnFull::block);
  CHECK(channel == 0);
  output.writer->write(channel, sample_script("onMetaData", 0));
  output.writer->write(channel, sample_header(flv::TagType::audio, 0, 1));
  for (int i = 0; i < 60; ++i) output.writer->write(channel, sample_audio(i * 23));
  output.writer->end(channel);
  const PipeBytes bytes = output.finish();
  CHECK(bytes[4] == 4);  // audio only
  const auto tags = tags_of(bytes);
  REQUIRE(tags.size() == 63);
  CHECK(promises_end(tags.front().payload.bytes()));
  const auto end = decode_on_stream(tags.back().payload.bytes());
  REQUIRE(end);
  CHECK_FALSE(end->event == OnStream::Event::begin);
  for (const flv::Tag& tag : tags) CHECK(tag.stream_id == 0);
}

TEST_CASE("plain without metadata: the promise has a tag of its own at the start") {
  Output output(pipe::PipeMode::plain);
  const auto channel = output.writer->begin({"live/a", ""}, pipe::OnFull::block);
  output.writer->write(channel, sample_video(true, 700));
  output.writer->write(channel, sample_audio(700));
  output.writer->end(channel);
  const PipeBytes bytes = output.finish();
  CHECK(bytes[4] == 5);
  const auto tags = tags_of(bytes);
  REQUIRE(tags.size() == 4);
  CHECK(promises_end(tags[0].payload.bytes()));
  CHECK(tags[0].timestamp_ms == 700);
  CHECK(tags[1].type == flv::TagType::video);
}

TEST_CASE("plain: a stream that breaks off before its tracks were known is written, without an end") {
  Output output(pipe::PipeMode::plain);
  output.writer->write(output.writer->begin({"live/a", ""}, pipe::OnFull::block), sample_video(true, 0));
  const auto tags = tags_of(output.finish());
  REQUIRE(tags.size() == 2);
  CHECK(promises_end(tags[0].payload.bytes()));
  CHECK(tags[1].type == flv::TagType::video);
}

TEST_CASE("a peer's onStream does not get into a stream") {
  Output output(pipe::PipeMode::channels);
  const auto a = output.writer->begin({"live/a", ""}, pipe::OnFull::drop_gop);
  output.writer->write(
      a, make_message(flv::TagType::script, 0, encode_on_stream({"live/evil", "", OnStream::Event::begin})));
  output.writer->write(
      a, make_message(flv::TagType::script, 0, encode_on_stream({"live/a", "", OnStream::Event::end})));
  output.writer->write(a, sample_script("onStream", 0));
  output.writer->write(a, sample_script("onCuePoint", 0));
  output.writer->end(a);
  CHECK(output.finish_events() == Events{"begin 1 live/a", "1 script 0", "end 1 ended"});
}

TEST_CASE("tags from an FLV input leave as they came, byte for byte") {
  PipeBytes input;
  append_file_header(input);
  append_tag(
      input, 1,
      make_message(flv::TagType::script, 0, encode_on_stream({"live/a", "x", OnStream::Event::begin})));
  for (int i = 0; i < 500; ++i)
    append_tag(input, 1, sample_video(i % 50 == 0, i * 40, 3000 + static_cast<std::size_t>(i)));
  append_tag(
      input, 1,
      make_message(flv::TagType::script, 499 * 40, encode_on_stream({"live/a", {}, OnStream::Event::end})));

  struct Passing : pipe::PipeSink {
    explicit Passing(pipe::PipeWriter& to) : writer(to) {}
    void on_begin(pipe::ChannelId, const StreamInfo& info) override {
      channel = writer.begin(info, pipe::OnFull::block);
    }
    void on_message(pipe::ChannelId, Message message) override { writer.write(channel, message); }
    void on_end(pipe::ChannelId, EndReason) override { writer.end(channel); }
    pipe::PipeWriter& writer;
    pipe::ChannelId channel = 0;
  };
  Output output(pipe::PipeMode::channels);
  Passing sink(*output.writer);
  pipe::PipeReader reader(sink, "live/x");
  REQUIRE(feed(reader, input, 10'000));
  CHECK(output.finish() == input);
}

TEST_CASE("block: nothing is lost, however slow the reader and small the queue") {
  Output output(pipe::PipeMode::channels, 100'000);
  output.start_reading();
  const auto a = output.writer->begin({"live/a", ""}, pipe::OnFull::block);
  for (int i = 0; i < 2000; ++i) output.writer->write(a, sample_video(false, i, 5000));
  output.writer->end(a);
  CHECK(output.writer->dropped(a) == 0);
  CHECK(output.writer->channels().empty());
  CHECK(tags_of(output.finish()).size() == 2002);
  CHECK(output.writer->lag() == milliseconds(0));
}

TEST_CASE("drop-gop: a reader that stands still costs whole GOPs, never the start of one") {
  Output output(pipe::PipeMode::channels, 3'000'000);
  const auto a = output.writer->begin({"live/a", ""}, pipe::OnFull::drop_gop);
  int time = 0;
  const auto write_gops = [&](int count) {
    for (int i = 0; i < count * 10; ++i, ++time) {
      output.writer->write(a, sample_video(time % 10 == 0, time, 20'000));
      output.writer->write(a, sample_audio(time, 100));
    }
  };
  write_gops(60);  // 12 MB: the pipe (1 MiB at most) and the queue take some 4 MB
  const auto dropped = output.writer->dropped(a);
  CHECK(dropped > 500);
  const auto state = output.writer->channels().at(0);
  CHECK(state.dropped_messages == dropped);
  CHECK(state.dropped_gops >= dropped / 20);  // of 20 messages each, the first of them cut short
  CHECK(state.dropped_gops <= dropped / 20 + 1);
  CHECK(state.figures.video_frames == 600);  // as they came in
  CHECK(output.writer->queued_bytes() > 0);
  std::this_thread::sleep_for(milliseconds(20));
  CHECK(output.writer->lag() >= milliseconds(20));
  output.start_reading();
  for (bool goes_on = false; !goes_on && time < 100'000;) {
    const auto before = output.writer->dropped(a);
    write_gops(1);
    goes_on = output.writer->dropped(a) == before;
    std::this_thread::sleep_for(milliseconds(5));
  }
  output.writer->end(a);
  const auto tags = tags_of(output.finish());
  std::int64_t last_video = -1;
  bool dropping_seen = false;
  for (const flv::Tag& tag : tags) {
    if (tag.type != flv::TagType::video) continue;
    if (tag.timestamp_ms != last_video + 1) {
      dropping_seen = true;
      CHECK(tag.timestamp_ms % 10 == 0);
    }
    last_video = tag.timestamp_ms;
  }
  CHECK(dropping_seen);
}

TEST_CASE("headers are queued even if the queue is full, but a flood of them is not") {
  Output output(pipe::PipeMode::channels, 200'000);
  const auto a = output.writer->begin({"live/a", ""}, pipe::OnFull::drop_gop);
  for (int i = 0; i < 200; ++i) output.writer->write(a, sample_video(i == 0, i, 10'000));
  CHECK(output.writer->dropped(a) > 0);
  const auto dropped = output.writer->dropped(a);
  output.writer->write(a, sample_header(flv::TagType::video, 200, 1));
  CHECK(output.writer->dropped(a) == dropped);
  std::vector<std::uint8_t> huge(50'000);
  huge[0] = 0x17;
  const Message header = make_message(flv::TagType::video, 200, Slice::copy_of(huge));
  REQUIRE(header.kind == MessageKind::video_header);
  for (int i = 0; i < 100; ++i) output.writer->write(a, header);
  CHECK(output.writer->dropped(a) > dropped + 50);
  output.writer->end(a);
  output.finish();
}

TEST_CASE("exit: a full queue is a failure, reported once") {
  Output output(pipe::PipeMode::channels, 100'000);
  const auto a = output.writer->begin({"live/a", ""}, pipe::OnFull::exit);
  for (int i = 0; i < 1000; ++i) output.writer->write(a, sample_video(false, i, 5000));
  auto told = output.failure.get_future();
  REQUIRE(told.wait_for(seconds(20)) == std::future_status::ready);
  CHECK(told.get() == "the reader of our output is too slow (--on-full exit)");
  CHECK_FALSE(output.writer->finish(seconds(20)));
}

TEST_CASE("a reader that goes away is a failure, and waiting sources go on") {
  std::signal(SIGPIPE, SIG_IGN);  // as the tools do
  Output output(pipe::PipeMode::channels, 100'000);
  const auto a = output.writer->begin({"live/a", ""}, pipe::OnFull::block);
  auto writing = std::async(std::launch::async, [&] {
    for (int i = 0; i < 1000; ++i) output.writer->write(a, sample_video(false, i, 5000));
  });
  output.pipe.close_reader();
  auto told = output.failure.get_future();
  REQUIRE(told.wait_for(seconds(20)) == std::future_status::ready);
  CHECK(told.get() == "the reader of our output went away");
  CHECK(writing.wait_for(seconds(20)) == std::future_status::ready);
}

TEST_CASE("stop_waiting frees a source that waits for a reader that stands still") {
  Output output(pipe::PipeMode::channels, 100'000);
  const auto a = output.writer->begin({"live/a", ""}, pipe::OnFull::block);
  auto writing = std::async(std::launch::async, [&] {
    for (int i = 0; i < 1000; ++i) output.writer->write(a, sample_video(false, i, 5000));
  });
  CHECK(writing.wait_for(milliseconds(100)) == std::future_status::timeout);
  output.writer->stop_waiting();
  CHECK(writing.wait_for(seconds(20)) == std::future_status::ready);
}

TEST_CASE("plain: a flood before the tracks are known is bounded by opening at once") {
  Output output(pipe::PipeMode::plain, 1'000'000);
  output.start_reading();
  const auto a = output.writer->begin({"live/a", ""}, pipe::OnFull::block);
  for (int i = 0; i < 300; ++i) output.writer->write(a, sample_video(i == 0, 0, 10'000));
  output.writer->end(a);
  CHECK(tags_of(output.finish()).size() == 302);
}

TEST_CASE("carries() is true while a stream is open, and each stream has a channel of its own") {
  Output output(pipe::PipeMode::channels);
  const auto a = output.writer->begin({"live/a", ""}, pipe::OnFull::block);
  CHECK(output.writer->carries("live/a"));
  CHECK_FALSE(output.writer->carries("live/b"));
  const auto b = output.writer->begin({"live/b", ""}, pipe::OnFull::block);
  CHECK(a != b);
  output.writer->end(a);
  CHECK_FALSE(output.writer->carries("live/a"));
  CHECK(output.writer->carries("live/b"));
  output.writer->end(b);
  output.finish();
}

TEST_CASE("after 2^24 - 1 channels are numbered from 1 again") {
  Output output(pipe::PipeMode::channels, 32u << 20, flv::max_stream_id - 2);
  std::vector<pipe::ChannelId> channels;
  for (const char* path : {"live/a", "live/b", "live/c", "live/d"})
    channels.push_back(output.writer->begin({path, ""}, pipe::OnFull::block));
  CHECK(channels == std::vector<pipe::ChannelId>{0xfffffe, 0xffffff, 1, 2});
  for (const pipe::ChannelId channel : channels) output.writer->write(channel, sample_audio(5));
  for (const pipe::ChannelId channel : channels) output.writer->end(channel);
  CHECK(output.finish_events() == Events{"begin 16777214 live/a", "begin 16777215 live/b", "begin 1 live/c",
                                         "begin 2 live/d", "16777214 audio_frame 5", "16777215 audio_frame 5",
                                         "1 audio_frame 5", "2 audio_frame 5", "end 16777214 ended",
                                         "end 16777215 ended", "end 1 ended", "end 2 ended"});
}

TEST_CASE("a stream that is lost says so on channels, and just breaks off in plain FLV") {
  Output channels(pipe::PipeMode::channels);
  channels.writer->end(channels.writer->begin({"live/a", ""}, pipe::OnFull::block), EndReason::lost);
  CHECK(channels.finish_events() == Events{"begin 1 live/a", "end 1 lost"});
  Output plain(pipe::PipeMode::plain);
  const auto channel = plain.writer->begin({"live/a", ""}, pipe::OnFull::block);
  plain.writer->write(channel, sample_video(true, 0));
  plain.writer->end(channel, EndReason::lost);
  CHECK(tags_of(plain.finish()).back().type == flv::TagType::video);
}

TEST_CASE("messages too large for a tag are left out, and the pipe stays in step") {
  Output output(pipe::PipeMode::channels);
  const auto channel = output.writer->begin({"live/a", ""}, pipe::OnFull::block);
  output.start_reading();
  output.writer->write(channel, sample_video(true, 0));
  output.writer->write(channel, sample_video(false, 40, std::size_t{1} << 24));
  output.writer->write(channel, sample_video(false, 80, (std::size_t{1} << 24) - 1));
  std::vector<std::uint8_t> metadata(StreamHeaders::max_metadata_bytes + 1);
  std::ranges::copy(sample_script("onMetaData", 0).payload.bytes(), metadata.begin());
  output.writer->write(channel, make_message(flv::TagType::script, 90, Slice::copy_of(metadata)));
  output.writer->write(channel, sample_video(false, 120));
  CHECK(output.writer->dropped(channel) == 2);
  output.writer->end(channel);
  CHECK(output.finish_events() ==
        Events{"begin 1 live/a", "1 key_frame 0", "1 video_frame 80", "1 video_frame 120", "end 1 ended"});
}

TEST_CASE("a stream that floods the queue takes nothing from another") {
  for (const bool metadata : {false, true}) {
    CAPTURE(metadata);
    Output output(pipe::PipeMode::channels, 1 << 20);  // nobody reads yet
    const auto flood = output.writer->begin({"live/flood", ""}, pipe::OnFull::drop_gop);
    const auto honest = output.writer->begin({"live/honest", ""}, pipe::OnFull::drop_gop);
    std::vector<std::uint8_t> bytes(40'000);
    std::ranges::copy(sample_script("onMetaData", 0).payload.bytes(), bytes.begin());
    for (int i = 0; i < 200; ++i) {
      const Message big = metadata ? make_message(flv::TagType::script, i, Slice::copy_of(bytes))
                                   : sample_video(true, i, 40'000);
      output.writer->write(flood, big);
    }
    for (int i = 0; i < 100; ++i) output.writer->write(honest, sample_video(i == 0, i * 40, 2000));
    CHECK(output.writer->dropped(honest) == 0);
    CHECK(output.writer->dropped(flood) > 0);
    output.writer->end(flood);
    output.writer->end(honest);
    const auto events = output.finish_events();
    CHECK(std::ranges::count_if(events, [](const auto& event) { return event.starts_with("2 "); }) == 100);
  }
}

TEST_CASE("tiny messages of a slow pipe do not keep the blocks that they came in") {
  Output output(pipe::PipeMode::channels);
  const auto channel = output.writer->begin({"live/a", ""}, pipe::OnFull::drop_gop);
  Block block = make_block(256 * 1024);
  const std::weak_ptr<std::uint8_t[]> held = block;
  std::copy_n("\xaf\x01", 2, block.get());
  output.writer->write(channel, make_message(flv::TagType::audio, 0, Slice(block, Bytes(block.get(), 200))));
  block.reset();
  CHECK(held.expired());
  output.writer->end(channel);
  output.finish();
}

TEST_CASE("the tag that closes a stream has the time of its newest frame") {
  for (const pipe::PipeMode mode : {pipe::PipeMode::channels, pipe::PipeMode::plain}) {
    Output output(mode);
    const pipe::ChannelId channel = output.writer->begin({"live/a", ""}, pipe::OnFull::block);
    output.writer->write(channel, sample_video(true, 90'000));
    output.writer->write(channel, sample_audio(90'040));
    output.writer->write(channel, sample_video(false, 90'020));
    output.writer->end(channel);
    const auto tags = tags_of(output.finish());
    REQUIRE(!tags.empty());
    CHECK(tags.back().type == flv::TagType::script);
    CHECK(tags.back().timestamp_ms == 90'040);
  }
}
