#pragma once

namespace katydid {

/// curl_global_init() with memory for libcurl from the FramePool: a request makes and frees some forty blocks, its
/// receive buffer among them. Throws std::runtime_error.
void init_curl();

}  // namespace katydid
