// srs-hls: a pipe of streams in, HLS playlists and segments out.
//
//   srs-ingest --listen rtmp://:1935 | srs-hls --listen http://:8081 www
//
// A message of the pipe goes through Streams (one Stream a name), Tracks (what a frame is), Segmenter (where
// segments end), a SegmentMuxer (their bytes) and Listing (files and the playlist). See srs-hls(1).
#include "options.h"
#include "packager.h"

int main(int argc, char** argv) {
  srs::cli::CommandLine command("srs-hls", "Cut the streams on stdin into HLS segments and playlists");
  srs::hls::OptionReader reader(command);
  if (const auto status = command.parse(argc, argv)) return *status;
  const auto options = reader.read();
  if (!options) return command.usage_error(options.error().message);
  return srs::cli::run(command,
                       [&](const srs::cli::Log& log) { return srs::hls::Packager(*options, log).run(); });
}
