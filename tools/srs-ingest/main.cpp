// srs-ingest: publishers and sources in, one pipe of FLV out.
//
//   srs-ingest --listen rtmp://:1935 | srs-relay --listen http://:8080
//
// See srs-ingest(1), and srs-pipe(5) for the output. This is the program without FFmpeg, which costs 140
// libraries and a tenth of a second: if a source needs it, this program becomes the one in with_ffmpeg/.
#include "srs-ingest/run.h"

int main(int argc, char** argv) {
  return srs::ingest::run(argc, argv, nullptr);
}
