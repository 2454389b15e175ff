// TomlSection: one table of a file of rules, read key by key.
//
// It collects the first error, with file and line; a key that nobody asked for is one, too. So readers ask
// for everything, and then call check().
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "access/question.h"
#include "core/result.h"

namespace srs::access {

class TomlSection {
 public:
  // The table must outlive it. name: "keys.cam1", for errors; file: the file's name.
  TomlSection(const toml::table& table, std::string name, const std::string& file)
      : table_(table), name_(std::move(name)), file_(file) {}

  const std::string& name() const { return name_; }

  // The keys, in the order of their names.
  std::vector<std::string> names() const;
  std::optional<std::string> text(std::string_view key);
  // A text or an array of texts.
  std::vector<std::string> texts(std::string_view key);
  std::optional<std::int64_t> number(std::string_view key);
  std::optional<UtcTime> time(std::string_view key);
  // The text, read by parse; its error is the section's.
  template <class T>
  std::optional<T> parsed(std::string_view key, Result<T> (*parse)(std::string_view)) {
    const auto written = text(key);
    return written ? take(key, parse(*written)) : std::nullopt;
  }
  template <class T>
  std::vector<T> all_parsed(std::string_view key, Result<T> (*parse)(std::string_view)) {
    std::vector<T> all;
    for (const std::string& written : texts(key))
      if (auto value = take(key, parse(written))) all.push_back(*std::move(value));
    return all;
  }
  // The elements of an array: texts and tables, each passed to one of the two.
  void each(std::string_view key, const std::function<void(const std::string& text)>& on_text,
            const std::function<void(TomlSection& section)>& on_table);
  // The tables in this one, in the order of the file.
  void each_table(const std::function<void(TomlSection& section, const std::string& key)>& on_table);

  // key: where the error is; empty: the section as a whole.
  void fail(std::string_view key, const std::string& why);
  template <class T>
  std::optional<T> take(std::string_view key, Result<T> result) {
    if (result) return *std::move(result);
    fail(key, result.error().message);
    return std::nullopt;
  }

  Result<void> check();

 private:
  const toml::node* find(std::string_view key);
  void fail_at(const toml::node& node, std::string_view key, const std::string& why);

  const toml::table& table_;
  const std::string name_;
  const std::string& file_;
  std::set<std::string, std::less<>> asked_;
  std::optional<Error> error_;
};

}  // namespace srs::access
