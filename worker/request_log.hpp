#pragma once

namespace katydid {

/// From now on each request is a line of the log, where lines of level DEBUG are written: `GET http://host/x: 200, 54
/// bytes, 1.25 ms`.
void log_requests();

}  // namespace katydid
