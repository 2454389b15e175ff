#include "srs-hls/outlets/uploader.h"

#include <doctest/doctest.h>

#include "srs-hls/playlist/rendition.h"
#include "unit/hls/outlets/uploader_rig.h"

namespace srs::hls {
namespace {

TEST_CASE("files arrive whole, with their types, before the playlist, on persistent connections") {
  Rig rig([](UploadSettings& settings) { settings.headers = {"Authorization: Bearer secret"}; });
  rig.uploader->put(rig.group, "live/cam/init-1.mp4", Rig::content(0));
  rig.uploader->put(rig.group, "live/cam/a b.m4s", Rig::content(1));
  for (int i = 0; i < 20; ++i) {
    rig.segment();
    REQUIRE(rig.runs_idle());
  }
  CHECK(rig.origin.files["/base/live/cam/19.ts"] == Rig::text_of(Rig::content(19)));
  CHECK(rig.published() == rig.newest());
  CHECK(rig.origin.broken.empty());
  CHECK(rig.origin.accepted <= 4);
  const auto head_of = [&](const std::string& end) {
    for (const auto& call : rig.origin.calls)
      if (call.path.ends_with(end)) return call.head;
    return std::string();
  };
  CHECK(head_of("av.m3u8").find("Content-Type: application/vnd.apple.mpegurl\r\n") != std::string::npos);
  CHECK(head_of("av.m3u8").find("Cache-Control: no-cache\r\n") != std::string::npos);
  CHECK(head_of("19.ts").find("Content-Type: video/mp2t\r\n") != std::string::npos);
  CHECK(head_of("19.ts").find("Cache-Control: max-age=") != std::string::npos);
  CHECK(head_of("init-1.mp4").find("Content-Type: video/mp4\r\n") != std::string::npos);
  CHECK(head_of("a%20b.m4s").find("Content-Type: video/mp4\r\n") != std::string::npos);
  for (const auto& call : rig.origin.calls)
    CHECK(call.head.find("Authorization: Bearer secret\r\n") != std::string::npos);
  CHECK(rig.uploader->figures(rig.group).written == 42);
  CHECK(rig.uploader->figures(rig.group).errors == 0);
  CHECK(rig.uploader->held_bytes() == 0);
}

TEST_CASE("an ended stream is forgotten once everything is uploaded") {
  Rig rig;
  rig.segment();
  rig.uploader->close(rig.group);
  rig.uploader->retry();
  CHECK(rig.uploader->figures(rig.group).waiting > 0);
  REQUIRE(rig.runs_idle());
  CHECK(rig.published() == rig.newest());
  rig.uploader->retry();
  CHECK(rig.uploader->figures(rig.group).written == 0);
  // It comes back.
  rig.segment();
  REQUIRE(rig.runs_idle());
  rig.uploader->retry();
  CHECK(rig.uploader->figures(rig.group).written == 2);
}

TEST_CASE("files that left the list are deleted, unless they are put again") {
  Rig rig;
  for (int i = 0; i < 12; ++i) {
    rig.segment();
    REQUIRE(rig.runs_idle());
  }
  CHECK(rig.runs_until([&] { return rig.origin.count("DELETE /base/live/cam/5.ts") == 1; }));
  CHECK_FALSE(rig.origin.has("live/cam/0.ts"));
  CHECK(rig.origin.has("live/cam/6.ts"));
  rig.uploader->publish(rig.group, "live/cam/av.m3u8", "#EXTM3U\n");
  rig.uploader->remove(rig.group, "live/cam/6.ts");  // waits for the playlist
  rig.uploader->put(rig.group, "live/cam/6.ts", Rig::content(6));
  REQUIRE(rig.runs_idle());
  rig.segment();
  REQUIRE(rig.runs_idle());
  CHECK(rig.origin.has("live/cam/6.ts"));
  CHECK(rig.origin.broken.empty());
}

TEST_CASE("an origin without DELETE is asked once") {
  Rig rig;
  rig.origin.plan = [](const FakeOrigin::Call& call) {
    return FakeOrigin::Plan{.status = call.method == "DELETE" ? 405 : 201};
  };
  for (int i = 0; i < 15; ++i) {
    rig.segment();
    REQUIRE(rig.runs_idle());
  }
  rig.runs_until([] { return false; }, milliseconds(100));
  CHECK(std::count_if(rig.origin.calls.begin(), rig.origin.calls.end(),
                      [](const auto& call) { return call.method == "DELETE"; }) == 1);
  CHECK(rig.published() == rig.newest());
}

TEST_CASE("a playlist waits for its files, a few of which are in flight at once") {
  Rig rig;
  rig.origin.plan = [](const FakeOrigin::Call& call) {
    return FakeOrigin::Plan{.delay = milliseconds(call.path.ends_with("0.ts") ? 60 : 5)};
  };
  for (int i = 0; i < 3; ++i) rig.segment();
  REQUIRE(rig.runs_idle());
  CHECK(rig.origin.broken.empty());
  CHECK(rig.published() == rig.newest());
  CHECK(rig.origin.most_at_once >= 2);
  CHECK(rig.origin.most_at_once <= 4);
}

TEST_CASE("of pending playlists the newest is sent, and never two at once") {
  Rig rig;
  std::size_t under_way = 0, most = 0;
  rig.origin.plan = [&](const FakeOrigin::Call& call) {
    return FakeOrigin::Plan{.delay = milliseconds(call.path.ends_with(".m3u8") ? 20 : 0)};
  };
  rig.segment();
  for (int i = 0; i < 50; ++i) {
    rig.publish();
    rig.runs_until([] { return false; }, milliseconds(1));
    under_way = rig.origin.at_once;
    most = std::max(most, under_way);
  }
  REQUIRE(rig.runs_idle());
  CHECK(most <= 1);
  CHECK(rig.origin.count("PUT /base/live/cam/av.m3u8") < 25);
  CHECK(rig.published() == rig.newest());
}

TEST_CASE("an origin that is always behind still gets playlists") {
  Rig rig;
  rig.origin.plan = [](const FakeOrigin::Call& call) {
    return FakeOrigin::Plan{.delay = milliseconds(call.path.ends_with(".ts") ? 60 : 0)};
  };
  for (int i = 0; i < 20; ++i) {
    rig.segment();
    rig.runs_until([] { return false; }, milliseconds(30));  // a segment takes twice as long
  }
  CHECK(rig.origin.count("PUT /base/live/cam/av.m3u8") >= 3);
  REQUIRE(rig.runs_idle());
  CHECK(rig.origin.broken.empty());
  CHECK(rig.published() == rig.newest());
}

TEST_CASE("a multivariant playlist goes out after the first version of each playlist that it names") {
  Rig rig;
  int fails = 5;
  rig.origin.plan = [&](const FakeOrigin::Call& call) {
    return FakeOrigin::Plan{.status = call.path.ends_with("av.m3u8") && fails-- > 0 ? 503 : 201};
  };
  rig.segment();
  rig.uploader->publish(rig.group, "live/cam.m3u8", "#EXTM3U\ncam/av.m3u8\n");
  REQUIRE(rig.runs_idle());
  CHECK(rig.origin.broken.empty());
  CHECK(rig.origin.has("live/cam.m3u8"));
}

TEST_CASE("the playlist of a ladder waits for those of all its members") {
  Rig rig;
  bool slow = true;
  rig.origin.plan = [&](const FakeOrigin::Call& call) {
    return FakeOrigin::Plan{.status = slow && call.path.find("/b/") != std::string::npos ? 503 : 201};
  };
  for (const std::string member : {"live/a", "live/b"}) {
    rig.uploader->put(member, member + "/0.ts", Rig::content(0));
    rig.uploader->publish(member, member + "/av.m3u8", "#EXTM3U\n0.ts\n");
  }
  rig.uploader->publish_after("live/c", "live/c.m3u8", "#EXTM3U\na/av.m3u8\nb/av.m3u8\n",
                              {{"live/a", "live/a/av.m3u8"}, {"live/b", "live/b/av.m3u8"}});
  REQUIRE(rig.runs_until([&] { return rig.origin.has("live/a/av.m3u8"); }));
  rig.runs_until([] { return false; }, milliseconds(50));
  CHECK_FALSE(rig.origin.has("live/c.m3u8"));
  slow = false;
  REQUIRE(rig.runs_idle());
  CHECK(rig.origin.has("live/b/av.m3u8"));
  CHECK(rig.origin.has("live/c.m3u8"));
}

TEST_CASE("an ended list goes out although segments were lost, which become gaps") {
  Rig rig([](UploadSettings& settings) { settings.held_bytes_max = 3'000; });
  bool away = true;
  rig.origin.plan = [&](const FakeOrigin::Call&) { return FakeOrigin::Plan{.status = away ? 503 : 201}; };
  TurnedClock clock;
  Rendition rendition({"live/cam", "av", "", ".ts"}, {.window = 100}, Places{nullptr, {&*rig.uploader}},
                      clock, silent_log());
  rendition.resume(2);
  rendition.set_target_duration(2);
  for (int i = 0; i < 6; ++i) {
    rendition.begin({});
    rendition.complete(Rig::content(i), milliseconds(2'000), true, "state");
  }
  rendition.end();
  away = false;
  rendition.sweep();
  REQUIRE(rig.runs_idle());
  const std::string text = rig.origin.files["/base/live/cam/av.m3u8"];
  CHECK(text.find("#EXT-X-ENDLIST") != text.npos);
  CHECK(text.find("#EXT-X-GAP") != text.npos);
}

}  // namespace
}  // namespace srs::hls
