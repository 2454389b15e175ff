#include "srs-hls/upload/uploader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

#include "fake_origin.h"
#include "samples.h"
#include "srs-hls/rendition.h"

namespace srs::hls {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

UploadSettings quick(const std::string& url) {
  UploadSettings settings;
  settings.url = url;
  settings.first_retry = milliseconds(5);
  settings.longest_retry = milliseconds(40);
  settings.refused_retry = milliseconds(60);
  settings.stale_playlist_keep = milliseconds(0);
  return settings;
}

// A stream with a window of three segments, as a rendition feeds an outlet.
struct Rig {
  explicit Rig(std::function<void(UploadSettings&)> change = {}) {
    auto settings = quick(origin.url());
    if (change) change(settings);
    uploader.emplace(io, settings, silent_log());
  }

  static Content content(int number) {
    const std::string text = std::string(1000, static_cast<char>('a' + number % 26)) + std::to_string(number);
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    return {Slice::copy_of(bytes.subspan(0, 400)), Slice(), Slice::copy_of(bytes.subspan(400))};
  }
  static std::string text_of(const Content& content) {
    std::string text;
    for (const Slice& piece : content) text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return text;
  }

  // The next segment, and the playlist that lists it.
  void segment() {
    const int number = next++;
    uploader->put(group, "live/cam/" + std::to_string(number) + ".ts", content(number));
    listed.push_back(number);
    if (listed.size() > 3) {
      uploader->take_back(group, "live/cam/" + std::to_string(listed.front()) + ".ts");
      left.push_back(listed.front());
      listed.pop_front();
    }
    publish();
    for (; left.size() > 3; left.pop_front())
      uploader->remove(group, "live/cam/" + std::to_string(left.front()) + ".ts");
  }
  void publish() {
    std::string text = "#EXTM3U\n";
    for (const int number : listed) text += std::to_string(number) + ".ts\n";
    playlist = text;
    uploader->publish(group, "live/cam/av.m3u8", text);
  }
  bool runs_until(const std::function<bool()>& reached, milliseconds longest = seconds(20)) {
    const auto deadline = std::chrono::steady_clock::now() + longest;
    while (!reached() && std::chrono::steady_clock::now() < deadline) {
      uploader->retry();
      io.restart();
      io.run_one_for(milliseconds(5));
    }
    return reached();
  }
  bool runs_idle() {
    return runs_until([this] { return uploader->idle(); });
  }
  const std::string& newest() const { return playlist; }
  std::string published() { return origin.files["/base/live/cam/av.m3u8"]; }

  asio::io_context io;
  FakeOrigin origin{io};
  std::optional<Uploader> uploader;
  const std::string group = "live/cam";
  int next = 0;
  std::deque<int> listed, left;
  std::string playlist;
};

TEST_CASE("files arrive whole, with their types, and the playlist after them, on connections that are kept") {
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

TEST_CASE("a stream that is over is forgotten when all of it is out") {
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

TEST_CASE("files that left the list are deleted, and one that is put again is not") {
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

TEST_CASE("an origin that deletes nothing is asked once") {
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

TEST_CASE("a playlist waits for its files, a few of which are under way at once") {
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

TEST_CASE("of the playlists that wait the newest is sent, and never two at once") {
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

TEST_CASE("a multivariant playlist follows the first version of those that it may name") {
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
  rig.uploader->publish_behind("live/c", "live/c.m3u8", "#EXTM3U\na/av.m3u8\nb/av.m3u8\n",
                               {{"live/a", "live/a/av.m3u8"}, {"live/b", "live/b/av.m3u8"}});
  REQUIRE(rig.runs_until([&] { return rig.origin.has("live/a/av.m3u8"); }));
  rig.runs_until([] { return false; }, milliseconds(50));
  CHECK_FALSE(rig.origin.has("live/c.m3u8"));
  slow = false;
  REQUIRE(rig.runs_idle());
  CHECK(rig.origin.has("live/b/av.m3u8"));
  CHECK(rig.origin.has("live/c.m3u8"));
}

TEST_CASE("a list that has ended goes out though segments of it were lost, which become gaps") {
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

TEST_CASE("errors that pass are tried again until all is out, in order") {
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

TEST_CASE("a server that is away and comes back: what left the list is lost, and the rest arrives in order") {
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
  CHECK(rig.uploader->waits(rig.group, "live/cam/33.ts"));
  rig.origin.start();
  REQUIRE(rig.runs_idle());
  CHECK_FALSE(rig.uploader->waits(rig.group, "live/cam/33.ts"));
  CHECK(rig.published() == rig.newest());
  for (int i = 0; i < 5; ++i) {
    rig.segment();
    REQUIRE(rig.runs_idle());
  }
  CHECK(rig.origin.broken.empty());
  CHECK_FALSE(rig.origin.has("live/cam/20.ts"));
  CHECK(rig.origin.count("DELETE /base/live/cam/20.ts") == 0);  // it was never there
}

TEST_CASE("a server that refuses is asked seldom; the file that it refuses blocks only playlists") {
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

TEST_CASE("a server that says when to come back is left alone until then") {
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

TEST_CASE("redirects are not followed: what says who we are is for one server") {
  Rig rig;
  rig.origin.plan = [](const FakeOrigin::Call& call) {
    return call.path.starts_with("/base") ? FakeOrigin::Plan{.status = 307, .fields = "Location: /other\r\n"}
                                          : FakeOrigin::Plan();
  };
  rig.segment();
  REQUIRE(rig.runs_until([&] { return rig.origin.calls.size() >= 2; }));
  for (const auto& call : rig.origin.calls) CHECK(call.path == "/base/live/cam/0.ts");
}

TEST_CASE("memory is bounded: the oldest segments go, and no playlist that lists one comes out") {
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
  CHECK(rig.uploader->waits(rig.group, "live/cam/0.ts"));  // so that its playlist tells of a gap
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

TEST_CASE("the end of the program waits for what waits, but not for ever") {
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

TEST_CASE("a segment that is taken back while it is under way ends there") {
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
