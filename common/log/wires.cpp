#include "log/wires.h"

#include <algorithm>

namespace srs::log {

std::shared_ptr<Wire> Wires::find(const void* format) const {
  const auto found = std::ranges::find(wires_, format, &Attached::format);
  return found == wires_.end() ? nullptr : found->wire;
}

void Wires::add(const void* format, std::shared_ptr<Wire> wire, Payloads payloads) {
  wires_.push_back({format, std::move(wire), payloads, {}});
}

bool Wires::take_payloads() const {
  return std::ranges::find(wires_, Payloads::taken, &Attached::payloads) != wires_.end();
}

void Wires::begin_at(const MessageStart& start) {
  for (Attached& each : wires_) each.wire->begin_at(start);
}

void Wires::take_over(media::Message& message, std::uint32_t number) {
  for (Attached& each : wires_) each.wire->take_over(message, number);
}

void Wires::evict_before(std::uint32_t number) {
  for (Attached& each : wires_) each.wire->evict_before(number);
}

// Only the log's thread hands wires out, and only through us: one that is ours alone stays so.
void Wires::drop_unused(TimePoint now, std::chrono::steady_clock::duration patience) {
  std::erase_if(wires_, [&](Attached& each) {
    if (each.wire.use_count() > 1 || each.read_at == TimePoint{}) each.read_at = now;
    return now - each.read_at >= patience;
  });
}

}  // namespace srs::log
