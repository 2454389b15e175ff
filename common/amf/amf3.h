// AMF3 values (Adobe AMF3 specification), read only: Flash-era encoders send them inside AMF0 messages.
//
// They are converted to the equivalent AMF0 values: an array with names becomes an ECMA array, vectors and
// byte arrays become null. References to strings and class traits are resolved; one to an object becomes
// null, so that no value can contain itself.
#pragma once

#include "amf/value.h"

namespace srs::amf {

// Parses one value at the front of `from`, nested at most max_depth levels. limits: what the message may
// still hold, reduced by what the value uses.
Result<Value> decode_amf3(ByteReader& from, int max_depth, Limits& limits);

}  // namespace srs::amf
