// The format of --help: the name of an option and its values, then its description and its default.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace srs::cli {

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
};

}  // namespace srs::cli
