#include "codec/ac3.h"

#include <algorithm>
#include <bit>

#include "codec/bit_reader.h"
#include "core/byte_writer.h"

namespace srs::codec {
namespace {

constexpr std::uint32_t ac3_rates[] = {48'000, 44'100, 32'000};
constexpr unsigned ac3_channels[] = {2, 1, 2, 3, 3, 4, 4, 5};

// Skips the mixing levels, up to lfeon (ETSI TS 102 366 4.3.2).
bool parse_lfe(BitReader& bits, unsigned mode) {
  if ((mode & 1) != 0 && mode != 1) bits.bits(2);  // cmixlev
  if ((mode & 4) != 0) bits.bits(2);               // surmixlev
  if (mode == 2) bits.bits(2);                     // dsurmod
  return bits.bits(1) == 1;
}

// One synchronization frame of E-AC-3: of an independent substream, or of one that adds channels to it.
struct Eac3Frame {
  bool dependent = false;
  unsigned substream = 0;
  std::size_t size_bytes = 0;
  unsigned rate_code = 0;  // fscod
  std::uint32_t sample_rate = 0;
  std::uint32_t samples = 0;
  unsigned id = 0, mode = 0, lfe = 0;
  unsigned channel_map = 0;  // of a dependent one, the highest of 16 bits is "left"; 0: not said
};

unsigned parse_channel_map(BitReader& bits, unsigned mode) {
  for (int programs = mode == 0 ? 2 : 1; programs > 0; --programs) {
    bits.bits(5);                         // dialnorm
    if (bits.bits(1) == 1) bits.bits(8);  // compr
  }
  return bits.bits(1) == 1 ? bits.bits(16) : 0;
}

std::optional<Eac3Frame> parse_eac3_frame(Bytes bytes) {
  BitReader bits(bytes);
  if (bits.bits(16) != 0x0b77) return {};
  const unsigned type = bits.bits(2);
  Eac3Frame frame;
  frame.dependent = type == 1;
  frame.substream = bits.bits(3);
  frame.size_bytes = (bits.bits(11) + 1) * 2;
  frame.rate_code = bits.bits(2);
  const unsigned second = bits.bits(2);  // fscod2 or numblkscod
  constexpr unsigned blocks[] = {1, 2, 3, 6};
  if (frame.rate_code == 3 && second == 3) return {};
  frame.sample_rate = frame.rate_code == 3 ? ac3_rates[second] / 2 : ac3_rates[frame.rate_code];
  frame.samples = 256 * blocks[frame.rate_code == 3 ? 3 : second];
  frame.mode = bits.bits(3);
  frame.lfe = bits.bits(1);
  frame.id = bits.bits(5);
  if (bits.failed() || type == 3 || frame.id < 11 || frame.id > 16) return {};
  if (frame.dependent) frame.channel_map = parse_channel_map(bits, frame.mode);
  return frame;
}

// The channel locations of dec3 (F.6.2.13), whose lowest bit is Lc/Rc, from a channel map (E.1.3.1.8).
unsigned channel_locations(unsigned map) {
  unsigned locations = (map & 2) != 0 ? 1u << 8 : 0;  // LFE2
  for (unsigned i = 0; i < 8; ++i)
    if ((map >> (10 - i) & 1) != 0) locations |= 1u << i;
  return locations;
}

// Lc/Rc, Lrs/Rrs, Lsd/Rsd, Lw/Rw and Lvh/Rvh are pairs.
unsigned channels_at(unsigned locations) {
  constexpr unsigned pairs = 0x73;
  return static_cast<unsigned>(std::popcount(locations) + std::popcount(locations & pairs));
}

FrameRecord record_of(const std::optional<AudioFrame>& frame) {
  if (!frame) return {};
  return {{static_cast<std::uint8_t>(frame->sample_rate / 1'000), static_cast<std::uint8_t>(frame->channels)},
          2,
          frame->channels};
}

}  // namespace

std::optional<AudioFrame> parse_ac3(Bytes frame) {
  BitReader bits(frame);
  if (bits.bits(16) != 0x0b77) return {};
  bits.bits(16);
  const unsigned rate = bits.bits(2), size_code = bits.bits(6), id = bits.bits(5), mode_of = bits.bits(3);
  const unsigned mode = bits.bits(3);
  const bool lfe = parse_lfe(bits, mode);
  if (bits.failed() || rate == 3 || size_code > 37 || id > 10) return {};
  AudioFrame header;
  // 9 and 10 are not standard: encoders of the time used them for a half and a quarter of the rates.
  header.sample_rate = ac3_rates[rate] >> (id > 8 ? id - 8 : 0);
  header.channels = ac3_channels[mode] + lfe;
  header.samples = 1536;
  ByteWriter box;  // fscod 2, bsid 5, bsmod 3, acmod 3, lfeon 1, bit_rate_code 5, reserved 5
  box.u24(rate << 22 | id << 17 | mode_of << 14 | mode << 11 | static_cast<unsigned>(lfe) << 10 |
          (size_code >> 1) << 5);
  header.box = box.release();
  return header;
}

// A sample holds frames until all substreams have six blocks, mostly one frame (F.3). Only the first program
// counts: independent substream 0 with its dependent ones.
std::optional<AudioFrame> parse_eac3(Bytes sample) {
  const auto first = parse_eac3_frame(sample);
  if (!first || first->dependent || first->substream != 0) return {};
  AudioFrame header;
  header.sample_rate = first->sample_rate;
  unsigned dependents = 0, locations = 0;
  std::size_t size = 0;
  bool first_program = true;
  while (const auto frame = parse_eac3_frame(sample)) {
    if (!frame->dependent) first_program = frame->substream == 0;
    if (first_program) {
      size += frame->size_bytes;
      if (frame->dependent) {
        dependents = std::max(dependents, frame->substream + 1);
        locations |= channel_locations(frame->channel_map);
      } else {
        header.samples += frame->samples;
      }
    }
    sample = sample.subspan(std::min(sample.size(), frame->size_bytes));
  }
  header.channels = ac3_channels[first->mode] + first->lfe + channels_at(locations);
  const auto kilobits =
      std::min<std::uint64_t>(8'191, size * 8 * header.sample_rate / header.samples / 1'000);
  ByteWriter box;  // data_rate 13, num_ind_sub 3; fscod 2, bsid 5, reserved 1, asvc 1, bsmod 3, acmod 3,
                   // lfeon 1, reserved 3, num_dep_sub 4, then chan_loc 9 or reserved 1
  box.u16(kilobits << 3);
  const unsigned substream = first->rate_code << 14 | first->id << 9 | first->mode << 1 | first->lfe;
  box.u16(substream);
  if (dependents > 0)
    box.u16(dependents << 9 | locations);
  else
    box.u8(0);
  header.box = box.release();
  header.frame_bytes_in_box = 2;
  return header;
}

FrameRecord ac3_frame_record(Bytes frame) {
  return record_of(parse_ac3(frame));
}

FrameRecord eac3_frame_record(Bytes frame) {
  return record_of(parse_eac3(frame));
}

}  // namespace srs::codec
