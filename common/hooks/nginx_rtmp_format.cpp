// nginx-rtmp's notify module: https://github.com/arut/nginx-rtmp-module/wiki/Directives#notify
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "hooks/format.h"
#include "http/request.h"
#include "net/url.h"

namespace srs::hooks {
namespace {

constexpr std::array<std::string_view, 13> own_names{"app",      "flashver", "swfurl", "tcurl", "pageurl",
                                                     "addr",     "clientid", "call",   "name",  "type",
                                                     "recorder", "path",     "epoch"};

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

class Form {
 public:
  void add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    encode(name);
    text_ += '=';
    encode(value);
  }
  std::string take() { return std::move(text_); }

 private:
  void encode(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    for (const char c : text) {
      if (is_plain(c)) {
        text_ += c;
        continue;
      }
      const auto byte = static_cast<unsigned char>(c);
      text_ += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }

  std::string text_;
};

std::string_view call_of(HookEvent event) {
  switch (event) {
    case HookEvent::unpublish:
      return "publish_done";
    case HookEvent::stop:
      return "play_done";
    case HookEvent::close:
      return "disconnect";
    case HookEvent::record:
      return "record_done";
    default:
      return access::name_of(event);
  }
}

// The client's arguments stand among ours: it must not be able to set those again. Names that a server might
// take for another one ("name[]" in PHP) do not pass either.
bool may_pass(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_plain) &&
         std::none_of(own_names.begin(), own_names.end(),
                      [&](std::string_view own) { return http::equal_without_case(own, name); });
}

}  // namespace

Outgoing nginx_rtmp_outgoing(const Event& event) {
  const auto [app, stream] = split_path(event.about.path);
  Form form;
  form.add("app", app);
  form.add("flashver", event.client.flash_version.empty() ? event.about.agent : event.client.flash_version);
  form.add("swfurl", event.client.swf_url);
  form.add("tcurl", event.client.tc_url);
  form.add("pageurl", event.client.page_url);
  form.add("addr", ip_of(event.about));
  form.add("clientid", event.client.id);
  form.add("call", call_of(event.kind));
  if (event.kind != HookEvent::connect && event.kind != HookEvent::close) form.add("name", stream);
  if (event.kind == HookEvent::publish) form.add("type", "live");
  if (event.kind == HookEvent::record) form.add("recorder", "");
  if (event.kind == HookEvent::record) form.add("path", event.file);
  for (const auto& [name, value] : net::parse_query(event.about.credentials.query))
    if (may_pass(name)) form.add(name, value);
  return {"application/x-www-form-urlencoded", form.take()};
}

}  // namespace srs::hooks
