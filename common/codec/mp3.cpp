#include "codec/mp3.h"

#include "codec/bit_reader.h"

namespace srs::codec {

std::optional<AudioFrame> parse_mp3(Bytes frame) {
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

FrameRecord mp3_frame_record(Bytes frame) {
  if (frame.size() < 4 || frame[0] != 0xff || (frame[1] & 0xe0) != 0xe0) return {};
  return {{frame[0], frame[1], static_cast<std::uint8_t>(frame[2] & 0x0c)}, 3};
}

}  // namespace srs::codec
