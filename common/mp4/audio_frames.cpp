#include "mp4/audio_frames.h"

#include <algorithm>

#include "codec/bit_reader.h"
#include "core/byte_writer.h"

namespace srs::mp4 {
namespace {

using codec::AudioCodec;
using codec::BitReader;

std::optional<AudioFrame> read_mp3(Bytes frame) {
  BitReader bits(frame);
  if (bits.bits(11) != 0x7ff) return {};
  const unsigned version = bits.bits(2),
                 layer = bits.bits(2);  // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5; 1: layer III
  bits.bits(5);
  const unsigned rate = bits.bits(2);
  bits.bits(2);
  const unsigned mode = bits.bits(2);
  if (bits.failed() || version == 1 || layer == 0 || rate == 3) return {};
  constexpr std::uint32_t rates[] = {44'100, 48'000, 32'000};
  AudioFrame header;
  header.sample_rate = rates[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
  header.channels = mode == 3 ? 1 : 2;
  header.samples = layer == 3 ? 384 : layer == 1 && version != 3 ? 576 : 1152;
  return header;
}

constexpr std::uint32_t ac3_rates[] = {48'000, 44'100, 32'000};
constexpr unsigned ac3_channels[] = {2, 1, 2, 3, 3, 4, 4, 5};

// Over the mixing levels to lfeon (table 4.? of the syntax of bsi()).
bool read_lfe(BitReader& bits, unsigned mode) {
  if ((mode & 1) != 0 && mode != 1) bits.bits(2);  // cmixlev
  if ((mode & 4) != 0) bits.bits(2);               // surmixlev
  if (mode == 2) bits.bits(2);                     // dsurmod
  return bits.bits(1) == 1;
}

std::optional<AudioFrame> read_ac3(Bytes frame) {
  BitReader bits(frame);
  if (bits.bits(16) != 0x0b77) return {};
  bits.bits(16);
  const unsigned rate = bits.bits(2), size_code = bits.bits(6), id = bits.bits(5), mode_of = bits.bits(3);
  const unsigned mode = bits.bits(3);
  const bool lfe = read_lfe(bits, mode);
  if (bits.failed() || rate == 3 || size_code > 37 || id > 10) return {};
  AudioFrame header;
  header.sample_rate = ac3_rates[rate];
  header.channels = ac3_channels[mode] + lfe;
  header.samples = 1536;
  ByteWriter box;  // fscod 2, bsid 5, bsmod 3, acmod 3, lfeon 1, bit_rate_code 5, reserved 5
  box.u24(rate << 22 | id << 17 | mode_of << 14 | mode << 11 | static_cast<unsigned>(lfe) << 10 |
          (size_code >> 1) << 5);
  header.box = box.release();
  return header;
}

std::optional<AudioFrame> read_eac3(Bytes frame) {
  BitReader bits(frame);
  if (bits.bits(16) != 0x0b77) return {};
  const unsigned type = bits.bits(2);
  bits.bits(3);
  const unsigned words = bits.bits(11) + 1;
  unsigned rate = bits.bits(2), blocks_code = 3;
  std::uint32_t sample_rate = 0;
  if (rate == 3) {
    const unsigned half = bits.bits(2);
    if (half == 3) return {};
    sample_rate = ac3_rates[half] / 2;
  } else {
    sample_rate = ac3_rates[rate];
    blocks_code = bits.bits(2);
  }
  const unsigned mode = bits.bits(3), lfe = bits.bits(1), id = bits.bits(5);
  if (bits.failed() || type == 1 || id < 11 || id > 16) return {};
  constexpr unsigned blocks[] = {1, 2, 3, 6};
  AudioFrame header;
  header.sample_rate = sample_rate;
  header.channels = ac3_channels[mode] + lfe;
  header.samples = 256 * blocks[blocks_code];
  const std::uint32_t kilobits = std::min<std::uint32_t>(
      8'191, static_cast<std::uint32_t>(words * 16ull * sample_rate / header.samples / 1'000));
  ByteWriter box;  // data_rate 13, num_ind_sub 3; fscod 2, bsid 5, reserved 1, asvc 1, bsmod 3, acmod 3,
                   // lfeon 1, ...
  box.u16(kilobits << 3);
  box.u24(rate << 22 | id << 17 | mode << 9 | lfe << 8);
  header.box = box.release();
  return header;
}

}  // namespace

std::optional<AudioFrame> read_audio_frame(AudioCodec codec, Bytes frame) {
  if (codec == AudioCodec::mp3) return read_mp3(frame);
  if (codec == AudioCodec::ac3) return read_ac3(frame);
  if (codec == AudioCodec::eac3) return read_eac3(frame);
  return {};
}

std::uint32_t samples_in_opus(Bytes packet) {
  if (packet.empty()) return 0;
  const unsigned config = packet[0] >> 3;
  constexpr std::uint32_t silk[] = {480, 960, 1'920, 2'880};
  std::uint32_t frame = 0;
  if (config < 12)
    frame = silk[config & 3];
  else if (config < 16)
    frame = (config & 1) != 0 ? 960 : 480;
  else
    frame = 120u << (config & 3);
  const unsigned code = packet[0] & 3;
  if (code == 0) return frame;
  if (code < 3) return 2 * frame;
  return packet.size() < 2 ? 0 : frame * (packet[1] & 0x3fu);
}

std::uint32_t samples_in_flac(Bytes frame, Bytes stream_info) {
  if (frame.size() >= 6 && frame[0] == 0xff && (frame[1] & 0xfc) == 0xf8) {
    const unsigned code = frame[2] >> 4;
    if (code == 1) return 192;
    if (code >= 2 && code <= 5) return 576u << (code - 2);
    if (code >= 8) return 256u << (code - 8);
    // The size stands behind the coded number, whose length is in its first byte as in UTF-8.
    std::size_t at = 4;
    for (unsigned mask = 0x80; (frame[4] & mask) != 0 && mask > 1; mask >>= 1) ++at;
    at = frame[4] < 0x80 ? 5 : at;
    if (code == 6 && at < frame.size()) return frame[at] + 1u;
    if (code == 7 && at + 1 < frame.size())
      return static_cast<std::uint32_t>(frame[at] << 8 | frame[at + 1]) + 1u;
  }
  return stream_info.size() >= 6 ? static_cast<std::uint32_t>(stream_info[4] << 8 | stream_info[5]) : 0;
}

}  // namespace srs::mp4
