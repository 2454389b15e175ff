#include "rtmp/redirect.h"

#include <fmt/format.h>

#include <algorithm>

namespace srs::rtmp {
namespace {

constexpr std::size_t max_url_size = 2048;

}  // namespace

std::string redirect_target(const amf::Value& information, std::string_view stream) {
  const amf::Value* ex = information.find("ex");
  if (ex == nullptr || ex->number_at("code").value_or(0) != 302) return {};
  const std::string_view whole = ex->string_at("redirect2");
  const std::string_view tc_url = ex->string_at("redirect");
  if (std::max(whole.size(), tc_url.size()) > max_url_size) return {};
  if (!whole.empty()) return std::string(whole);
  if (tc_url.empty()) return {};
  return fmt::format("{}{}{}", tc_url, tc_url.ends_with('/') ? "" : "/", stream);
}

}  // namespace srs::rtmp
