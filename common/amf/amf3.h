// AMF3 values (Adobe AMF3 specification), read only: Flash-era encoders send them inside AMF0 messages.
//
// They become the AMF0 values that say the same: an array with names becomes an ECMA array, vectors and
// byte arrays become null. References are followed for strings and class descriptions; one to an object
// becomes null, so that no value can contain itself.
#pragma once

#include "amf/value.h"

namespace srs::amf {

// One value off the front of `from`, at most that deep. limits: what the message may still hold; what the
// value takes of it is taken off.
Result<Value> decode_amf3(ByteReader& from, int max_depth, Limits& limits);

}  // namespace srs::amf
