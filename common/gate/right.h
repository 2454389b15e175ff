// Right: what was granted, while it is used. Destroying it gives it back.
#pragma once

#include <asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace srs::gate {

struct HeldRight;
struct RightList;

// Move only. Belongs to the thread of the executor that it was held with.
class Right {
 public:
  Right() = default;
  explicit Right(std::shared_ptr<HeldRight> held) : held_(std::move(held)) {}
  ~Right();
  Right(Right&& other) noexcept = default;
  Right& operator=(Right&& other) noexcept;

  // For the audit and call-backs, before it is destroyed: how much was sent or received, and why it ended.
  void note_end(std::uint64_t bytes, std::string why);

 private:
  std::shared_ptr<HeldRight> held_;  // null: there is nothing to hold
};

}  // namespace srs::gate
