// Faults between srs-hls and an origin.
#include <doctest/doctest.h>

#include <algorithm>

#include "unit/hls/outlets/uploader_rig.h"

namespace srs::hls {
namespace {

TEST_CASE("transient errors are retried until all is uploaded, in order") {
  Rig rig;
  unsigned number = 0;
  rig.origin.plan = [&](const FakeOrigin::Call&) {
    FakeOrigin::Plan plan;
    switch (++number % 6) {
      case 1:
        plan.status = 500;
        break;
      case 2:
        plan.reset = true;
        break;
      case 3:
        plan.status = 408;
        break;
      case 4:
        plan.status = 507;
        break;
    }
    return plan;
  };
  for (int i = 0; i < 3; ++i) rig.segment();
  REQUIRE(rig.runs_idle());
  CHECK(rig.origin.broken.empty());
  CHECK(rig.published() == rig.newest());
  for (int i = 0; i < 3; ++i)
    CHECK(rig.origin.files["/base/live/cam/" + std::to_string(i) + ".ts"] == Rig::text_of(Rig::content(i)));
  CHECK(rig.uploader->figures(rig.group).errors > 0);
  CHECK(rig.uploader->figures(rig.group).lost == 0);
  CHECK(rig.uploader->figures(rig.group).waiting == 0);
}

TEST_CASE(
    "after an outage of the server, segments that left the list are lost, and the rest arrives in order") {
  Rig rig;
  for (int i = 0; i < 4; ++i) {
    rig.segment();
    REQUIRE(rig.runs_idle());
  }
  const std::string before = rig.published();
  rig.origin.stop();
  for (int i = 0; i < 30; ++i) {
    rig.segment();
    rig.runs_until([] { return false; }, milliseconds(5));
  }
  CHECK(rig.published() == before);
  CHECK(rig.uploader->figures(rig.group).waiting == 4);
  CHECK(rig.uploader->figures(rig.group).lost == 27);
  CHECK(rig.uploader->held_bytes() < 3 * 1010);
  CHECK(rig.uploader->is_pending(rig.group, "live/cam/33.ts"));
  rig.origin.start();
  REQUIRE(rig.runs_idle());
  CHECK_FALSE(rig.uploader->is_pending(rig.group, "live/cam/33.ts"));
  CHECK(rig.published() == rig.newest());
  for (int i = 0; i < 5; ++i) {
    rig.segment();
    REQUIRE(rig.runs_idle());
  }
  CHECK(rig.origin.broken.empty());
  CHECK_FALSE(rig.origin.has("live/cam/20.ts"));
  CHECK(rig.origin.count("DELETE /base/live/cam/20.ts") == 0);  // it was never uploaded
}

TEST_CASE("a refusing server is retried seldom; a refused file blocks only playlists") {
  Rig rig([](UploadSettings& settings) { settings.refused_retry = seconds(3600); });
  rig.origin.plan = [](const FakeOrigin::Call& call) {
    return FakeOrigin::Plan{.status = call.path.ends_with("/1.ts") ? 413 : 201};
  };
  for (int i = 0; i < 3; ++i) rig.segment();
  REQUIRE(rig.runs_until([&] { return rig.origin.has("live/cam/2.ts"); }));
  rig.runs_until([] { return false; }, milliseconds(100));
  CHECK(rig.published() == "#EXTM3U\n0.ts\n");
  CHECK(std::count_if(rig.origin.calls.begin(), rig.origin.calls.end(),
                      [](const auto& call) { return call.path.ends_with("/1.ts"); }) == 1);
  for (int i = 0; i < 2; ++i) rig.segment();  // 1.ts leaves the list
  REQUIRE(rig.runs_idle());
  CHECK(rig.published() == rig.newest());
  CHECK(rig.origin.broken.empty());
  CHECK(rig.uploader->figures(rig.group).lost == 1);
}

TEST_CASE("Retry-After of a server is respected") {
  Rig rig;
  bool asked = false;
  rig.origin.plan = [&](const FakeOrigin::Call&) {
    return std::exchange(asked, true) ? FakeOrigin::Plan()
                                      : FakeOrigin::Plan{.status = 429, .fields = "Retry-After: 1\r\n"};
  };
  const auto begin = std::chrono::steady_clock::now();
  rig.segment();
  REQUIRE(rig.runs_idle());
  CHECK(std::chrono::steady_clock::now() - begin >= seconds(1));
  CHECK(rig.published() == rig.newest());
}

TEST_CASE("redirects are not followed: credentials are for one server") {
  Rig rig;
  rig.origin.plan = [](const FakeOrigin::Call& call) {
    return call.path.starts_with("/base") ? FakeOrigin::Plan{.status = 307, .fields = "Location: /other\r\n"}
                                          : FakeOrigin::Plan();
  };
  rig.segment();
  REQUIRE(rig.runs_until([&] { return rig.origin.calls.size() >= 2; }));
  for (const auto& call : rig.origin.calls) CHECK(call.path == "/base/live/cam/0.ts");
}

TEST_CASE("memory is bounded: the oldest segments are dropped, and no playlist that lists one goes out") {
  Rig rig([](UploadSettings& settings) {
    settings.held_bytes_max = 2500;
    settings.first_retry = settings.longest_retry = seconds(3600);
  });
  rig.origin.stop();
  rig.uploader->put(rig.group, "live/cam/init-1.mp4", Rig::content(0));
  REQUIRE(rig.runs_until([&] { return rig.uploader->figures(rig.group).errors == 1; }));
  for (int i = 0; i < 3; ++i) rig.segment();
  CHECK(rig.uploader->figures(rig.group).lost == 2);
  rig.uploader->put("live/other", "live/other/0.ts", Rig::content(0));
  CHECK(rig.uploader->held_bytes() <= 2500);
  CHECK(rig.uploader->figures(rig.group).lost == 3);
  CHECK(rig.uploader->is_pending(rig.group, "live/cam/0.ts"));  // so that its playlist lists a gap
  REQUIRE(rig.runs_until([&] { return rig.uploader->figures("live/other").errors == 1; }));
  rig.origin.start();
  rig.uploader->drain(std::chrono::steady_clock::now() + seconds(20));
  CHECK(rig.uploader->idle());
  CHECK(rig.origin.has("live/cam/init-1.mp4"));
  CHECK(rig.origin.has("live/other/0.ts"));
  CHECK(rig.origin.count("PUT /base/live/cam/av.m3u8") == 0);
  for (int i = 3; i < 6; ++i) {
    rig.segment();
    REQUIRE(rig.runs_until([&] { return rig.origin.has("live/cam/" + std::to_string(i) + ".ts"); }));
  }
  REQUIRE(rig.runs_until([&] { return rig.published() == rig.newest(); }));
  CHECK(rig.origin.broken.empty());
  CHECK(rig.uploader->figures(rig.group).lost == 3);
}

TEST_CASE("the end of the program waits for pending uploads, but not for ever") {
  Rig rig([](UploadSettings& settings) { settings.refused_retry = seconds(3600); });
  bool refuses = true;
  rig.origin.plan = [&](const FakeOrigin::Call&) { return FakeOrigin::Plan{.status = refuses ? 403 : 201}; };
  rig.segment();
  REQUIRE(rig.runs_until([&] { return rig.uploader->figures(rig.group).errors > 0; }));
  rig.uploader->drain(std::chrono::steady_clock::now() + milliseconds(50));
  CHECK_FALSE(rig.uploader->idle());
  refuses = false;
  rig.uploader->drain(std::chrono::steady_clock::now() + seconds(20));
  CHECK(rig.uploader->idle());
  CHECK(rig.published() == rig.newest());
}

TEST_CASE("unlisting a segment in flight cancels its upload") {
  Rig rig;
  rig.origin.plan = [](const FakeOrigin::Call& call) {
    return FakeOrigin::Plan{.delay =
                                call.path.ends_with("/0.ts") ? milliseconds(3'600'000) : milliseconds(0)};
  };
  rig.segment();
  REQUIRE(rig.runs_until([&] { return rig.origin.calls.size() == 1; }));
  for (int i = 0; i < 3; ++i) rig.segment();
  REQUIRE(rig.runs_idle());
  CHECK(rig.published() == rig.newest());
  CHECK(rig.origin.broken.empty());
  CHECK(rig.uploader->figures(rig.group).lost == 1);
}

}  // namespace
}  // namespace srs::hls
