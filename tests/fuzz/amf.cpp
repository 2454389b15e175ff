// AMF0 and AMF3: whatever is decoded can be encoded, and decodes to the same again.
#include "amf/value.h"
#include "target.h"

namespace {

std::vector<std::uint8_t> encoded(const std::vector<srs::amf::Value>& values) {
  srs::ByteWriter writer;
  for (const auto& value : values) srs::amf::encode(value, writer);
  return writer.release();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto values = srs::amf::decode_all({data, size});
  MUST_HOLD(values.size() <= size);
  const auto bytes = encoded(values);
  // Bytes, since NaN does not equal itself.
  MUST_HOLD(encoded(srs::amf::decode_all(bytes)) == bytes);
  return 0;
}
