// A packet wire for tests: payloads cut into packets of so many bytes. Pictures are track 0, in 90 kHz, sound
// is track 1, in 48 kHz; the last packet of a message has the marker. At each start the codec headers of
// video stand in front, in packets of their own, as parameter sets do.
#pragma once

#include <algorithm>

#include "log/packet_wire.h"

namespace srs::log {

class CuttingWire : public PacketWire {
 public:
  explicit CuttingWire(std::size_t packet_bytes) : packet_bytes_(packet_bytes) {}

  void begin_at(const media::StreamHeaders& headers) override {
    for (const media::Message& header : headers.codecs())
      if (header.is_video()) in_front_.push_back(header.payload);
  }

  void split(const media::Message& message, PacketSink& to) override {
    if (!message.is_frame()) return;
    const bool video = message.is_video();
    const auto track = static_cast<std::uint8_t>(video ? 0 : 1);
    const std::int64_t time = message.timestamp_ms * (video ? 90 : 48);
    if (video) {
      for (const Slice& header : in_front_) put({track, false, time}, header.bytes(), to);
      in_front_.clear();
    }
    for (std::size_t at = 0; at < message.payload.size(); at += packet_bytes_) {
      const std::size_t size = std::min(packet_bytes_, message.payload.size() - at);
      const bool last = at + size == message.payload.size();
      put({track, last, time}, message.payload.bytes().subspan(at, size), to);
    }
  }

 private:
  // In two pieces, as a packetiser has a header of its own in front.
  static void put(const PacketMark& mark, Bytes payload, PacketSink& to) {
    const Bytes pieces[] = {payload.first(payload.size() / 2), payload.subspan(payload.size() / 2)};
    to.put(mark, pieces);
  }

  const std::size_t packet_bytes_;
  std::vector<Slice> in_front_;
};

class CuttingFormat : public PacketFormat {
 public:
  explicit CuttingFormat(std::size_t packet_bytes) : packet_bytes_(packet_bytes) {}
  std::unique_ptr<PacketWire> make_wire() const override {
    return std::make_unique<CuttingWire>(packet_bytes_);
  }

 private:
  const std::size_t packet_bytes_;
};

}  // namespace srs::log
