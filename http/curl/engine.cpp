#include "http/curl/engine.hpp"

#include "http/curl/multi.hpp"

namespace katydid {

CurlEngine::CurlEngine(Loop& loop) : multi_(std::make_unique<CurlMulti>(loop)) {}

CurlEngine::~CurlEngine() = default;

std::string CurlEngine::version() { return curl_version(); }

}  // namespace katydid
