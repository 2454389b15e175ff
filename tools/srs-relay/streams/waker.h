// Waker: whoever serves a stream's players on another thread, and is notified when there is something new.
#pragma once

#include <memory>
#include <vector>

namespace srs::relay {

class Audience;
class Stream;

class Waker {
 public:
  virtual ~Waker() = default;
  // Called on the stream's thread: this audience, which this waker serves, has something new.
  virtual void wake(std::shared_ptr<Stream> stream, Audience& audience) = 0;
};

// Indexed by the number of the audience that each serves. They outlive the streams.
using Wakers = std::vector<Waker*>;

}  // namespace srs::relay
