#include "srs-relay/streams/resume.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "net/url.h"

namespace srs::relay {
namespace {

constexpr std::int64_t latest_ms = std::int64_t{1} << 53;
constexpr std::size_t longest_name = 128;

bool is_plain_name(std::string_view name) {
  return name.size() <= longest_name && std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == ':' || c == '/';
         });
}

}  // namespace

std::string resume_value(const Resume& resume) {
  if (!is_plain_name(resume.timeline)) return {};
  return fmt::format("{},{}", resume.after_ms, resume.timeline);
}

std::optional<Resume> resume_of(std::string_view query) {
  const auto value = net::query_value(query, "resume");
  if (!value) return std::nullopt;
  const std::string_view text(*value);
  const auto comma = text.find(',');
  Resume resume;
  const char* const end = text.data() + std::min(comma, text.size());
  const auto number = std::from_chars(text.data(), end, resume.after_ms);
  if (comma == text.npos || number.ec != std::errc() || number.ptr != end) return std::nullopt;
  if (resume.after_ms < 0 || resume.after_ms > latest_ms) return std::nullopt;
  resume.timeline = text.substr(comma + 1);
  if (!is_plain_name(resume.timeline)) return std::nullopt;
  return resume;
}

}  // namespace srs::relay
