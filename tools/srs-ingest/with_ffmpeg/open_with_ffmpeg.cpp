#include "srs-ingest/with_ffmpeg/open_with_ffmpeg.h"

#include <utility>

#include "srs-ingest/ffmpeg/ffmpeg_source.h"
#include "srs-ingest/test_source/test_source.h"

namespace srs::ingest {

Result<std::unique_ptr<Source>> open_with_ffmpeg(const std::string& argument, const cli::Log& log) {
  if (!argument.starts_with("test:")) return open_ffmpeg_source(argument, FfmpegOptions{}, log);
  if (auto settings = parse_test_url(argument); !settings) return std::move(settings).error();
  return open_test_source(argument, log);
}

}  // namespace srs::ingest
