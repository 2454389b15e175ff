// One stream of successive sources: seams, annotations, dropped messages.
#include "live/publication.h"

#include <doctest/doctest.h>

#include "unit/live/recording_sink.h"
#include "unit/media/media_samples.h"
#include "unit/net/manual_clock.h"

using namespace srs;
using namespace srs::live;
using namespace std::chrono_literals;
using Events = std::vector<std::string>;

namespace {

struct Rig {
  explicit Rig(Publication::Options options = {})
      : publication(sink, {"a", "file x", {}, {}}, options, clock) {}

  Publication::Pushed picture(std::int64_t at, bool is_key = false) {
    return publication.push(media::sample_video(is_key, at));
  }
  Publication::Pushed script(const char* name, std::int64_t at) {
    return publication.push(media::sample_script(name, at));
  }

  net::ManualClock clock;
  RecordingSink sink;
  Publication publication;
};

media::Message clock_note(std::int64_t at) {
  return media::make_message(flv::TagType::script, at,
                             media::encode_on_clock(std::chrono::system_clock::time_point(1h)));
}

// Counts the forwarded clock notes.
class ClockCount : public StreamSink {
 public:
  std::vector<std::int64_t> times;
  std::unique_ptr<OpenStream> begin(const media::StreamInfo&) override {
    return std::make_unique<Stream>(times);
  }

 private:
  struct Stream : OpenStream {
    explicit Stream(std::vector<std::int64_t>& to) : times(to) {}
    void on_message(media::Message message) override {
      if (media::decode_on_clock(message.payload.bytes())) times.push_back(message.timestamp_ms);
    }
    void on_end(media::EndReason) override {}
    std::vector<std::int64_t>& times;
  };
};

}  // namespace

TEST_CASE("a stream begins with its first message, ends once, and may begin again") {
  Rig rig;
  rig.publication.end(media::EndReason::ended);  // no effect: it has not begun
  CHECK(rig.picture(0, true).is_frame);
  rig.publication.end(media::EndReason::lost);
  rig.publication.end(media::EndReason::ended);
  CHECK(rig.sink.take() == Events{"a begins (file x)", "a video 0", "a lost"});
  rig.picture(40, true);
  CHECK(rig.sink.take() == Events{"a begins (file x)", "a video 40"});
}

TEST_CASE("another input has the path") {
  Rig rig;
  rig.sink.reserved.insert("a");
  CHECK_FALSE(rig.publication.begin());
  CHECK_FALSE(rig.picture(0).accepted);
}

