#include "worker/reports_under_way.hpp"

#include <doctest/doctest.h>

using katydid::ReportsUnderWay;

TEST_CASE("a report has arrived when a heartbeat that was sent after it is answered") {
  ReportsUnderWay reports;
  reports.sent_heartbeat();
  reports.sent_report(70);
  CHECK(reports.requests() == 70);
  reports.heartbeat_answered();
  CHECK_MESSAGE(reports.requests() == 70, "that heartbeat was sent before it");
  reports.sent_heartbeat();
  reports.sent_report(5);
  reports.heartbeat_answered();
  CHECK(reports.requests() == 5);
}

TEST_CASE("when the connection breaks, what has not arrived is told once") {
  ReportsUnderWay reports;
  reports.sent_report(3);
  reports.sent_heartbeat();
  reports.sent_report(4);
  CHECK(reports.broke() == 7);
  CHECK(reports.broke() == 0);
  reports.heartbeat_answered();  // it comes late, from the connection that is gone
  reports.sent_report(9);
  reports.sent_heartbeat();
  CHECK(reports.requests() == 9);
  reports.heartbeat_answered();
  CHECK(reports.broke() == 0);
}

TEST_CASE("an ack makes up for heartbeats that the master left unanswered") {
  ReportsUnderWay reports;
  reports.sent_report(2);
  reports.sent_heartbeat();  // the master has just forgotten this worker, and stays silent
  reports.sent_ready();
  reports.acked();
  CHECK(reports.requests() == 0);
  reports.sent_report(8);
  reports.sent_heartbeat();
  reports.heartbeat_answered();
  CHECK(reports.requests() == 0);
}

TEST_CASE("an ack says nothing of reports that were sent after client_ready") {
  ReportsUnderWay reports;
  reports.sent_ready();
  reports.sent_report(6);
  reports.acked();
  CHECK(reports.requests() == 6);
}

TEST_CASE("a report without requests is none that could be missed") {
  ReportsUnderWay reports;
  reports.sent_report(0);
  CHECK(reports.broke() == 0);
}
