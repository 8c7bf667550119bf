# cmake -DHEADERS=a;b -DSOURCE_DIR=... -DOUTPUT=... -P hash_headers.cmake
# worker/locustfile/installation.cpp computes the same of the headers that it finds.
set(text)
foreach(header IN LISTS HEADERS)
  file(SHA256 ${SOURCE_DIR}/${header} hash)
  string(APPEND text "${hash} ${header}\n")
endforeach()
string(SHA256 hash "${text}")
string(SUBSTRING ${hash} 0 16 short)
file(WRITE ${OUTPUT} "#pragma once

#define KATYDID_ABI katydid_abi_${short}

namespace katydid::build_info {

inline constexpr const char* header_hash = \"${hash}\";
inline constexpr const char* abi = \"katydid_abi_${short}\";

}  // namespace katydid::build_info
")
