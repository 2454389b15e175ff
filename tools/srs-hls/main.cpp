// srs-hls: a pipe of streams in, HLS playlists and segments out.
//
//   srs-ingest --listen rtmp://:1935 | srs-hls --listen http://:8081 www
//
// A message of the pipe goes through Streams (one Stream a name), Tracks (what a frame is), Segmenter (where
// segments end), a SegmentMuxer (their bytes) and Rendition (files and the playlist). See srs-hls(1).
#include <malloc.h>

#include "srs-hls/options.h"
#include "srs-hls/packager.h"

namespace {

// Segments of similar size come and go for ever. By default the allocator returns the memory of each to the
// system, and the next one pays for it again with a page fault every 4 KiB: as much CPU time as all other
// work together.
void keep_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

}  // namespace

int main(int argc, char** argv) {
  srs::cli::CommandLine command("srs-hls", "Cut the streams on stdin into HLS segments and playlists");
  srs::hls::OptionReader reader(command);
  if (const auto status = command.parse(argc, argv)) return *status;
  const auto options = reader.read();
  if (!options) return command.usage_error(options.error().message);
  keep_freed_memory();
  return srs::cli::run(command,
                       [&](const srs::cli::Log& log) { return srs::hls::Packager(*options, log).run(); });
}
