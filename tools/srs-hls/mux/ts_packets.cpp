#include "srs-hls/mux/ts_packets.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "core/byte_writer.h"

namespace srs::hls {
namespace {

constexpr std::size_t payload_size_max = ts_packet_size - 4;
constexpr std::uint8_t only_payload = 1, only_adaptation = 2, both = 3;  // adaptation_field_control
constexpr std::size_t buffer_size_min = 64 * 1024;
constexpr std::uint64_t time_mask = (std::uint64_t{1} << 33) - 1;

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i << 24;
    for (int bit = 0; bit < 8; ++bit) crc = crc << 1 ^ (crc & 0x80000000u ? 0x04c11db7u : 0);
    table[i] = crc;
  }
  return table;
}
constexpr auto crc_table = make_crc_table();

// 33 bits between marker bits; `prefix` are the four bits in front (2.4.3.6).
void store_time(std::uint8_t* to, std::uint8_t prefix, Ticks ticks) {
  const std::uint64_t time = static_cast<std::uint64_t>(ticks) & time_mask;
  to[0] = static_cast<std::uint8_t>(prefix << 4 | time >> 29 | 1);
  to[1] = static_cast<std::uint8_t>(time >> 22);
  to[2] = static_cast<std::uint8_t>(time >> 14 | 1);
  to[3] = static_cast<std::uint8_t>(time >> 7);
  to[4] = static_cast<std::uint8_t>(time << 1 | 1);
}

// 33 bits of 90 kHz, 6 reserved ones, 9 bits of 27 MHz that are always 0 here (2.4.3.4).
void store_pcr(std::uint8_t* to, Ticks ticks) {
  const std::uint64_t time = static_cast<std::uint64_t>(ticks) & time_mask;
  store_u32(to, static_cast<std::uint32_t>(time >> 1));
  to[4] = static_cast<std::uint8_t>(time << 7 | 0x7e);
  to[5] = 0;
}

// Writes the PES header to `to` and returns its size (2.4.3.6).
std::size_t store_pes_header(std::uint8_t* to, const PesHeader& header, std::size_t payload_size) {
  const std::size_t times_size = header.dts ? 10 : 5;
  const std::size_t length = 3 + times_size + payload_size;
  to[0] = to[1] = 0;
  to[2] = 1;
  to[3] = header.stream_id;
  // Only video may leave its length open.
  const std::size_t stored_length = length > 0xffff ? 0 : length;
  to[4] = static_cast<std::uint8_t>(stored_length >> 8);
  to[5] = static_cast<std::uint8_t>(stored_length);
  to[6] = 0x84;  // '10', data_alignment_indicator
  to[7] = header.dts ? 0xc0 : 0x80;
  to[8] = static_cast<std::uint8_t>(times_size);
  store_time(to + 9, header.dts ? 3 : 2, header.pts);
  if (header.dts) store_time(to + 14, 1, *header.dts);
  return 9 + times_size;
}

}  // namespace

std::uint32_t section_crc(Bytes section) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : section) crc = crc << 8 ^ crc_table[(crc >> 24 ^ byte) & 0xff];
  return crc;
}

void TsPackets::reserve(std::size_t size) {
  if (size_ + size <= capacity_) return;
  // Expect the size of the last buffer and some room: growing a buffer copies it.
  const std::size_t usual = last_size_ + last_size_ / 4;
  const std::size_t capacity = std::max({size_ + size, 2 * capacity_, usual, buffer_size_min});
  Block buffer = make_block(capacity);
  if (size_ > 0) std::memcpy(buffer.get(), buffer_.get(), size_);
  buffer_ = std::move(buffer);
  capacity_ = capacity;
}

std::uint8_t* TsPackets::grow(std::size_t size) {
  reserve(size);
  std::uint8_t* at = buffer_.get() + size_;
  size_ += size;
  return at;
}

