#include "pull_query.h"

namespace srs::relay {
namespace {

bool is_ours(std::string_view parameter) {
  const std::string_view key = parameter.substr(0, parameter.find('='));
  return key == "annotations" || key == "wait" || key == "via";
}

void add(std::string& query, std::string_view parameter) {
  if (parameter.empty()) return;
  if (!query.empty()) query += '&';
  query += parameter;
}

}  // namespace

std::string pull_query(std::string_view own, std::string_view forwarded) {
  std::string query(own);
  while (!forwarded.empty()) {
    const auto end = forwarded.find('&');
    const std::string_view parameter = forwarded.substr(0, end);
    forwarded = end == forwarded.npos ? std::string_view() : forwarded.substr(end + 1);
    if (!is_ours(parameter)) add(query, parameter);
  }
  add(query, "annotations=1");
  add(query, "wait=0");
  return query;
}

}  // namespace srs::relay
