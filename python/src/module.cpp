#include "base/version.hpp"
#include "python/src/client/arrivals.hpp"
#include "python/src/client/awaitable.hpp"
#include "python/src/client/client.hpp"
#include "python/src/client/cookies.hpp"
#include "python/src/client/corrected_user.hpp"
#include "python/src/client/grpc.hpp"
#include "python/src/client/items.hpp"
#include "python/src/client/pushed_body.hpp"
#include "python/src/client/renaming.hpp"
#include "python/src/client/request.hpp"
#include "python/src/client/response.hpp"
#include "python/src/client/server_event.hpp"
#include "python/src/client/trio_request.hpp"
#include "python/src/client/turn.hpp"
#include "python/src/client/websocket.hpp"
#include "python/src/cpython/type_watch.hpp"
#include "python/src/data/feeder.hpp"
#include "python/src/engine/engine.hpp"
#include "python/src/engine/metrics.hpp"
#include "python/src/engine/statistics.hpp"
#include "python/src/gevent/asked.hpp"
#include "python/src/gevent/compose.hpp"
#include "python/src/gevent/cookie_jar.hpp"
#include "python/src/gevent/cookie_list.hpp"
#include "python/src/gevent/exchange.hpp"
#include "python/src/gevent/head.hpp"
#include "python/src/gevent/request_event.hpp"
#include "python/src/gevent/session.hpp"
#include "python/src/gevent/unbatched.hpp"
#include "python/src/worker/link.hpp"
#include "python/src/worker/worker.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string_view.h>

NB_MODULE(_native, m) {
  namespace nb = nanobind;
  using namespace katydid::python;
  nb::set_leak_warnings(false);  // what is under way when the interpreter ends is no leak
  m.attr("version") = katydid::version;
  bind_engine(m);
  bind_metrics(m);
  bind_statistics(m);
  bind_arrivals(m);
  bind_corrected_user(m);
  bind_response(m);
  bind_server_event(m);
  bind_items(m);
  bind_turn(m);
  bind_request(m);
  bind_awaitable(m);
  bind_client(m);
  bind_cookies(m);
  bind_pushed_body(m);
  bind_renaming(m);
  bind_trio_request(m);
  bind_websocket(m);
  bind_grpc(m);
  bind_asked(m);
  bind_head(m);
  bind_cookie_jar(m);
  bind_cookie_list(m);
  bind_compose(m);
  bind_exchange(m);
  bind_listener(m);
  bind_type_watch(m);
  bind_session(m);
  bind_unbatched(m);
  bind_worker(m);
  bind_link(m);
  bind_feeders(m);
}
