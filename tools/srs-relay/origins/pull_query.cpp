#include "srs-relay/origins/pull_query.h"

#include <fmt/format.h>

namespace srs::relay {
namespace {

bool is_ours(std::string_view parameter) {
  const std::string_view key = parameter.substr(0, parameter.find('='));
  return key == "annotations" || key == "wait" || key == "via" || key == "resume";
}

void add(std::string& query, std::string_view parameter) {
  if (parameter.empty()) return;
  if (!query.empty()) query += '&';
  query += parameter;
}

}  // namespace

std::string forwarded_query(std::string_view query) {
  std::string forwarded;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view parameter = query.substr(0, end);
    query = end == query.npos ? std::string_view() : query.substr(end + 1);
    if (!is_ours(parameter)) add(forwarded, parameter);
  }
  return forwarded;
}

std::string pull_query(std::string_view own, std::string_view forwarded, std::string_view resume) {
  std::string query(own);
  add(query, forwarded_query(forwarded));
  add(query, "annotations=1");
  add(query, "wait=0");
  if (!resume.empty()) add(query, fmt::format("resume={}", resume));
  return query;
}

std::string escape_query(std::string_view query) {
  std::string escaped;
  for (const char c : query) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '#') {
      escaped += fmt::format("%{:02X}", byte);
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace srs::relay