Slice TsPackets::take() {
  const Bytes bytes = view();
  // A segment much smaller than those before does not keep a buffer of their size.
  const bool roomy = capacity_ > 2 * size_ + buffer_size_min;
  last_size_ = size_;
  size_ = capacity_ = 0;
  pes_left_ = packet_room_ = 0;
  if (!roomy) return {std::exchange(buffer_, nullptr), bytes};
  Slice copy = Slice::copy_of(bytes);
  buffer_ = nullptr;
  return copy;
}

std::uint8_t& TsPackets::counter_of(std::uint16_t pid) {
  return counters_[pid == pat_pid ? 0 : pid == pmt_pid ? 1 : pid == video_pid ? 2 : 3];
}

std::uint8_t TsPackets::next_counter(std::uint16_t pid) {
  std::uint8_t& counter = counter_of(pid);
  const std::uint8_t value = counter & 0x0f;
  counter = (counter + 1) & 0x0f;
  return value;
}

// Writes the four bytes of a packet's header; returns where the rest goes.
std::uint8_t* TsPackets::start_packet(std::uint16_t pid, bool payload_start, std::uint8_t field_control) {
  std::uint8_t* packet = grow(ts_packet_size);
  packet[0] = 0x47;
  packet[1] = static_cast<std::uint8_t>((payload_start ? 0x40 : 0) | pid >> 8);
  packet[2] = static_cast<std::uint8_t>(pid);
  // A packet without payload repeats the previous counter (2.4.3.3).
  const std::uint8_t counter =
      field_control == only_adaptation ? (counter_of(pid) + 15) & 0x0f : next_counter(pid);
  packet[3] = static_cast<std::uint8_t>(field_control << 4 | counter);
  return packet + 4;
}

void TsPackets::write_section(std::uint16_t pid, std::span<std::uint8_t> section) {
  store_u32(section.data() + section.size() - 4, section_crc(section.first(section.size() - 4)));
  std::uint8_t* to = start_packet(pid, true, only_payload);
  std::memset(to, 0xff, payload_size_max);
  to[0] = 0;  // pointer_field
  std::memcpy(to + 1, section.data(), section.size());
}

void TsPackets::write_pat() {
  std::uint8_t section[] = {0x00,
                            0xb0,
                            13,
                            0,
                            1,
                            0xc1,
                            0,
                            0,  // transport stream 1, version 0
                            0,
                            1,
                            0xe0 | pmt_pid >> 8,
                            pmt_pid & 0xff,
                            0,
                            0,
                            0,
                            0};
  write_section(pat_pid, section);
}

void TsPackets::write_pmt(std::span<const ElementaryStream> streams, std::uint16_t pcr_pid,
                          std::uint8_t version) {
  constexpr std::size_t registration_size = 6;
  std::uint8_t section[12 + (5 + registration_size) * 8 + 4] = {};
  std::size_t size = 12;
  for (const ElementaryStream& stream : streams.first(std::min<std::size_t>(streams.size(), 8))) {
    std::uint8_t* to = section + size;
    to[0] = stream.stream_type;
    to[1] = static_cast<std::uint8_t>(0xe0 | stream.pid >> 8);
    to[2] = static_cast<std::uint8_t>(stream.pid);
    to[3] = 0xf0;
    to[4] = 0;
    size += 5;
    if (stream.format.size() != 4) continue;
    to[4] = registration_size;
    to[5] = 5;
    to[6] = 4;
    std::memcpy(to + 7, stream.format.data(), 4);
    size += registration_size;
  }
  size += 4;
  const std::uint8_t head[12] = {0x02,
                                 0xb0,
                                 static_cast<std::uint8_t>(size - 3),
                                 0,
                                 1,
                                 static_cast<std::uint8_t>(0xc1 | (version & 0x1f) << 1),
                                 0,
                                 0,
                                 static_cast<std::uint8_t>(0xe0 | pcr_pid >> 8),
                                 static_cast<std::uint8_t>(pcr_pid),
                                 0xf0,
                                 0};
  std::memcpy(section, head, sizeof head);
  write_section(pmt_pid, std::span(section, size));
}

