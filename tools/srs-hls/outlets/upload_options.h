// The options of --upload: where copies of the files go, and which header fields go with each.
//
// Secrets are not arguments, which everybody on the machine can read. They are in a file of header fields.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/app.h"
#include "core/result.h"
#include "net/tls_context.h"

namespace srs::hls {

struct UploadSettings {
  std::string url;                   // http:// or https://, without a '/' at its end; empty: no upload
  std::string header_file;           // empty: none
  std::vector<std::string> headers;  // the file's fields: "Name: value"
  std::uint64_t held_bytes_max = 256u << 20;   // of all files pending or in flight
  std::chrono::milliseconds first_retry{500};  // doubled each time
  std::chrono::milliseconds longest_retry{10'000};
  std::chrono::milliseconds refused_retry{30'000};  // long, since somebody has to fix something first
  std::chrono::seconds stalled_time{15};
  // Files of a playlist that was replaced late stay this long for players that still use it.
  std::chrono::milliseconds stale_playlist_keep{60'000};
  std::shared_ptr<const net::TlsContext> tls{};  // whom to trust; null: the system's authorities
};

void add_upload_options(CLI::App& app, UploadSettings& settings);
// Call it once the options are parsed: checks the URL and reads the file. Errors never quote possible
// secrets.
Result<void> finish_upload_options(UploadSettings& settings);

// Header fields, one per line; empty lines and those that start with '#' are skipped. Errors name the line.
Result<std::vector<std::string>> read_header_file(const std::string& path);

}  // namespace srs::hls
