// The options of --upload: where copies of the files go, and what is sent along with each.
//
// Secrets are no arguments: everybody on the machine can read those. They are in a file of header fields.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"

namespace srs::hls {

struct UploadSettings {
  std::string url;                   // http:// or https://, without a '/' at its end; empty: no upload
  std::string header_file;           // empty: none
  std::vector<std::string> headers;  // what is in it: "Name: value"
  std::uint64_t held_bytes_max = 256u << 20;   // of all files that wait or are under way
  std::chrono::milliseconds first_retry{500};  // and twice as long each time
  std::chrono::milliseconds longest_retry{10'000};
  std::chrono::milliseconds refused_retry{30'000};  // somebody has to mend something first
  std::chrono::seconds stalled_time{15};
  // Players that have the playlist before get this long after it was replaced late.
  std::chrono::milliseconds stale_playlist_keep{60'000};
};

void add_upload_options(CLI::App& app, UploadSettings& settings);
// Once they are parsed: checks the URL and reads the file. Errors never quote what may be secret.
Result<void> finish_upload_options(UploadSettings& settings);

// Header fields, one a line; empty lines and those that start with '#' are left out. Errors name the line.
Result<std::vector<std::string>> read_header_file(const std::string& path);

}  // namespace srs::hls
