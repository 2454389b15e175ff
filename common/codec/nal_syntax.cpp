#include "codec/nal_syntax.h"

#include <algorithm>

#include "codec/bit_reader.h"
#include "codec/nal.h"
#include "codec/table.h"

namespace srs::codec {

std::uint32_t read_set_id(Bytes nal, std::size_t skip_bytes, std::uint32_t max) {
  if (nal.size() <= skip_bytes) return no_set_id;
  const auto plain = unescape_nal(nal.subspan(skip_bytes, std::min<std::size_t>(8, nal.size() - skip_bytes)));
  BitReader bits(plain);
  const std::uint32_t id = bits.ue();
  return bits.failed() || id > max ? no_set_id : id;
}

bool is_random_access(VideoCodec codec, Bytes picture, unsigned nal_length_size) {
  const NalSyntax* const syntax = row(codec).nal;
  if (syntax == nullptr) return true;
  LengthPrefixedNals nals(picture, nal_length_size);
  while (const auto nal = nals.next())
    if (syntax->is_random_access((*nal)[0])) return true;
  return false;
}

}  // namespace srs::codec
