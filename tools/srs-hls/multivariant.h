// Multivariant: a multivariant playlist (RFC 8216 4.3.4), PATH.m3u8: that of one stream, or of a ladder.
#pragma once

#include <string>
#include <vector>

#include "outlet.h"
#include "presentation.h"

namespace srs::hls {

class Multivariant {
 public:
  // path: "live/cam".
  explicit Multivariant(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  void add(const Presentation& member);
  void remove(const Presentation& member) { std::erase(members_, &member); }
  bool empty() const { return members_.empty(); }
  const std::vector<const Presentation*>& members() const { return members_; }

  // Whether a player that gets it now can play.
  bool ready() const;
  // query: goes with the URI of each media playlist; without '?', may be empty.
  std::string text(const std::string& query = {}) const;
  // Sends it to the outlets if it says something new.
  void publish(const std::vector<Outlet*>& outlets);
  // EXT-X-RENDITION-REPORT lines of all other renditions, for the playlist of this one.
  std::string reports(const Rendition& of) const;

 private:
  std::string uri(const Rendition& rendition, const std::string& query) const;
  void add_audio(std::string& text, const Presentation& member, const std::string& query) const;
  void add_variant(std::string& text, const Presentation& member, const std::string& query) const;

  const std::string path_;
  std::vector<const Presentation*> members_;
  std::string published_;
};

// The URI of one file as it is told in another one, both relative to the root: "../b/av.m3u8".
std::string relative_uri(const std::string& from, const std::string& to);

}  // namespace srs::hls
