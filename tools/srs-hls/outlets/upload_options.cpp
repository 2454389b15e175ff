#include "srs-hls/outlets/upload_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "cli/option_kinds.h"
#include "http/request.h"
#include "net/url.h"
#include "net/url_display.h"

namespace srs::hls {
namespace {

bool is_token(std::string_view name) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != marks.npos;
  });
}

bool is_printable(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The error in a line; empty if it is a valid field.
std::string field_error(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon))) return "is no \"Name: value\"";
  if (!is_printable(line)) return "holds control characters";
  for (const std::string_view own : {"Content-Length", "Transfer-Encoding", "Connection", "Expect"})
    if (http::equal_without_case(line.substr(0, colon), own))
      return fmt::format("sets {}, which is ours", own);
  return {};
}

}  // namespace

void add_upload_options(CLI::App& app, UploadSettings& settings) {
  cli::add_value(app, "--upload", settings.url, "URL",
                 "Put a copy of each file below URL, http:// or https://, by PUT");
  cli::add_value(app, "--upload-header-file", settings.header_file, "FILE",
                 "With --upload: header fields to send, a \"Name: value\" a line; read again on SIGHUP");
  cli::add_size(app, "--upload-memory", settings.held_bytes_max,
                "With --upload: what may wait in memory when URL is slow or away");
}

Result<void> finish_upload_options(UploadSettings& settings) {
  if (settings.url.empty())
    return settings.header_file.empty() ? Result<void>{} : usage_error("--upload-header-file needs --upload");
  const auto url = net::parse_url(settings.url);
  if (!url) return usage_error("--upload: this is no URL");
  if (!url->user.empty() || !url->password.empty() || settings.url.find('@') != settings.url.npos)
    return usage_error(
        "--upload: a password does not belong on the command line, where others can read it; put "
        "\"Authorization: Basic ...\" into a file and name it by --upload-header-file");
  if (url->scheme != "http" && url->scheme != "https")
    return usage_error(fmt::format("--upload {}: files go to http:// or https://", net::display_url(*url)));
  if (url->host.empty()) return usage_error("--upload: the URL names no host");
  if (settings.url.find_first_of("?#") != settings.url.npos)
    return usage_error(
        "--upload: a URL without '?' and '#'; what proves who we are goes into --upload-header-file");
  if (!is_printable(settings.url) || settings.url.find_first_of(" \t") != settings.url.npos)
    return usage_error("--upload: a URL holds no blanks");
  if (settings.held_bytes_max < (1u << 20)) return usage_error("--upload-memory: 1M or more");
  while (settings.url.ends_with('/')) settings.url.pop_back();
  if (settings.header_file.empty()) return {};
  auto headers = read_header_file(settings.header_file);
  if (!headers) return std::move(headers).error();
  settings.headers = *std::move(headers);
  return {};
}

Result<std::vector<std::string>> read_header_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return system_error(fmt::format("cannot read {}", path), errno);
  std::vector<std::string> fields;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string_view field = trim(line);
    if (field.empty() || field.starts_with('#')) continue;
    if (const std::string why = field_error(field); !why.empty())
      return Error{Errc::usage, fmt::format("{}, line {}: {}", path, number, why)};
    fields.emplace_back(field);
  }
  if (file.bad()) return system_error(fmt::format("cannot read {}", path), errno);
  return fields;
}

}  // namespace srs::hls
