// Deliveries: when the players of a run received each part and segment, and how long after its creation.
//
// All players fetch the same files, but only verified ones look for the clock in them. So the arrival times
// of the others are kept here until a verified player reports when the newest picture in the file was due;
// for files without a clock arrival times are only compared with each other. Shared by all threads.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "srs-bench/content/clock_sei.h"
#include "srs-bench/figures/hls_figures.h"

namespace srs::bench {

class Deliveries {
 public:
  // A player has received the whole file. newest: the clock in its last picture, if looked for and found.
  // measuring: whether this counts.
  void add(const std::string& uri, UtcMicroseconds arrival, std::optional<UtcMicroseconds> newest,
           bool measuring);
  // Only once no thread calls add() any more.
  const DeliveryFigures& figures() const { return figures_; }

 private:
  // Bounds the remembered files: a few seconds of many streams.
  static constexpr std::size_t files_max = 8192;

  struct File {
    UtcMicroseconds first{};
    std::optional<UtcMicroseconds> newest;
    std::vector<UtcMicroseconds> waiting;
  };
  File& file_of(const std::string& uri, UtcMicroseconds arrival);

  std::mutex mutex_;
  std::unordered_map<std::string, File> files_;
  std::deque<std::string> order_;
  DeliveryFigures figures_;
};

}  // namespace srs::bench
