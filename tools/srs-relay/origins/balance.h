// In which order the origins of a stream are asked.
//
//   round-robin  the next one each time
//   weighted     each as often as its weight says, evenly spread (smooth weighted round robin)
//   least-conn   the one with the least load for its weight
//   hash         the same one for a stream each time, on every node that has the same origins: rendezvous
//                hashing, so that an origin which comes or goes moves only its own streams
//
// Whatever comes first, the others follow as its stand-ins. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace srs::relay {

enum class Balance { round_robin, least_conn, weighted, hash };

struct Candidate {
  std::string name;  // the same on every node, for hash
  unsigned weight = 1;
  double load = 0;        // of any unit that all share
  unsigned priority = 0;  // all of a lower one come first
};

class Balancer {
 public:
  explicit Balancer(Balance balance) : balance_(balance) {}

  // The indexes of the candidates in the order in which they are to be asked for this stream.
  std::vector<std::size_t> order(const std::vector<Candidate>& candidates, std::string_view path);

 private:
  std::vector<double> ranks(const std::vector<Candidate>& candidates, std::string_view path);
  std::vector<double> weighted_ranks(const std::vector<Candidate>& candidates);

  Balance balance_;
  std::size_t turn_ = 0;
  std::map<std::string, double, std::less<>> credit_;  // of weighted, by name
};

// How much a candidate is wanted for this stream, by rendezvous hashing: the greatest wins. Weighted so that
// a candidate of weight 2 gets twice the streams.
double rendezvous_score(std::string_view path, std::string_view name, unsigned weight);

}  // namespace srs::relay
