#include "srs-relay/origins/balance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace srs::relay {
namespace {

// FNV-1a with the finalizer of MurmurHash3: the same on every machine, and every bit depends on every byte.
std::uint64_t stable_hash(std::string_view path, std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](unsigned char byte) { hash = (hash ^ byte) * 0x100000001b3; };
  for (const char byte : path) add(static_cast<unsigned char>(byte));
  add(0);
  for (const char byte : name) add(static_cast<unsigned char>(byte));
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 33);
}

}  // namespace

double rendezvous_score(std::string_view path, std::string_view name, unsigned weight) {
  // Uniform in (0, 1): the upper 53 bits, and never 0.
  const double uniform = (static_cast<double>(stable_hash(path, name) >> 11) + 0.5) / 9007199254740992.0;
  return -static_cast<double>(weight) / std::log(uniform);
}

// Each gets its weight as credit; the richest is chosen and pays the total.
std::vector<double> Balancer::weighted_ranks(const std::vector<Candidate>& candidates) {
  std::map<std::string, double, std::less<>> credit;
  double total = 0;
  std::size_t richest = 0;
  std::vector<double> ranks;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto before = credit_.find(candidates[i].name);
    ranks.push_back((before == credit_.end() ? 0 : before->second) + candidates[i].weight);
    total += candidates[i].weight;
    if (ranks[i] > ranks[richest]) richest = i;
  }
  for (std::size_t i = 0; i < candidates.size(); ++i)
    credit[candidates[i].name] = ranks[i] - (i == richest ? total : 0);
  credit_ = std::move(credit);
  for (double& rank : ranks) rank = -rank;
  return ranks;
}

// The lowest is asked first.
std::vector<double> Balancer::ranks(const std::vector<Candidate>& candidates, std::string_view path) {
  if (balance_ == Balance::weighted) return weighted_ranks(candidates);
  std::vector<double> ranks;
  const std::size_t count = candidates.size();
  const std::size_t turn = turn_++;
  for (std::size_t i = 0; i < count; ++i) {
    const Candidate& candidate = candidates[i];
    const double place = static_cast<double>((i + count - turn % count) % count);
    if (balance_ == Balance::hash) {
      ranks.push_back(-rendezvous_score(path, candidate.name, candidate.weight));
    } else if (balance_ == Balance::least_conn) {
      // Among equals, take turns.
      ranks.push_back(candidate.load / candidate.weight + place * 1e-9);
    } else {
      ranks.push_back(place);
    }
  }
  return ranks;
}

std::vector<std::size_t> Balancer::order(const std::vector<Candidate>& candidates, std::string_view path) {
  if (candidates.empty()) return {};
  const std::vector<double> rank = ranks(candidates, path);
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (candidates[a].priority != candidates[b].priority)
      return candidates[a].priority < candidates[b].priority;
    return rank[a] < rank[b];
  });
  return order;
}

}  // namespace srs::relay
