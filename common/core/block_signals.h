// Signals are for the thread that has the tool's event loop.
#pragma once

#include <signal.h>

namespace srs {

// No signal is delivered to this thread, or to those that it starts, from now on. Returns the signals that
// were not delivered before, for pthread_sigmask(SIG_SETMASK).
inline sigset_t block_signals() {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  return before;
}

}  // namespace srs
