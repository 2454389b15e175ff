// Recordings, FLV or fragmented MP4, of a killed program: however broken the file, the length of its whole
// part can be found, and truncated to that it is whole.
#include <sys/mman.h>
#include <unistd.h>

#include "choices.h"
#include "srs-hls/record/record_recovery.h"
#include "target.h"

using namespace srs;
using namespace srs::hls;

namespace {

AppendFile file_of(Bytes bytes) {
  const int descriptor = ::memfd_create("recording", MFD_CLOEXEC);
  MUST_HOLD(descriptor >= 0);
  MUST_HOLD(::write(descriptor, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  return {http::File(descriptor), bytes.size()};
}

void check(Result<ScannedRecording> (*scan)(const AppendFile&), Bytes bytes) {
  const auto whole = scan(file_of(bytes));
  if (!whole) return;
  MUST_HOLD(whole->whole_bytes <= bytes.size() && whole->duration.count() >= 0);
  MUST_HOLD(!whole->head || whole->head->offset + whole->head->bytes.size() <= whole->whole_bytes);
  const auto cut = scan(file_of(bytes.first(whole->whole_bytes)));
  MUST_HOLD(cut.ok() && cut->whole_bytes == whole->whole_bytes);
  MUST_HOLD(cut->duration == whole->duration && cut->key_frames == whole->key_frames);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check(scan_flv, {data, size});
  check(scan_fmp4, {data, size});
  return 0;
}
