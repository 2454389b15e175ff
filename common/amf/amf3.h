// AMF3 values (Adobe AMF3 specification), read only: Flash-era encoders send them inside AMF0 messages.
//
// They become the AMF0 values that say the same: an array with names becomes an ECMA array, vectors and
// byte arrays become null. References are followed for strings and class descriptions; one to an object
// becomes null, so that no value can contain itself.
#pragma once

#include "amf/value.h"

namespace srs::amf {

struct Amf3Value {
  Value value;
  std::size_t count = 0;  // of values in it, itself included
};

// One value off the front of `from`, at most that deep and with at most that many values in it.
Result<Amf3Value> decode_amf3(ByteReader& from, int max_depth, std::size_t max_values);

}  // namespace srs::amf
