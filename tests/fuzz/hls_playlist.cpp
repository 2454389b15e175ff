// HLS playlists, through both parsers: srs-hls's, for its own playlists after a restart; srs-bench's, for any
// server's.
#include "srs-bench/hls/hls_playlist.h"

#include "choices.h"
#include "srs-hls/playlist/playlist.h"
#include "target.h"

using namespace srs;

namespace {

void check_own(std::string_view text) {
  const auto list = hls::parse_playlist(text);
  if (!list) return;
  MUST_HOLD(list->segments.size() <= text.size() && list->target_duration_s > 0);
  MUST_HOLD(list->duration().count() >= 0);
  MUST_HOLD(list->next_sequence() >= list->media_sequence);
  const hls::View view{.state = true};
  const std::string written = hls::format(*list, view);
  const auto again = hls::parse_playlist(written);
  MUST_HOLD(again.ok());
  MUST_HOLD(again->segments.size() == list->segments.size() && again->media_sequence == list->media_sequence);
  MUST_HOLD(again->state == list->state);
  MUST_HOLD(hls::format(*again, view) == written);
  hls::Playlist shorter = *list;
  while (!shorter.segments.empty()) shorter.drop_first();
  MUST_HOLD(shorter.media_sequence == list->next_sequence());
}

void check_others(std::string_view text) {
  if (const auto list = bench::parse_media_playlist(text)) {
    MUST_HOLD(list->segments.size() + list->parts.size() <= text.size());
    MUST_HOLD(list->target_duration.count() > 0 && list->end.count() >= 0);
    MUST_HOLD(list->first_new_part <= list->parts.size());
    for (const auto& segment : list->segments) {
      MUST_HOLD(segment.first_part + segment.part_count <= list->parts.size());
      MUST_HOLD(segment.start.count() >= 0 && segment.duration.count() >= 0);
    }
    for (const auto& part : list->parts) MUST_HOLD(part.start.count() >= 0 && part.duration.count() >= 0);
  }
  if (const auto list = bench::parse_multivariant(text)) {
    MUST_HOLD(!list->variants.empty() && list->variants.size() <= text.size());
    for (const auto& variant : list->variants)
      if (const auto path = bench::resolve_reference("/live/x.m3u8?a=1", variant.uri, "host:80"))
        MUST_HOLD(path->starts_with('/'));
  }
  if (const auto path = bench::resolve_reference("/a/b/c.m3u8", text, "host:80"))
    MUST_HOLD(path->starts_with('/'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of({data, size});
  check_own(text);
  check_others(text);
  return 0;
}
