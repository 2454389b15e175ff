// Multivariant: a multivariant playlist (RFC 8216 4.3.4), PATH.m3u8, of one stream or of a ladder.
#pragma once

#include <string>
#include <vector>

#include "srs-hls/outlets/outlet.h"
#include "srs-hls/playlist/presentation.h"

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

  // Whether a player can play it now.
  bool ready(Reach reach = Reach::parts) const;
  // query: appended to the URI of each media playlist; without '?', may be empty.
  std::string text(const std::string& query = {}, Reach reach = Reach::parts) const;
  // Sends it to the outlets, which have whole segments only, if it changed.
  void publish(const std::vector<Outlet*>& outlets);
  // EXT-X-RENDITION-REPORT lines of all other renditions, for the playlist of `of`.
  std::string reports(const Rendition& of) const;

 private:
  std::string uri(const Rendition& rendition, const std::string& query) const;
  // The query of each URI, and where it is read.
  struct TextOptions {
    const std::string& query;
    Reach reach;
  };
  void add_audio(std::string& text, const Presentation& member, const TextOptions& options) const;
  void add_variant(std::string& text, const Presentation& member, const TextOptions& options) const;

  const std::string path_;
  std::vector<const Presentation*> members_;
  std::string published_;
};

// The URI of file `to` as written in file `from`, both relative to the root: "../b/av.m3u8".
std::string relative_uri(const std::string& from, const std::string& to);

}  // namespace srs::hls
