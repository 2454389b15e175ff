#include "codec/flac.h"

#include <algorithm>
#include <iterator>

#include "core/byte_writer.h"

namespace srs::codec {

Result<AudioEntry> flac_entry(Bytes record) {
  constexpr std::size_t info_size = 34;
  constexpr std::uint8_t magic[] = {'f', 'L', 'a', 'C'};
  if (record.size() >= 4 && std::equal(std::begin(magic), std::end(magic), record.begin()))
    record = record.subspan(4);
  if (record.size() >= info_size + 4 && (record[0] & 0x7f) == 0) record = record.subspan(4);
  if (record.size() < info_size) return Error{Errc::invalid_data, "FLAC without its STREAMINFO"};
  record = record.first(info_size);
  ByteWriter box;
  box.u32(0x80000000 | info_size);  // the last metadata block, STREAMINFO
  box.bytes(record);
  AudioEntry entry{box.release()};
  entry.sample_rate = static_cast<std::uint32_t>(record[10] << 12 | record[11] << 4 | record[12] >> 4);
  entry.channels = (record[12] >> 1 & 7) + 1u;
  entry.sample_bits = ((record[12] & 1u) << 4 | record[13] >> 4) + 1u;
  if (entry.sample_rate == 0) return Error{Errc::invalid_data, "FLAC without a sample rate"};
  return entry;
}

std::uint32_t samples_in_flac(Bytes frame, Bytes stream_info) {
  if (frame.size() >= 6 && frame[0] == 0xff && (frame[1] & 0xfe) == 0xf8) {
    const unsigned code = frame[2] >> 4;
    if (code == 1) return 192;
    if (code >= 2 && code <= 5) return 576u << (code - 2);
    if (code >= 8) return 256u << (code - 8);
    // The size follows the coded number, whose length is in its first byte as in UTF-8.
    std::size_t at = 4;
    for (unsigned mask = 0x80; (frame[4] & mask) != 0 && mask > 1; mask >>= 1) ++at;
    at = frame[4] < 0x80 ? 5 : at;
    if (code == 6 && at < frame.size()) return frame[at] + 1u;
    if (code == 7 && at + 1 < frame.size())
      return static_cast<std::uint32_t>(frame[at] << 8 | frame[at + 1]) + 1u;
  }
  return stream_info.size() >= 6 ? static_cast<std::uint32_t>(stream_info[4] << 8 | stream_info[5]) : 0;
}

}  // namespace srs::codec
