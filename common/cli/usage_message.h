// Messages for usage errors, in our own words: CLI11's are about its types and internals.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace srs::cli {

// The message for an error thrown by app.parse(). An unknown option, command or argument is reported first,
// with a suggestion: it mostly causes the other errors.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error);

}  // namespace srs::cli
