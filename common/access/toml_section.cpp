#include "access/toml_section.h"

#include <fmt/format.h>

#include "access/unix_time.h"

namespace srs::access {

const toml::node* TomlSection::find(std::string_view key) {
  asked_.emplace(key);
  return table_.get(key);
}

void TomlSection::fail_at(const toml::node& node, std::string_view key, const std::string& why) {
  if (error_) return;
  const std::string dot = name_.empty() || key.empty() ? "" : ".";
  error_ = Error{Errc::usage, fmt::format("{}: line {}: {}{}{}: {}", file_, node.source().begin.line, name_,
                                          dot, key, why)};
}

void TomlSection::fail(std::string_view key, const std::string& why) {
  const toml::node* const node = key.empty() ? nullptr : table_.get(key);
  fail_at(node == nullptr ? table_ : *node, key, why);
}

std::vector<std::string> TomlSection::names() const {
  std::vector<std::string> all;
  for (const auto& [key, node] : table_) all.emplace_back(key.str());
  return all;
}

std::optional<std::string> TomlSection::text(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* const value = node->as_string()) return value->get();
  fail_at(*node, key, "a text in quotes is wanted");
  return std::nullopt;
}

std::vector<std::string> TomlSection::texts(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return {};
  if (const auto* const value = node->as_string()) return {value->get()};
  std::vector<std::string> all;
  const toml::array* const array = node->as_array();
  if (array == nullptr) fail_at(*node, key, "a text or a list of texts is wanted");
  for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
    const auto* const value = array->get(i)->as_string();
    if (value == nullptr)
      fail_at(*array->get(i), key, "a list of texts is wanted");
    else
      all.push_back(value->get());
  }
  return all;
}

std::optional<std::int64_t> TomlSection::number(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* const value = node->as_integer()) return value->get();
  fail_at(*node, key, "a whole number is wanted");
  return std::nullopt;
}

std::optional<UtcTime> TomlSection::time(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* const value = node->as_date_time();
  if (value == nullptr) {
    fail_at(*node, key, "a time is wanted, as 2027-01-31T18:00:00Z");
    return std::nullopt;
  }
  const toml::date_time& time = value->get();
  const std::chrono::sys_days day = std::chrono::year(time.date.year) / std::chrono::month(time.date.month) /
                                    std::chrono::day(time.date.day);
  const std::int64_t offset_minutes = time.offset ? time.offset->minutes : 0;
  const std::int64_t minutes = 60 * std::int64_t{time.time.hour} + time.time.minute - offset_minutes;
  const std::int64_t days = day.time_since_epoch().count();
  return time_of_seconds((days * 24 * 60 + minutes) * 60 + time.time.second);
}

void TomlSection::each(std::string_view key, const std::function<void(const std::string& text)>& on_text,
                       const std::function<void(TomlSection& section)>& on_table) {
  const toml::node* const node = find(key);
  if (node == nullptr) return;
  const auto pass = [&](const toml::node& element) {
    if (const auto* const value = element.as_string()) return on_text(value->get());
    const toml::table* const table = element.as_table();
    if (table == nullptr) return fail_at(element, key, "a text or a table is wanted");
    TomlSection section(*table, fmt::format("{}{}{}", name_, name_.empty() ? "" : ".", key), file_);
    on_table(section);
    if (auto checked = section.check(); !checked && !error_) error_ = checked.error();
  };
  if (const toml::array* const array = node->as_array())
    for (const toml::node& element : *array) pass(element);
  else
    pass(*node);
}

void TomlSection::each_table(
    const std::function<void(TomlSection& section, const std::string& key)>& on_table) {
  for (const auto& [key, node] : table_) {
    const std::string name(key.str());
    asked_.insert(name);
    const toml::table* const table = node.as_table();
    if (table == nullptr) {
      fail_at(node, name,
              fmt::format("a table is wanted, as [{}{}{}]", name_, name_.empty() ? "" : ".", name));
      continue;
    }
    TomlSection section(*table, name_.empty() ? name : name_ + "." + name, file_);
    on_table(section, name);
    if (auto checked = section.check(); !checked && !error_) error_ = checked.error();
  }
}

Result<void> TomlSection::check() {
  for (const auto& [key, node] : table_)
    if (!asked_.contains(key.str())) fail_at(node, key.str(), "there is no such setting");
  if (error_) return *error_;
  return {};
}

}  // namespace srs::access
