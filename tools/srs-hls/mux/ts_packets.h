// TsPackets: MPEG-TS packets, as bytes in one growing buffer (ISO 13818-1).
//
// It knows packets, program tables and PES headers, but no codecs. A PES packet begins with its total size,
// so that the stuffing of its last TS packet is known when that packet begins; its payload is then put in
// pieces, each copied once, straight to its place.
//
// Continuity counters continue across take(): a segment is a piece of one endless transport stream. Belongs
// to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/byte_reader.h"
#include "core/slice.h"

namespace srs::hls {

inline constexpr std::size_t ts_packet_size = 188;

inline constexpr std::uint16_t pat_pid = 0;
inline constexpr std::uint16_t pmt_pid = 0x1000;
inline constexpr std::uint16_t video_pid = 0x100;
inline constexpr std::uint16_t audio_pid = 0x101;

// 90 kHz; carried modulo 2^33.
using Ticks = std::int64_t;

struct PesHeader {
  std::uint16_t pid = video_pid;
  std::uint8_t stream_id = 0xe0;
  Ticks pts = 0;
  std::optional<Ticks> dts;  // where it differs from pts
  std::optional<Ticks> pcr;  // only on the PCR's PID
  bool random_access = false;
};

struct ElementaryStream {
  std::uint8_t stream_type;
  std::uint16_t pid;
  std::string_view format = {};  // four characters of a registration descriptor (2.6.8), or none
};

class TsPackets {
 public:
  // The tables, one packet each (2.4.4.3, 2.4.4.8).
  void write_pat();
  void write_pmt(std::span<const ElementaryStream> streams, std::uint16_t pcr_pid, std::uint8_t version);
  // A packet with nothing but a PCR.
  void write_pcr(std::uint16_t pid, Ticks pcr);

  // payload_size bytes follow in put(), no more and no less.
  void begin_pes(const PesHeader& header, std::size_t payload_size);
  void put(Bytes bytes);

  // The bytes since the last take(); valid until the next write.
  Bytes view() const { return {buffer_.get(), size_}; }
  std::size_t size() const { return size_; }
  // Hands the bytes over; what follows goes into a new buffer.
  Slice take();

  // Of the PIDs above, in their order: to continue after a restart of the program.
  using Counters = std::array<std::uint8_t, 4>;
  const Counters& counters() const { return counters_; }
  void set_counters(const Counters& counters) { counters_ = counters; }

 private:
  void reserve(std::size_t size);
  std::uint8_t* grow(std::size_t size);
  std::uint8_t* start_packet(std::uint16_t pid, bool payload_start, std::uint8_t field_control);
  void begin_payload_packet();
  Bytes put_whole_packets(Bytes bytes);
  void write_section(std::uint16_t pid, std::span<std::uint8_t> section);
  std::uint8_t next_counter(std::uint16_t pid);
  std::uint8_t& counter_of(std::uint16_t pid);

  Block buffer_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t last_size_ = 0;  // at the last take()
  std::uint16_t pes_pid_ = 0;
  std::size_t pes_left_ = 0;     // bytes of the PES packet that were not put yet
  std::size_t packet_room_ = 0;  // left in the current TS packet
  Counters counters_{};
};

// CRC-32 of the program tables (annex A of ISO 13818-1).
std::uint32_t section_crc(Bytes section);

}  // namespace srs::hls
