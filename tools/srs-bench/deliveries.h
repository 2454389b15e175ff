// Deliveries: when the players of a run had each part and segment, and how long after it was made.
//
// All players fetch the same files, and only those that are verified look for the clock in them. So the times
// of the others wait here until one of these says when the newest picture in the file was due; those of a
// file in which nobody finds a clock are only compared with each other. Shared by all threads.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "clock_sei.h"
#include "hls_figures.h"

namespace srs::bench {

class Deliveries {
 public:
  // A player has the whole file. newest: the clock in its last picture, if it was looked for and found.
  // measuring: whether this counts.
  void add(const std::string& uri, UtcMicroseconds arrival, std::optional<UtcMicroseconds> newest,
           bool measuring);
  // Once no thread adds any more.
  const DeliveryFigures& figures() const { return figures_; }

 private:
  // So many files are remembered: those of some seconds, of many streams.
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
