#include "srs-probe/streams/decode_times.h"

#include <algorithm>
#include <utility>

namespace srs::probe {
namespace {

// More than any codec reorders (16 pictures): without a time until then, there is none.
constexpr std::size_t waiting_max = 32;

Frame at(TimedFrame timed, std::int64_t decoding_us) {
  Frame frame = timed.frame;
  frame.decoding_ms = decoding_us / 1'000;
  frame.offset_ms = timed.shown_ms ? *timed.shown_ms - frame.decoding_ms : 0;
  return frame;
}

}  // namespace

std::vector<Frame> DecodeTimes::push(TimedFrame frame) {
  if (!frame.decoding_ms && frame.shown_ms && !next_us_ && waiting_.size() < waiting_max) {
    waiting_.push_back(std::move(frame));
    return {};
  }
  std::int64_t decoding_us = 0;
  if (frame.decoding_ms) {
    decoding_us = *frame.decoding_ms * 1'000;
  } else {
    decoding_us = next_us_.value_or(frame.shown_ms.value_or(0) * 1'000);
    if (frame.shown_ms) decoding_us = std::min(decoding_us, *frame.shown_ms * 1'000);
  }
  std::vector<Frame> ready;
  lead_up_to(decoding_us, ready);
  next_us_ = decoding_us + frame.lasts_us;
  ready.push_back(at(std::move(frame), decoding_us));
  return ready;
}

void DecodeTimes::lead_up_to(std::int64_t next_us, std::vector<Frame>& ready) {
  for (auto timed = waiting_.rbegin(); timed != waiting_.rend(); ++timed) {
    next_us = std::min(next_us - timed->lasts_us, *timed->shown_ms * 1'000);
    ready.push_back(at(*timed, next_us));
  }
  std::reverse(ready.begin(), ready.end());
  waiting_.clear();
}

std::vector<Frame> DecodeTimes::flush() {
  std::vector<Frame> ready;
  if (!waiting_.empty()) lead_up_to(*waiting_.back().shown_ms * 1'000 + waiting_.back().lasts_us, ready);
  return ready;
}

}  // namespace srs::probe
