// A stream that is uploaded to a FakeOrigin.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "srs-hls/outlets/uploader.h"
#include "unit/hls/outlets/fake_origin.h"
#include "unit/hls/samples.h"

namespace srs::hls {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline UploadSettings quick(const std::string& url) {
  UploadSettings settings;
  settings.url = url;
  settings.first_retry = milliseconds(5);
  settings.longest_retry = milliseconds(40);
  settings.refused_retry = milliseconds(60);
  settings.stale_playlist_keep = milliseconds(0);
  return settings;
}

// A stream with a window of three segments, fed to an outlet like by a rendition.
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
      uploader->unlist(group, "live/cam/" + std::to_string(listed.front()) + ".ts");
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

}  // namespace srs::hls
