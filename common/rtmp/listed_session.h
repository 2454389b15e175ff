// ListedSession keeps a session on its server's list of those to close at shutdown. It is removed however its
// coroutine ends, even by an exception.
#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "rtmp/server_session.h"

namespace srs::rtmp {

// One thread, but for size().
class SessionList {
 public:
  // Any thread.
  std::size_t size() const { return size_; }

  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [key, held] : sessions_)
      if (const auto session = held.lock()) visit(*session);
  }

 private:
  friend class ListedSession;
  std::map<const ServerSession*, std::weak_ptr<ServerSession>> sessions_;
  std::atomic<std::size_t> size_ = 0;
};

class ListedSession {
 public:
  // The list must outlive this.
  ListedSession(SessionList& list, const std::shared_ptr<ServerSession>& session)
      : list_(list), key_(session.get()) {
    list_.sessions_[key_] = session;
    list_.size_ = list_.sessions_.size();
  }
  ListedSession(const ListedSession&) = delete;
  ListedSession& operator=(const ListedSession&) = delete;
  ~ListedSession() {
    list_.sessions_.erase(key_);
    list_.size_ = list_.sessions_.size();
  }

 private:
  SessionList& list_;
  const ServerSession* const key_;
};

}  // namespace srs::rtmp