TEST_CASE("codec headers keep their place, whatever their timestamps") {
  Rig rig;
  rig.picture(5'000, true);
  rig.publication.push(media::sample_header(flv::TagType::video, 0, 1));
  rig.picture(5'040);
  CHECK(rig.sink.take() ==
        Events{"a begins (file x)", "a video 5000", "a video header 5000", "a video 5040"});
}

TEST_CASE(
    "a source that was lost goes on by the time that has passed; one that starts over, with the next frame") {
  Rig rig;
  rig.picture(0, true);
  rig.picture(40);
  rig.sink.take();
  rig.publication.resume_after_loss("lost");
  rig.clock.jump(2s);
  rig.script("onMetaData", 0);
  const auto pushed = rig.picture(0, true);
  CHECK(pushed.is_resumed);
  CHECK(rig.sink.take() == Events{"a onMetaData 40", "a onDiscontinuity 2040", "a video 2040"});
  rig.publication.resume_after_end("over");
  CHECK_FALSE(rig.picture(7'000, true).is_resumed);
  CHECK(rig.sink.take() == Events{"a onDiscontinuity 2080", "a video 2080"});
}

TEST_CASE("a source that returns before its first frame begins at its own time") {
  Rig rig;
  rig.script("onMetaData", 0);
  rig.clock.jump(100h);
  rig.publication.resume_after_loss("lost");
  rig.picture(40, true);
  CHECK(rig.sink.events.back() == "a video 40");
}

TEST_CASE("a jump of the source's own clock is a seam") {
  Rig rig;
  rig.picture(0, true);
  rig.picture(40);
  rig.sink.take();
  rig.picture(1'000'000, true);
  CHECK(rig.sink.take().front().starts_with("a onDiscontinuity "));
}

TEST_CASE("annotations of an earlier node stay in front of their frame, with its timestamp") {
  Rig rig({.source_clock = Publication::SourceClock::used});
  rig.picture(0, true);
  rig.publication.resume_after_end("over");
  rig.sink.take();
  rig.script("onDiscontinuity", 990);
  rig.picture(1'000, true);
  CHECK(rig.sink.take() == Events{"a onDiscontinuity 40", "a onDiscontinuity 30", "a video 40"});
  for (int i = 0; i < 1000; ++i) rig.script("onDiscontinuity", 1'000);
  rig.picture(1'040);
  CHECK(rig.sink.take().size() == 17);  // at most 16 are held
}

TEST_CASE("more metadata than a source may send is left out, and the next second's passes") {
  Rig rig;
  Slice large = Slice::copy_of(std::vector<std::uint8_t>(900'000, 2));
  const auto send = [&] {
    return rig.publication.push(media::make_message(flv::TagType::script, 0, large)).left_out;
  };
  CHECK_FALSE(send());
  CHECK_FALSE(send());
  CHECK(send());
  rig.clock.jump(4s);
  CHECK_FALSE(send());
}

TEST_CASE("a clock note is added once per second of the stream, unless the source sends its own") {
  net::ManualClock clock;
  ClockCount sink;
  Publication publication(sink, {"a", {}, {}, {}}, {.source_clock = Publication::SourceClock::used}, clock);
  const auto play = [&](std::int64_t from_ms, std::int64_t to_ms) {
    for (std::int64_t at = from_ms; at < to_ms; at += 40) {
      publication.push(media::sample_video(at == from_ms, at));
      clock.jump(40ms);
    }
  };
  play(0, 2'000);
  CHECK(sink.times == std::vector<std::int64_t>{0, 1'000});
  publication.push(clock_note(2'000));
  play(2'000, 4'960);
  CHECK(sink.times == std::vector<std::int64_t>{0, 1'000, 2'000});  // the source's; ours would be less exact
  play(4'960, 5'080);                                               // its clock is silent for three seconds
  CHECK(sink.times == std::vector<std::int64_t>{0, 1'000, 2'000, 5'000});
}

TEST_CASE("a spliced source that sends clock notes has three seconds to do so before ours are added") {
  net::ManualClock clock;
  ClockCount sink;
  Publication publication(sink, {"a", {}, {}, {}},
                          {.join = Publication::Join::splice, .source_clock = Publication::SourceClock::used},
                          clock);
  publication.begin_source({"a", "rtmp edge", "edge", "t"});
  for (std::int64_t at = 0; at < 10'000; at += 40) publication.push(media::sample_video(at == 0, at));
  CHECK(sink.times.empty());  // a burst: our time would be that of its arrival
  publication.push(clock_note(10'000));
  publication.push(media::sample_video(false, 10'000));
  CHECK(sink.times == std::vector<std::int64_t>{10'000});
  clock.jump(3s);
  publication.push(media::sample_video(false, 10'040));
  CHECK(sink.times == std::vector<std::int64_t>{10'000, 10'040});
}

TEST_CASE("a replay's old clock is dropped, and frames are paced") {
  net::ManualClock clock;
  ClockCount sink;
  std::vector<std::int64_t> waited;
  Publication::Options options;
  options.source_clock = Publication::SourceClock::dropped;
  options.adds_clock = false;
  options.pace = [&](std::int64_t at) { waited.push_back(at); };
  Publication publication(sink, {"a", {}, {}, {}}, options, clock);
  publication.push(clock_note(0));
  publication.push(media::sample_video(true, 0));
  publication.push(media::sample_video(false, 40));
  CHECK(sink.times.empty());
  CHECK(waited == std::vector<std::int64_t>{0, 40});
}

TEST_CASE("spliced sources: the newer one continues where the older was, and its origin is reported") {
  Rig rig({.join = Publication::Join::splice});
  rig.publication.begin_source({"a", "origin 1", "n1", "t"});
  rig.picture(0, true);
  rig.picture(40);
  CHECK(rig.sink.take() == Events{"a begins (origin 1)", "a video 0", "a video 40"});
  rig.publication.begin_source({"other path", "origin 2", "n2", "t"});
  CHECK_FALSE(rig.picture(0, true).is_frame);
  CHECK_FALSE(rig.picture(40).is_frame);
  CHECK(rig.picture(80).is_frame);
  CHECK(rig.publication.info().origin == "origin 2");
  CHECK(rig.publication.path() == "a");
  CHECK(rig.sink.take() == Events{"a video 80"});
  CHECK(rig.publication.newest_ms() == 80);
}

TEST_CASE("our own annotations are sent at the newest time, once the stream has begun") {
  Rig rig;
  rig.publication.annotate(media::encode_on_stall(1));
  CHECK(rig.sink.events.empty());
  rig.picture(40, true);
  rig.publication.annotate(media::encode_on_stall(1));
  CHECK(rig.sink.events.back() == "a onStall 40");
}

TEST_CASE("weeks: seams across 2^31, 2^32 and 2^33/90 ms keep the time") {
  for (const std::int64_t at : {std::int64_t{1} << 24, std::int64_t{1} << 31, std::int64_t{1} << 32,
                                (std::int64_t{1} << 33) / 90, std::int64_t{1} << 40}) {
    Rig rig;
    rig.picture(at - 80, true);
    rig.picture(at - 40);
    rig.publication.resume_after_loss("lost");
    rig.clock.jump(120ms);
    rig.sink.take();
    rig.picture(7, true);
    CHECK(rig.sink.take() ==
          Events{fmt::format("a onDiscontinuity {}", at + 80), fmt::format("a video {}", at + 80)});
  }
}
