# cmake -DBUILD_DIR=... -DSOURCE_DIR=... -DWORK_DIR=... -DGENERATOR=... -DCXX=... -DCXXFLAGS=... -P run.cmake
#
# Installs katydid, moves the installation elsewhere, builds a project on it, and runs that project's program and the
# installed katydid, which compiles a locustfile with the installed headers.
file(REMOVE_RECURSE ${WORK_DIR})
file(MAKE_DIRECTORY ${WORK_DIR})

function(run)
  cmake_parse_arguments(arg "" "EXPECT" "COMMAND" ${ARGN})
  execute_process(COMMAND ${arg_COMMAND} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${arg_COMMAND}: exit code ${code}\n${out}\n${err}")
  endif()
  if(arg_EXPECT AND NOT "${out}${err}" MATCHES "${arg_EXPECT}")
    message(FATAL_ERROR "${arg_COMMAND}: printed no '${arg_EXPECT}' but\n${out}\n${err}")
  endif()
endfunction()

# What a locustfile is compiled with: with sanitizers, it has to be this build's compiler.
set(ENV{CXX} ${CXX})
run(COMMAND ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${WORK_DIR}/installed)
file(RENAME ${WORK_DIR}/installed ${WORK_DIR}/elsewhere)

run(COMMAND ${CMAKE_COMMAND} -G "${GENERATOR}" -S ${SOURCE_DIR}/tests/consumer -B ${WORK_DIR}/build
            -DCMAKE_PREFIX_PATH=${WORK_DIR}/elsewhere -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_CXX_FLAGS=${CXXFLAGS}
            -DCMAKE_BUILD_TYPE=Release)
run(COMMAND ${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(COMMAND ${WORK_DIR}/build/frames EXPECT "[1-9][0-9]* bytes")
run(COMMAND ${WORK_DIR}/build/consumer --list EXPECT "Sleeper")
run(COMMAND ${WORK_DIR}/build/consumer --headless -u 4 -r 4 -t 2s EXPECT "NAP +nap +[1-9][0-9]* +0\\(0.00%\\)")
# Nobody listens there: what counts is that its users run.
run(COMMAND ${WORK_DIR}/build/use_as_lib -t 2s -H http://127.0.0.1:9 --exit-code-on-error 0
    EXPECT "GET +/ +[1-9][0-9]* +.*the program is ready")  # stdout, then stderr

run(COMMAND ${WORK_DIR}/elsewhere/bin/katydid -f ${SOURCE_DIR}/examples/hello.cpp --list --cache-dir ${WORK_DIR}/cache
    EXPECT "HelloUser.*Compiled hello.cpp")
run(COMMAND ${WORK_DIR}/elsewhere/bin/katydid -f ${SOURCE_DIR}/examples/hello.cpp --list --cache-dir ${WORK_DIR}/cache
    EXPECT "HelloUser")
