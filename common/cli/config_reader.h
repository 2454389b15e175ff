// Passes the options of a --config FILE to CLI11, and rejects unknown names, sections and values, naming
// their line.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "cli/config_file.h"
#include "core/result.h"

namespace srs::cli {

// Owned by `app`, whose config option names the file. The command line takes precedence.
class ConfigReader : public CLI::Config {
 public:
  explicit ConfigReader(CLI::App& app) : app_(app) {}

  // Passes all values to the options and returns an empty list: nothing is left for CLI11 to do. Throws
  // CLI::FileError.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;
  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }

 private:
  struct Setting {
    std::size_t line = 0;
    std::vector<std::string> texts;
  };
  // In the order of first appearance, which is always the same.
  using Settings = std::vector<std::pair<CLI::Option*, Setting>>;

  Result<void> read(const std::string& text, const std::string& file) const;
  Result<void> add_entry(const ConfigEntry& entry, const std::string& file, Settings& settings) const;

  CLI::App& app_;
};

}  // namespace srs::cli