void TsPackets::write_pcr(std::uint16_t pid, Ticks pcr) {
  std::uint8_t* to = start_packet(pid, false, only_adaptation);
  std::memset(to, 0xff, payload_size_max);
  to[0] = payload_size_max - 1;
  to[1] = 0x10;  // PCR_flag
  store_pcr(to + 2, pcr);
}

void TsPackets::begin_pes(const PesHeader& header, std::size_t payload_size) {
  assert(pes_left_ == 0);
  std::uint8_t pes[19];
  const std::size_t pes_size = store_pes_header(pes, header, payload_size);
  std::size_t adaptation = header.pcr ? 8 : header.random_access ? 2 : 0;
  // The adaptation field, which begins with its own length, fills up the packet.
  const std::size_t used = adaptation + pes_size + payload_size;
  if (used < payload_size_max) adaptation += payload_size_max - used;
  pes_pid_ = header.pid;
  // The first, the middle and the last packets.
  reserve((used / payload_size_max + 2) * ts_packet_size);
  std::uint8_t* to = start_packet(header.pid, true, adaptation > 0 ? both : only_payload);
  if (adaptation > 0) {
    to[0] = static_cast<std::uint8_t>(adaptation - 1);
    if (adaptation > 1) {
      std::memset(to + 2, 0xff, adaptation - 2);
      to[1] = static_cast<std::uint8_t>((header.random_access ? 0x40 : 0) | (header.pcr ? 0x10 : 0));
      if (header.pcr) store_pcr(to + 2, *header.pcr);
    }
  }
  std::memcpy(to + adaptation, pes, pes_size);
  packet_room_ = payload_size_max - adaptation - pes_size;
  pes_left_ = payload_size;
}

// A middle or last packet of a PES packet; the last one has stuffing in front.
void TsPackets::begin_payload_packet() {
  if (pes_left_ >= payload_size_max) {
    start_packet(pes_pid_, false, only_payload);
    packet_room_ = payload_size_max;
    return;
  }
  std::uint8_t* to = start_packet(pes_pid_, false, both);
  const std::size_t adaptation = payload_size_max - pes_left_;
  to[0] = static_cast<std::uint8_t>(adaptation - 1);
  if (adaptation > 1) {
    to[1] = 0;
    std::memset(to + 2, 0xff, adaptation - 2);
  }
  packet_room_ = pes_left_;
}

// Whole packets in the middle of a PES packet. Most bytes go this way, so their size is a constant here, and
// room is already reserved.
Bytes TsPackets::put_whole_packets(Bytes bytes) {
  std::uint8_t* packet = buffer_.get() + size_;
  std::uint8_t& counter = counter_of(pes_pid_);
  while (bytes.size() >= payload_size_max) {
    packet[0] = 0x47;
    packet[1] = static_cast<std::uint8_t>(pes_pid_ >> 8);
    packet[2] = static_cast<std::uint8_t>(pes_pid_);
    packet[3] = static_cast<std::uint8_t>(only_payload << 4 | (counter & 0x0f));
    std::memcpy(packet + 4, bytes.data(), payload_size_max);
    counter = (counter + 1) & 0x0f;
    packet += ts_packet_size;
    pes_left_ -= payload_size_max;
    bytes = bytes.subspan(payload_size_max);
  }
  size_ = static_cast<std::size_t>(packet - buffer_.get());
  return bytes;
}

void TsPackets::put(Bytes bytes) {
  assert(bytes.size() <= pes_left_);
  // Only the size given to begin_pes() is reserved.
  bytes = bytes.first(std::min(bytes.size(), pes_left_));
  while (!bytes.empty()) {
    if (packet_room_ == 0 && bytes.size() >= payload_size_max) {
      bytes = put_whole_packets(bytes);
      continue;
    }
    if (packet_room_ == 0) begin_payload_packet();
    const std::size_t size = std::min(bytes.size(), packet_room_);
    std::memcpy(buffer_.get() + size_ - packet_room_, bytes.data(), size);
    packet_room_ -= size;
    pes_left_ -= size;
    bytes = bytes.subspan(size);
  }
}

}  // namespace srs::hls
