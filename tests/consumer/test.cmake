# Included by tests/CMakeLists.txt: the consumer's project is configured by the test, not by this build.
set(flags)
if(KATYDID_SANITIZE)
  set(flags "-fsanitize=${KATYDID_SANITIZE}")
endif()
add_test(NAME consumer_test
  COMMAND ${CMAKE_COMMAND} -DBUILD_DIR=${PROJECT_BINARY_DIR} -DSOURCE_DIR=${PROJECT_SOURCE_DIR}
          -DWORK_DIR=${CMAKE_CURRENT_BINARY_DIR}/consumer "-DGENERATOR=${CMAKE_GENERATOR}"
          -DCXX=${CMAKE_CXX_COMPILER} -DCXXFLAGS=${flags} -P ${PROJECT_SOURCE_DIR}/tests/consumer/run.cmake)
set_tests_properties(consumer_test PROPERTIES LABELS slow TIMEOUT 600)
