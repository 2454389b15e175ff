#include "srs-relay/origins/origin_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "core/read_up_to.h"
#include "net/url_display.h"
#include "rtmp/auth.h"

namespace srs::relay {
namespace {

constexpr unsigned max_weight = 1000;
constexpr std::size_t max_file_bytes = 1u << 20;
constexpr std::size_t max_origins = 1000;
constexpr std::string_view placeholder = "{path}";

Result<void> read_parameter(std::string_view text, OriginSpec& spec) {
  const auto equals = text.find('=');
  const std::string_view key = text.substr(0, equals);
  const std::string_view value = equals == text.npos ? "" : text.substr(equals + 1);
  if (key == "weight") {
    const auto read = std::from_chars(value.data(), value.data() + value.size(), spec.weight);
    if (read.ec != std::errc() || read.ptr != value.data() + value.size() || spec.weight == 0 ||
        spec.weight > max_weight)
      return usage_error(fmt::format("weight={}: give a whole number from 1 to {}", value, max_weight));
    return {};
  }
  if (key == "metrics") {
    auto url = net::parse_url(value);
    if (!url || (url->scheme != "http" && url->scheme != "https"))
      return usage_error(fmt::format("metrics={}: give an http:// URL", net::display_url(value)));
    spec.metrics_url = value;
    return {};
  }
  return usage_error(fmt::format("';{}': an origin may have ;weight=N and ;metrics=URL", text));
}

}  // namespace

std::string OriginSpec::name() const {
  return net::display_url(url);
}

OriginSpec OriginSpec::at(const net::Address& address) const {
  OriginSpec spec = *this;
  if (!is_srv()) return spec;
  spec.url.scheme = url.scheme.substr(0, url.scheme.size() - std::string_view("+srv").size());
  spec.url.port = address.port;
  spec.priority = address.priority;
  // A weight of 0 is the least there is, not none at all.
  spec.weight = std::clamp(weight * std::max(address.weight, 1u), 1u, 65'535u * max_weight);
  return spec;
}

// Of a known scheme: parse_origin() lets no other through.
const OriginProtocol& OriginSpec::protocol() const {
  return *find_origin_protocol(std::string_view(url.scheme).substr(0, url.scheme.find('+')));
}

net::Url OriginSpec::url_of(std::string_view path) const {
  net::Url whole = url;
  if (const auto at = whole.path.find(placeholder); at != std::string::npos) {
    whole.path.replace(at, placeholder.size(), path);
    return whole;
  }
  while (whole.path.ends_with('/')) whole.path.pop_back();
  whole.path += fmt::format("/{}{}", path, protocol().suffix);
  return whole;
}

Result<OriginSpec> parse_origin(std::string_view text) {
  const auto semicolon = text.find(';');
  auto url = net::parse_url(text.substr(0, semicolon));
  if (!url) return std::move(url).error();
  OriginSpec spec;
  spec.url = *std::move(url);
  const std::string& scheme = spec.url.scheme;
  const OriginProtocol* protocol = find_origin_protocol(scheme);
  const bool is_known = protocol != nullptr || scheme == "rtmp+srv" || scheme == "http+srv";
  if (!is_known || spec.url.host.empty())
    return usage_error(fmt::format(
        "{}: an origin is rtmp://HOST, http://HOST, rtmp+srv://NAME or http+srv://NAME", spec.name()));
  if (scheme.starts_with("rtmp"))
    if (auto known = rtmp::Credentials::of(spec.url); !known) return std::move(known).error().in(spec.name());
  for (std::size_t at = semicolon; at != text.npos;) {
    const auto next = text.find(';', at + 1);
    auto read = read_parameter(text.substr(at + 1, next == text.npos ? next : next - at - 1), spec);
    if (!read) return std::move(read).error().in(spec.name());
    at = next;
  }
  return spec;
}

Result<std::vector<OriginSpec>> parse_origins(std::string_view text) {
  std::vector<OriginSpec> origins;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
      line.remove_suffix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    if (line.empty() || line.front() == '#') continue;
    auto origin = parse_origin(line);
    if (!origin) return std::move(origin).error().in(fmt::format("line {}", number));
    if (origins.size() == max_origins) return usage_error(fmt::format("more than {} origins", max_origins));
    origins.push_back(*std::move(origin));
  }
  return origins;
}

Result<std::vector<OriginSpec>> read_origins_file(const std::string& file) {
  const auto text = read_up_to(file, max_file_bytes);
  if (!text) return system_error("cannot open " + file, errno);
  if (text->size() > max_file_bytes)
    return usage_error(
        fmt::format("{}: more than {} KiB: a line an origin is far less", file, max_file_bytes / 1024));
  auto origins = parse_origins(*text);
  if (!origins) return std::move(origins).error().in(file);
  return origins;
}

}  // namespace srs::relay
