// Timeline and Splice, with sources that come, go, stumble, jump and repeat themselves: an input is a
// sequence of such events. A track's timestamps never go back, and nothing is output that was not input. For
// a Splice's headers only the order matters, and its script tags have the source's timestamps.
#include "live/splice.h"

#include "choices.h"
#include "target.h"

using namespace srs;
using namespace srs::media;
using flv::TagType;

namespace {

constexpr std::size_t most_events = 2'000;

class Tracks {
 public:
  void saw(TagType type, std::int64_t timestamp_ms) {
    std::int64_t& last = type == TagType::video ? video_ms_ : type == TagType::audio ? audio_ms_ : script_ms_;
    MUST_HOLD(timestamp_ms >= 0);
    MUST_HOLD(timestamp_ms >= last);
    last = timestamp_ms;
    newest_ms_ = std::max(newest_ms_, timestamp_ms);
  }
  std::int64_t newest_ms() const { return newest_ms_; }

 private:
  std::int64_t video_ms_ = -1, audio_ms_ = -1, script_ms_ = -1, newest_ms_ = -1;
};

TagType type_of(std::size_t choice) {
  return choice == 0 ? TagType::video : choice == 1 ? TagType::audio : TagType::script;
}

// The payload depends on `seed` alone, so that sources can repeat it.
Message make(std::size_t kind, std::uint8_t seed, std::int64_t time_ms) {
  static constexpr std::uint8_t on_meta_data[] = {2,   0,   10,  'o', 'n', 'M', 'e', 't', 'a',
                                                  'D', 'a', 't', 'a', 3,   0,   0,   9};
  static constexpr std::uint8_t on_clock[] = {2, 0, 7, 'o', 'n', 'C', 'l', 'o', 'c', 'k', 3, 0, 0, 9};
  std::vector<std::uint8_t> bytes;
  if (kind == 0) bytes = {0x17, 1, 0, 0, 0};  // a key frame
  if (kind == 1) bytes = {0x27, 1, 0, 0, 0};
  if (kind == 2) bytes = {0xaf, 1};
  if (kind == 3) bytes = {0x17, 0, 0, 0, 0};
  if (kind == 4) bytes = {0xaf, 0};
  if (kind == 5) bytes.assign(std::begin(on_meta_data), std::end(on_meta_data));
  if (kind == 6) bytes.assign(std::begin(on_clock), std::end(on_clock));
  // Large key frames show that sources have the same content.
  if (kind != 6) bytes.insert(bytes.end(), kind == 0 && seed % 2 ? 1'200 : 10, seed);
  const TagType type = kind == 2 || kind == 4 ? TagType::audio : kind >= 5 ? TagType::script : TagType::video;
  return make_message(type, time_ms, Slice::copy_of(bytes));
}

void run_timeline(fuzz::Choices& choices) {
  live::Timeline timeline;
  Tracks tracks;
  std::int64_t source_ms = choices.u32();
  for (std::size_t i = 0; choices.more() && i < most_events; ++i) {
    const std::uint8_t what = choices.u8();
    if (what < 8) {
      timeline.restart(std::chrono::milliseconds(choices.u16()));
    } else if (what < 12 && timeline.newest() >= 0) {
      timeline.join(choices.time_step_ms());
    } else {
      source_ms += choices.time_step_ms();
      const TagType type = type_of(what % 3);
      const auto mapped = timeline.map(type, source_ms);
      tracks.saw(type, mapped.timestamp_ms);
      MUST_HOLD(timeline.newest() >= tracks.newest_ms() || type == TagType::script);
    }
  }
}

void run_splice(fuzz::Choices& choices) {
  static const char* const names[] = {"", "a", "b"};
  live::Splice splice;
  Tracks tracks;
  auto now = live::Splice::Clock::time_point(std::chrono::hours(1));
  std::int64_t source_ms = choices.u32();
  std::size_t pushed = 0, forwarded = 0;
  std::vector<Message> out;
  splice.begin_source(now, names[choices.below(3)]);
  for (std::size_t i = 0; choices.more() && i < most_events; ++i) {
    const std::uint8_t what = choices.u8();
    if (what < 8) {
      splice.begin_source(now, names[choices.below(3)]);
      source_ms += choices.time_step_ms();
      continue;
    }
    if (what < 16) now += std::chrono::milliseconds(choices.u16());
    const std::int64_t step = choices.time_step_ms();
    source_ms += step;
    if (step > 0 && step < 1'000) now += std::chrono::milliseconds(step);
    out.clear();
    splice.push(make(what % 7, choices.u8() % 8, source_ms), now, out);
    ++pushed;
    for (const Message& message : out) {
      MUST_HOLD(message.timestamp_ms >= 0);
      if (message.type != TagType::script && !message.is_header())
        tracks.saw(message.type, message.timestamp_ms);
      forwarded += message.kind != MessageKind::annotation && !message.is_header();
      MUST_HOLD(message.payload.size() < 2'000);
    }
    MUST_HOLD(forwarded <= pushed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices({data, size});
  if (choices.flag())
    run_timeline(choices);
  else
    run_splice(choices);
  return 0;
}
