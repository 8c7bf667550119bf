#pragma once

// The compile command includes this file into every locustfile, with KATYDID_ABI as a name that only one set of headers
// has. A program with other headers doesn't define it, so it refuses to load the shared object and does not crash in
// it.
extern "C" const char KATYDID_ABI;

namespace katydid::detail {
[[gnu::used]] static const char* const required_abi = &KATYDID_ABI;
}
