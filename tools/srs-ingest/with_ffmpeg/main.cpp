// srs-ingest with FFmpeg, for the sources that need it. It is not in the PATH: srs-ingest becomes this
// program.
#include "srs-ingest/run.h"
#include "srs-ingest/with_ffmpeg/open_with_ffmpeg.h"

int main(int argc, char** argv) {
  return srs::ingest::run(argc, argv, srs::ingest::open_with_ffmpeg);
}
