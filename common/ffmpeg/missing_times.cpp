#include "ffmpeg/missing_times.h"

#include <algorithm>

namespace srs::ffmpeg {
namespace {

// More than any codec reorders (16 pictures): a stream without a time until then has none at all.
constexpr std::size_t max_waiting = 32;

}  // namespace

void MissingTimes::push(AVPacket& packet, const Sink& sink) {
  if (packet.dts == AV_NOPTS_VALUE && !next_dts_ && waiting_.size() < max_waiting) {
    waiting_.push_back(make_packet());
    av_packet_move_ref(waiting_.back().get(), &packet);
    return;
  }
  if (packet.dts == AV_NOPTS_VALUE) {
    packet.dts = next_dts_.value_or(packet.pts != AV_NOPTS_VALUE ? packet.pts : 0);
    if (packet.pts != AV_NOPTS_VALUE) packet.dts = std::min(packet.dts, packet.pts);
  }
  release(packet.dts, sink);
  next_dts_ = packet.dts + duration_of(packet);
  sink(packet);
}

// next_dts: of the packet after the waiting ones.
void MissingTimes::release(std::int64_t next_dts, const Sink& sink) {
  for (auto packet = waiting_.rbegin(); packet != waiting_.rend(); ++packet) {
    next_dts -= duration_of(**packet);
    if ((*packet)->pts != AV_NOPTS_VALUE) next_dts = std::min(next_dts, (*packet)->pts);
    (*packet)->dts = next_dts;
  }
  for (const auto& packet : waiting_) sink(*packet);
  waiting_.clear();
}

void MissingTimes::flush(const Sink& sink) {
  if (waiting_.empty()) return;
  const AVPacket& last = *waiting_.back();
  release((last.pts != AV_NOPTS_VALUE ? last.pts : 0) + duration_of(last), sink);
}

}  // namespace srs::ffmpeg
