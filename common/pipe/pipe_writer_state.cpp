// The state of a PipeWriter for monitoring: its channels, and how far its reader is behind.
#include "pipe/pipe_writer.h"

namespace srs::pipe {

std::vector<PipeWriter::ChannelState> PipeWriter::channels() const {
  const Lock lock(mutex_);
  std::vector<ChannelState> states;
  for (const auto& [channel, stream] : streams_)
    states.push_back({stream.info, stream.meter.figures(std::chrono::steady_clock::now()),
                      stream.meter.tracks().video(), stream.meter.tracks().audio(), stream.since,
                      stream.dropped, stream.dropped_gops});
  return states;
}

std::size_t PipeWriter::queued_bytes() const {
  const Lock lock(mutex_);
  return queued_bytes_ + writing_bytes_;
}

std::chrono::milliseconds PipeWriter::lag() const {
  const Lock lock(mutex_);
  if (writing_bytes_ == 0 && queue_.empty()) return std::chrono::milliseconds(0);
  const auto since = writing_bytes_ > 0 ? writing_since_ : queue_since_;
  return std::chrono::duration_cast<std::chrono::milliseconds>(media::StreamMeter::Clock::now() - since);
}

}  // namespace srs::pipe
