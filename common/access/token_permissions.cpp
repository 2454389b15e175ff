#include "access/token_permissions.h"

#include <nlohmann/json.hpp>

#include "access/bounded_json.h"

namespace srs::access {
namespace {

using nlohmann::json;
using Actions = std::bitset<action_count>;

constexpr std::size_t max_token_permissions = 64;

Error bad_claim(const char* why) {
  return {Errc::invalid_data, why};
}

Actions these(std::initializer_list<Action> actions) {
  Actions bits;
  for (const Action action : actions) bits.set(static_cast<std::size_t>(action));
  return bits;
}

std::optional<Actions> mediamtx_actions(std::string_view name) {
  if (name == "publish") return these({Action::publish});
  if (name == "read" || name == "playback") return these({Action::play});
  if (name == "api") return these({Action::admin_read, Action::admin_write});
  if (name == "metrics") return these({Action::admin_read});
  if (name == "pprof") return Actions();
  return std::nullopt;
}

Result<void> add_regex(Permission& permission, std::string_view text) {
  auto regex = PathRegex::parse(text);
  if (!regex) return std::move(regex).error();
  permission.regexes.push_back(*std::move(regex));
  return {};
}

Result<void> add_path(Permission& permission, std::string_view text) {
  if (text.starts_with('~')) return add_regex(permission, text.substr(1));
  auto pattern = PathPattern::parse(text);
  if (!pattern) return std::move(pattern).error();
  permission.paths.push_back(*std::move(pattern));
  return {};
}

bool has_only(const json& object, std::initializer_list<std::string_view> names) {
  for (const auto& [name, value] : object.items())
    if (std::find(names.begin(), names.end(), name) == names.end()) return false;
  return true;
}

Result<Permission> read_mediamtx(const json& object) {
  if (!has_only(object, {"action", "path"})) return bad_claim("a member besides action and path");
  const std::string* name = text_in(object, "action");
  const auto actions = name != nullptr ? mediamtx_actions(*name) : std::nullopt;
  if (!actions) return bad_claim("an action that is not known here");
  Permission permission;
  permission.actions = *actions;
  if (!object.contains("path")) return permission;
  const std::string* path = text_in(object, "path");
  if (path == nullptr) return bad_claim("path is no text");
  if (path->empty()) return permission;
  // There a path stands for itself.
  if (!path->starts_with('~') && path->find('*') != path->npos)
    return bad_claim("a path with '*': write a regular expression, as ~^live/");
  if (auto added = add_path(permission, *path); !added) return std::move(added).error();
  return permission;
}

Result<Permission> read_own(const json& object) {
  if (!has_only(object, {"actions", "paths"})) return bad_claim("a member besides actions and paths");
  Permission permission;
  const json& actions = object.at("actions");
  if (!actions.is_array() || actions.empty()) return bad_claim("actions is no array of names");
  for (const json& name : actions) {
    const auto* text = name.get_ptr<const std::string*>();
    const auto action = text != nullptr ? action_named(*text) : std::nullopt;
    if (!action) return bad_claim("an action that is not known here");
    permission.actions.set(static_cast<std::size_t>(*action));
  }
  const auto paths = object.find("paths");
  if (paths == object.end()) return permission;
  if (!paths->is_array() || paths->empty()) return bad_claim("paths is no array of patterns");
  for (const json& path : *paths) {
    const auto* text = path.get_ptr<const std::string*>();
    if (text == nullptr) return bad_claim("paths is no array of patterns");
    if (auto added = add_path(permission, *text); !added) return std::move(added).error();
  }
  return permission;
}

Result<Permission> read_one(const json& value) {
  if (const auto* text = value.get_ptr<const std::string*>()) return parse_permission(*text);
  if (!value.is_object()) return bad_claim("neither a text nor an object");
  if (value.contains("actions")) return read_own(value);
  return read_mediamtx(value);
}

Result<std::vector<Permission>> read_array(const json& array) {
  if (!array.is_array()) return bad_claim("no array");
  if (array.size() > max_token_permissions) return Error{Errc::too_large, "more than 64"};
  std::vector<Permission> permissions;
  for (const json& value : array) {
    auto permission = read_one(value);
    if (!permission) return std::move(permission).error();
    if (permission->actions.any()) permissions.push_back(*std::move(permission));
  }
  return permissions;
}

}  // namespace

Result<std::vector<Permission>> permissions_in(const json& claim) {
  const auto* text = claim.get_ptr<const std::string*>();
  if (text == nullptr) return read_array(claim);
  const auto inside = parse_json(*text, {});
  if (!inside) return inside.error();
  return read_array(*inside);
}

}  // namespace srs::access
