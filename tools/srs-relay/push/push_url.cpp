#include "srs-relay/push/push_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sstream>

#include "core/read_up_to.h"
#include "rtmp/auth.h"

namespace srs::relay {
namespace {

constexpr std::string_view placeholder = "{path}";
constexpr std::string_view hidden = "***";
constexpr std::size_t max_file_bytes = 1u << 20;
constexpr std::array<std::string_view, 10> codes = {
    "NetConnection.Connect.Rejected", "NetConnection.Connect.InvalidApp", "NetConnection.Connect.Failed",
    "NetConnection.Connect.Closed",   "NetStream.Publish.BadName",        "NetStream.Publish.Denied",
    "NetStream.Publish.Unauthorized", "NetStream.Publish.Rejected",       "NetStream.Failed",
    "NetStream.Unpublish.Success"};

std::string with_path(std::string text, std::string_view path) {
  for (auto at = text.find(placeholder); at != text.npos; at = text.find(placeholder, at + path.size()))
    text.replace(at, placeholder.size(), path);
  return text;
}

std::string_view last_component(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

Result<PushUrl> PushUrl::parse(std::string_view text) {
  // Not the parser's message: it quotes the URL.
  const auto url = net::parse_url(with_path(std::string(text), "live/x"));
  if (!url || (url->scheme != "rtmp" && url->scheme != "rtmps") || url->host.empty() || url->port == 0 ||
      last_component(url->path).empty())
    return Error{Errc::usage,
                 "it must be rtmp://HOST/APP/KEY or rtmps://HOST/APP/KEY; {path} is the stream's path"};
  if (auto known = rtmp::Credentials::of(*url); !known) return std::move(known).error();
  return PushUrl(text);
}

net::Url PushUrl::url_for(const std::string& path) const {
  auto url = net::parse_url(with_path(text_, path));
  return url ? *std::move(url) : net::Url();  // cannot fail: paths are valid in URLs
}

bool PushUrl::hides_name() const {
  const std::string_view text = std::string_view(text_).substr(0, text_.find('?'));
  return !text.ends_with("/{path}");
}

std::string PushUrl::display_for(const std::string& path) const {
  net::Url url = url_for(path);
  if (hides_name()) url.path = url.path.substr(0, url.path.rfind('/') + 1).append(hidden);
  if (!url.query.empty()) url.query = hides_name() ? "" : hidden;
  return url.display();
}

bool PushUrl::has_secret() const {
  const net::Url url = url_for("live/x");
  return hides_name() || !url.query.empty() || !url.user.empty() || !url.password.empty();
}

std::string PushUrl::explain(const Error& error) const {
  const bool quotes = error.code == Errc::refused || error.code == Errc::not_found;
  if (!quotes || !has_secret()) return error.message;
  const std::string_view code = std::string_view(error.message).substr(0, error.message.find(':'));
  const bool is_known = std::find(codes.begin(), codes.end(), code) != codes.end();
  return fmt::format("the server refused it{}{} (its own words may hold the key, and are not shown)",
                     is_known ? ": " : "", is_known ? code : "");
}

Result<PushOptions> parse_push_options(const std::vector<std::string>& urls, std::string file,
                                       std::vector<std::string> match) {
  PushOptions options;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    auto url = PushUrl::parse(urls[i]);
    if (!url)
      return std::move(url).error().in(urls.size() == 1 ? "--push" : fmt::format("--push number {}", i + 1));
    options.urls.push_back(*std::move(url));
  }
  if (!file.empty()) {
    if (auto read = read_push_file(file); !read)
      return Error{Errc::usage, "--push-file: " + read.error().message};
  }
  options.file = std::move(file);
  options.match = std::move(match);
  if (!options.match.empty() && !options.wanted())
    return Error{Errc::usage, "--match chooses what --push sends: give --push, too"};
  return options;
}

Result<std::vector<PushUrl>> read_push_file(const std::string& path) {
  auto text = read_up_to(path, max_file_bytes);
  if (!text) return system_error(fmt::format("cannot read {}", path), errno);
  if (text->size() > max_file_bytes)
    return Error{Errc::usage, fmt::format("{}: more than {} KiB", path, max_file_bytes / 1024)};
  std::vector<PushUrl> urls;
  std::istringstream lines(*std::move(text));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto end = line.find_last_not_of(" \t\r");
    line.erase(end == line.npos ? 0 : end + 1);
    line.erase(0, line.find_first_not_of(" \t"));
    if (line.empty() || line.starts_with('#')) continue;
    auto url = PushUrl::parse(line);
    if (!url) return std::move(url).error().in(fmt::format("{}, line {}", path, number));
    urls.push_back(*std::move(url));
  }
  return urls;
}

}  // namespace srs::relay
