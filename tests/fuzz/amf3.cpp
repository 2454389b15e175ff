// AMF3 by itself: depth and count are bounded, and the resulting AMF0 is the same when written and read
// again.
#include "amf/amf3.h"

#include "choices.h"
#include "target.h"

using namespace srs;
using namespace srs::amf;

namespace {

constexpr int max_depth = 64;
constexpr std::size_t max_values = 10'000;

std::size_t count_values(const Value& value, int depth) {
  MUST_HOLD(depth <= max_depth + 1);
  std::size_t count = 1;
  if (const Object* object = value.as_object())
    for (const Member& member : object->members) count += count_values(member.second, depth + 1);
  if (const StrictArray* array = value.as_array())
    for (const Value& one : array->values) count += count_values(one, depth + 1);
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader reader({data, size});
  Limits limits{.max_values = max_values};
  const auto decoded = decode_amf3(reader, max_depth, limits);
  if (!decoded) return 0;
  MUST_HOLD(limits.max_values <= max_values);
  MUST_HOLD(count_values(*decoded, 1) <= max_values - limits.max_values + 1);
  ByteWriter first;
  encode(*decoded, first);
  // References repeat a text: this is the most they may add to the sent bytes.
  MUST_HOLD(first.size() <= 16 * size + (1u << 20) + 1024);
  ByteReader written(first.view());
  const auto again = decode(written);
  MUST_HOLD(again.ok() && written.remaining() == 0);
  ByteWriter second;
  encode(*again, second);
  MUST_HOLD(fuzz::same(first.view(), second.view()));
  return 0;
}
