// Files and options that name other servers (--origins-file, --push-file, --registry), and the --config file.
// Accepted values can be used for any stream, and no secret is shown.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "choices.h"
#include "cli/config_file.h"
#include "cli/did_you_mean.h"
#include "registry/redis.h"
#include "srs-relay/origins/origin_spec.h"
#include "srs-relay/push/push_url.h"
#include "target.h"

using namespace srs;

namespace {

void check_origins(std::string_view text) {
  const auto origins = relay::parse_origins(text);
  if (!origins) return;
  MUST_HOLD(origins->size() <= text.size());
  for (const relay::OriginSpec& origin : *origins) {
    MUST_HOLD(origin.weight >= 1 && origin.weight <= 1000 && !origin.url.host.empty());
    const net::Url url = origin.url_of("live/cam1");
    MUST_HOLD(url.path.starts_with('/'));
    MUST_HOLD(url.path.find("live/cam1") != url.path.npos);
    const relay::OriginSpec one =
        origin.at({.host = "192.0.2.1", .port = 1, .priority = 2, .weight = 65'535});
    MUST_HOLD(one.weight >= 1);
  }
}

void check_push(const relay::PushUrl& push) {
  const net::Url url = push.url_for("live/cam1");
  MUST_HOLD((url.scheme == "rtmp" || url.scheme == "rtmps") && !url.host.empty() && url.port != 0);
  const std::string shown = push.display_for("live/cam1");
  if (url.password.size() > 8 && url.host.find(url.password) == url.host.npos &&
      url.path.find(url.password) == url.path.npos)
    MUST_HOLD(shown.find(url.password) == shown.npos);
  const std::string_view key = std::string_view(url.path).substr(url.path.rfind('/') + 1);
  // A short key may be in the host name by chance.
  if (!push.has_path() && key.size() > 8 && url.host.find(key) == url.host.npos &&
      url.path.substr(0, url.path.size() - key.size()).find(key) == url.path.npos) {
    MUST_HOLD(shown.find(key) == shown.npos);
    const std::string why = push.explain({Errc::refused, "no such key: " + std::string(key) + "."});
    MUST_HOLD(why.find(key) == why.npos);
  }
}

// As a whole file, one URL per line.
void check_push_file(std::string_view text) {
  static const int file = ::memfd_create("push", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  MUST_HOLD(::ftruncate(file, 0) == 0);
  MUST_HOLD(::pwrite(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  const auto urls = relay::read_push_file(path);
  const auto one = relay::PushUrl::parse(text);
  if (!urls) {
    MUST_HOLD(!one);
    // The error names the line, but quotes nothing of it.
    MUST_HOLD(urls.error().message.starts_with(path + ", line "));
    return;
  }
  MUST_HOLD(!one || (urls->size() == 1 && urls->front() == *one));
  for (const relay::PushUrl& url : *urls) check_push(url);
}

void check_registry(std::string_view text) {
  const auto server = registry::parse_redis_server(std::string(text));
  if (!server) return;
  MUST_HOLD(server->url.port != 0 && server->url.password.empty());
  [[maybe_unused]] const unsigned database = server->database();
}

// --config: names can be looked up, values are no larger than the file, errors name the line.
void check_config(std::string_view text) {
  const auto entries = cli::parse_config(text, "FILE");
  if (!entries) {
    MUST_HOLD(entries.error().message.starts_with("FILE"));
    return;
  }
  std::size_t sum = 0, last_line = 0;
  for (const cli::ConfigEntry& entry : *entries) {
    MUST_HOLD(!entry.name.empty() && entry.name.front() != '-' &&
              entry.name.find_first_of(" \t\n") == entry.name.npos);
    MUST_HOLD(entry.line > last_line);
    last_line = entry.line;
    sum += entry.name.size();
    for (const cli::ConfigValue& value : entry.values) sum += value.text.size();
    const std::string meant = cli::nearest(entry.name, {"listen", "max-lag", entry.section});
    MUST_HOLD(meant.empty() || meant.size() <= std::max(entry.name.size() + 3, std::size_t{64}));
  }
  MUST_HOLD(sum <= text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of({data, size});
  check_origins(text);
  check_push_file(text);
  check_registry(text);
  check_config(text);
  return 0;
}
