#include "srs-bench/content/reference.h"

#include <doctest/doctest.h>

#include <string_view>

#include "srs-bench/content/verifier.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::bench;

namespace {

ReferenceTrack track_of(std::string_view letters) {
  ReferenceTrack track;
  for (const char letter : letters) track.append(static_cast<ContentHash>(letter));
  return track;
}

// The number of letters that do not match.
int mismatches(std::string_view file, std::string_view got) {
  const ReferenceTrack track = track_of(file);
  ReferenceCursor cursor(track);
  int count = 0;
  for (const char letter : got) count += cursor.advance(static_cast<ContentHash>(letter)) ? 0 : 1;
  return count;
}

}  // namespace

TEST_CASE("a player joins anywhere and passes the end of the loop") {
  CHECK(mismatches("abcdef", "abcdef") == 0);
  CHECK(mismatches("abcdef", "defabcdefabc") == 0);
  CHECK(mismatches("a", "aaaa") == 0);
  CHECK(mismatches("abcdef", "") == 0);
}

TEST_CASE("missing, repeated, changed or swapped messages do not match") {
  CHECK(mismatches("abcdef", "abdef") == 1);
  CHECK(mismatches("abcdef", "abefab") == 1);
  CHECK(mismatches("abcdef", "abbcd") == 1);
  CHECK(mismatches("abcdef", "abXdef") == 1);
  CHECK(mismatches("abcdef", "abdcef") == 3);
  CHECK(mismatches("abcdef", "XYZ") == 3);
  CHECK(mismatches("", "ab") == 2);
}

TEST_CASE("repeated content leaves the position open until it is known") {
  CHECK(mismatches("aabaac", "aacaabaac") == 0);
  CHECK(mismatches("aabaac", "abaac") == 0);
  CHECK(mismatches("aabaac", "aaa") == 1);
  // Silence, then something else: the position is known from there (from a) on, not before.
  const std::string silence(500, 's');
  CHECK(mismatches(silence + "abc", silence.substr(0, 100) + "abc" + silence) == 0);
  CHECK(mismatches(silence + "abc", silence.substr(0, 100) + "acb") == 2);
}

TEST_CASE("the clock is not part of the content, everything else is") {
  const auto payload = bytes_of("27 01 000000 00000003 419a24");
  const auto now = UtcMicroseconds(std::chrono::microseconds(1'795'000'000'000'000));
  const auto stamped = embed_clock(payload, now, {});
  CHECK(content_hash(*stamped, find_clock(*stamped, {})) == content_hash(payload, {}));
  CHECK(content_hash(*stamped, {}) != content_hash(payload, {}));
  CHECK(content_hash(bytes_of("27 01 000028 00000003 419a24"), {}) != content_hash(payload, {}));
}

TEST_CASE("pictures and sounds are compared, ends of sequences and scripts are not") {
  using enum flv::TagType;
  CHECK(is_compared(video, bytes_of("17 01 000000 00000001 65")));
  CHECK(is_compared(audio, bytes_of("af 01 21")));
  CHECK_FALSE(is_compared(video, bytes_of("17 00 000000 01")));
  CHECK_FALSE(is_compared(video, bytes_of("17 02 000000")));
  CHECK_FALSE(is_compared(audio, bytes_of("af 00 1210")));
  CHECK_FALSE(is_compared(script, bytes_of("02 0001 61")));
  CHECK_FALSE(is_compared(video, {}));
}
