#include "srs-hls/playlist/multivariant.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "srs-hls/time/timestamps.h"

namespace srs::hls {
namespace {

// Characters allowed in a URI without encoding (RFC 3986 2.3, and those harmless in paths).
bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~/+,!@$&()=").find(c) != std::string_view::npos;
}

std::string encoded(std::string_view path) {
  std::string text;
  for (const char c : path) {
    if (is_plain(c))
      text += c;
    else
      text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

// To three digits: then the average of a long stream, and with it the playlist, seldom changes.
std::uint64_t rounded_up(std::uint64_t rate) {
  std::uint64_t unit = 1;
  while (rate / unit >= 1'000) unit *= 10;
  return (rate + unit - 1) / unit * unit;
}

std::string group_of(const Presentation& member) {
  return "audio-" + member.path().substr(member.path().rfind('/') + 1);
}

// Whether a track with a rendition of its own can be played. Listed segments of a track that is absent now
// are useless to a joining player. Neither track counts while an earlier stream has not begun again.
bool plays(const Presentation& member, Track track, Reach reach) {
  const bool video = track == Track::video;
  const auto &info = video ? member.video_info() : member.audio_info(),
             &other = video ? member.audio_info() : member.video_info();
  const Rendition* const rendition = video ? &member.main() : member.audio();
  return rendition != nullptr && rendition->has_media(reach) && (info || !other);
}

// Without video, the audio rendition is the variant.
const Rendition& first_of(const Presentation& member, Reach reach) {
  return plays(member, Track::video, reach) || member.audio() == nullptr ? member.main() : *member.audio();
}

bool has_audio_group(const Presentation& member, Reach reach) {
  return member.audio() != nullptr && plays(member, Track::audio, reach) &&
         plays(member, Track::video, reach);
}

std::string codecs_of(const Presentation& member) {
  std::string codecs;
  if (member.video_info()) codecs = member.video_info()->codecs;
  if (member.audio_info() && !member.audio_info()->codecs.empty())
    codecs += (codecs.empty() ? "" : ",") + member.audio_info()->codecs;
  return codecs;
}

}  // namespace

std::string relative_uri(const std::string& from, const std::string& to) {
  std::size_t common = 0;
  for (std::size_t i = 0; i < std::min(from.size(), to.size()) && from[i] == to[i]; ++i)
    if (from[i] == '/') common = i + 1;
  std::string uri;
  for (auto i = from.find('/', common); i != from.npos; i = from.find('/', i + 1)) uri += "../";
  return uri + encoded(to.substr(common));
}

void Multivariant::add(const Presentation& member) {
  if (std::find(members_.begin(), members_.end(), &member) == members_.end()) members_.push_back(&member);
}

bool Multivariant::ready(Reach reach) const {
  return std::any_of(members_.begin(), members_.end(),
                     [reach](const Presentation* one) { return one->ready(reach); });
}

std::string Multivariant::uri(const Rendition& rendition, const std::string& query) const {
  const std::string file = rendition.names().folder + "/" + rendition.names().name + ".m3u8";
  return relative_uri(path_, file) + (query.empty() ? "" : "?" + query);
}

void Multivariant::add_audio(std::string& text, const Presentation& member,
                             const TextOptions& options) const {
  text += fmt::format("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{}\",NAME=\"audio\",DEFAULT=YES,AUTOSELECT=YES",
                      group_of(member));
  if (member.audio_info() && member.audio_info()->channels > 0)
    text += fmt::format(",CHANNELS=\"{}\"", member.audio_info()->channels);
  text += fmt::format(",URI=\"{}\"\n", uri(*member.audio(), options.query));
}

void Multivariant::add_variant(std::string& text, const Presentation& member,
                               const TextOptions& options) const {
  const Rendition& first = first_of(member, options.reach);
  std::uint64_t peak = first.bit_rate().peak(), average = first.bit_rate().average();
  const bool group = has_audio_group(member, options.reach);
  if (group) {
    const std::uint64_t of_sound = member.audio()->bit_rate().average();
    peak += member.audio()->bit_rate().peak();
    average = average > 0 && of_sound > 0 ? average + of_sound : 0;
  }
  text += fmt::format("#EXT-X-STREAM-INF:BANDWIDTH={}", rounded_up(peak));
  if (average > 0) text += fmt::format(",AVERAGE-BANDWIDTH={}", rounded_up(average));
  if (const std::string codecs = codecs_of(member); !codecs.empty())
    text += fmt::format(",CODECS=\"{}\"", codecs);
  if (const auto& video = member.video_info()) {
    if (video->width > 0) text += fmt::format(",RESOLUTION={}x{}", video->width, video->height);
    if (video->frame_rate > 0) text += fmt::format(",FRAME-RATE={:.3f}", video->frame_rate);
  }
  if (group) text += fmt::format(",AUDIO=\"{}\"", group_of(member));
  text += fmt::format("\n{}\n", uri(first, options.query));
}

std::string Multivariant::text(const std::string& query, Reach reach) const {
  std::vector<const Presentation*> members;
  std::copy_if(members_.begin(), members_.end(), std::back_inserter(members),
               [reach](const Presentation* one) { return one->ready(reach); });
  // Players without a bandwidth estimate begin with the first variant.
  std::stable_sort(members.begin(), members.end(), [reach](const Presentation* a, const Presentation* b) {
    return first_of(*a, reach).bit_rate().peak() > first_of(*b, reach).bit_rate().peak();
  });
  const auto independent = [reach](const Presentation* one) {
    const auto& segments = first_of(*one, reach).playlist().segments;
    return std::all_of(segments.begin(), segments.end(), [](const Segment& s) { return s.independent; });
  };
  std::string text = "#EXTM3U\n#EXT-X-VERSION:6\n";
  if (std::all_of(members.begin(), members.end(), independent)) text += "#EXT-X-INDEPENDENT-SEGMENTS\n";
  for (const Presentation* member : members)
    if (has_audio_group(*member, reach)) add_audio(text, *member, {query, reach});
  for (const Presentation* member : members) add_variant(text, *member, {query, reach});
  return text;
}

void Multivariant::publish(const std::vector<Outlet*>& outlets) {
  if (outlets.empty() || !ready(Reach::segments)) return;
  std::string now = text({}, Reach::segments);
  if (now == published_) return;
  std::vector<PlaylistName> named;
  for (const Presentation* member : members_)
    for (const auto& rendition : member->renditions())
      if (member->ready(Reach::segments) && rendition->has_media(Reach::segments))
        named.push_back(
            {rendition->names().folder, rendition->names().folder + "/" + rendition->names().name + ".m3u8"});
  for (Outlet* outlet : outlets) outlet->publish_after(path_, path_ + ".m3u8", now, named);
  published_ = std::move(now);
}

std::string Multivariant::reports(const Rendition& of) const {
  const std::string from = of.names().folder + "/" + of.names().name + ".m3u8";
  std::string text;
  for (const Presentation* member : members_)
    for (const auto& rendition : member->renditions()) {
      const Playlist& list = rendition->playlist();
      if (rendition.get() == &of || !list.has_media() || list.part_target.count() == 0) continue;
      const bool in_open = list.open && !list.open->parts.empty();
      const std::size_t parts = in_open ? list.open->parts.size() : list.segments.back().parts.size();
      const std::uint64_t last = list.next_sequence() - (in_open ? 0 : 1);
      const auto& names = rendition->names();
      text += fmt::format("#EXT-X-RENDITION-REPORT:URI=\"{}\",LAST-MSN={}",
                          relative_uri(from, names.folder + "/" + names.name + ".m3u8"), last);
      text += parts > 0 ? fmt::format(",LAST-PART={}\n", parts - 1) : "\n";
    }
  return text;
}

}  // namespace srs::hls
