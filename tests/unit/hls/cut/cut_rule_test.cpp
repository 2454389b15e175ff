#include "srs-hls/cut/cut_rule.h"

#include <doctest/doctest.h>

namespace srs::hls {
namespace {

using namespace std::chrono_literals;

TEST_CASE("the target duration is the option's, or that of a longer first segment") {
  const CutRule rule(2s);
  CHECK(rule.target_duration_for(0ms) == 2);
  CHECK(rule.target_duration_for(2499ms) == 2);
  CHECK(rule.target_duration_for(2500ms) == 3);
  CHECK(rule.target_duration_for(10s) == 10);
  CHECK(CutRule(350ms).target_duration_for(400ms) == 1);
  CHECK(CutRule(2100ms).target_duration_for(0ms) == 3);
}

TEST_CASE("an earlier key frame is taken when the next would come too late") {
  CutRule rule(2s);
  rule.settle(2);
  rule.on_gop(2s);
  CHECK_FALSE(rule.cut_at_key_frame(400ms));
  CHECK(rule.cut_at_key_frame(500ms));
  CHECK(rule.cut_at_key_frame(2s));
}

TEST_CASE("with GOPs that never fit, segments are cut at a key frame after half of the target") {
  CutRule rule(2s);
  rule.settle(2);
  rule.on_gop(4s);
  CHECK_FALSE(rule.cut_at_key_frame(900ms));
  CHECK(rule.cut_at_key_frame(1s));
  CHECK(rule.cut_at_key_frame(2s));
}

TEST_CASE("a segment is too long once it rounds to more than the target duration") {
  CutRule rule(2s);
  CHECK_FALSE(rule.too_long(15s));
  CHECK(rule.too_long(15'001ms));
  rule.settle(2);
  CHECK_FALSE(rule.too_long(2499ms));
  CHECK(rule.too_long(2500ms));
}

}  // namespace
}  // namespace srs::hls
