#include "core/result.h"

#include <system_error>

namespace srs {

Error system_error(std::string_view context, int errno_value) {
  return Error{Errc::io, std::generic_category().message(errno_value)}.in(context);
}

}  // namespace srs
