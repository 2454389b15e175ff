#include "codec/silence.h"

#include "codec/aac.h"
#include "codec/opus.h"
#include "codec/table.h"

namespace srs::codec {
namespace {

class Bits {
 public:
  void put(unsigned value, int count) {
    for (int bit = count - 1; bit >= 0; --bit, ++size_) {
      if (size_ % 8 == 0) bytes_.push_back(0);
      if ((value >> bit & 1) != 0) bytes_.back() |= static_cast<std::uint8_t>(0x80 >> size_ % 8);
    }
  }
  std::vector<std::uint8_t> release() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  int size_ = 0;
};

enum Element : unsigned { single = 0, pair = 1, low_frequency = 3, end = 7 };

// ics_info(): one long window, max_sfb 0: no bands, so neither sections nor scale factors nor spectral data.
void put_window(Bits& bits) {
  bits.put(0, 1 + 2 + 1 + 6 + 1);
}

void put_channel(Bits& bits, bool with_window) {
  bits.put(0, 8);  // global_gain
  if (with_window) put_window(bits);
  bits.put(0, 3);  // no pulse data, no noise shaping, no gain control
}

void put_element(Bits& bits, Element element, unsigned number) {
  bits.put(element, 3);
  bits.put(number, 4);
  if (element != pair) return put_channel(bits, true);
  bits.put(1, 1);  // common_window
  put_window(bits);
  bits.put(0, 2);  // ms_mask_present
  put_channel(bits, false);
  put_channel(bits, false);
}

// ISO 14496-3 table 1.19.
std::vector<Element> elements_of(unsigned channel_configuration) {
  switch (channel_configuration) {
    case 1:
      return {single};
    case 2:
      return {pair};
    case 3:
      return {single, pair};
    case 4:
      return {single, pair, single};
    case 5:
      return {single, pair, pair};
    case 6:
      return {single, pair, pair, low_frequency};
    case 7:
      return {single, pair, pair, pair, low_frequency};
    default:
      return {};
  }
}

}  // namespace

std::optional<SilentFrame> silent_aac(Bytes record) {
  const auto config = parse_aac_config(record);
  constexpr std::uint8_t main_profile = 1, low_complexity = 2;
  if (!config || (config->object_type != main_profile && config->object_type != low_complexity)) return {};
  const auto elements = elements_of(config->channel_configuration);
  if (elements.empty() || config->core_sample_rate == 0) return {};
  Bits bits;
  unsigned numbers[4] = {};
  for (const Element element : elements) put_element(bits, element, numbers[element]++);
  bits.put(end, 3);
  return SilentFrame{bits.release(), config->samples_per_frame * 1'000.0 / config->core_sample_rate};
}

std::optional<SilentFrame> silent_opus(Bytes record) {
  const auto config = parse_opus_config(record);
  if (!config || config->mapping_family != 0 || config->channels < 1 || config->channels > 2) return {};
  const auto toc = static_cast<std::uint8_t>(config->channels == 2 ? 0xfc : 0xf8);
  return SilentFrame{{toc, 0xff, 0xfe}, 20};
}

std::optional<SilentFrame> silent_frame(AudioCodec codec, Bytes record) {
  const auto make = row(codec).silent_frame;
  return make != nullptr ? make(record) : std::nullopt;
}

}  // namespace srs::codec
