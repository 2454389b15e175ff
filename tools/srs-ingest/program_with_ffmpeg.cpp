#include "srs-ingest/program_with_ffmpeg.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

namespace srs::ingest {

// It is found beside this file, wherever both were installed to.
Error become_program_with_ffmpeg(char** argv) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return system_error("cannot read /proc/self/exe", error.value());
  const std::string program = (self.parent_path() / SRS_LIBEXEC / "srs-tools/srs-ingest").lexically_normal();
  ::execv(program.c_str(), argv);
  return system_error("a SOURCE needs FFmpeg, and this program with it cannot be run: " + program, errno);
}

}  // namespace srs::ingest
