// The names of CLI11 that we need outside of this folder: option_kinds.h declares options. Its own header
// takes a compiler seconds.
#pragma once

namespace CLI {
class App;
class Option;
}  // namespace CLI
