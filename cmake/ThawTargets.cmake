# Warnings, sanitizers and the helpers that declare rooms and their tests.

add_library(thaw_options INTERFACE)
target_compile_features(thaw_options INTERFACE cxx_std_20)
target_compile_options(thaw_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
                       -Wno-missing-field-initializers)  # designated initializers leave the rest at their defaults
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees overlaps in `"text" + string` that cannot happen (GCC bug 105651), when it optimises.
  target_compile_options(thaw_options INTERFACE -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # The code is written to the warnings of g++; clang++ is for fuzzing.
  target_compile_options(thaw_options INTERFACE -Wno-error -Wno-unknown-warning-option)
endif()
target_include_directories(thaw_options INTERFACE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include")
if(THAW_SANITIZE)
  target_compile_options(thaw_options INTERFACE "-fsanitize=${THAW_SANITIZE}" -fno-omit-frame-pointer
                         # g++ 12 sees ghosts in std::variant and std::string once they are instrumented.
                         -Wno-maybe-uninitialized -Wno-stringop-overflow)
  target_link_options(thaw_options INTERFACE "-fsanitize=${THAW_SANITIZE}")
  if(THAW_SANITIZE MATCHES thread)
    # It does not follow fences. Asio does without them where its queues are locked anyway.
    target_compile_options(thaw_options INTERFACE -Wno-tsan)
    target_compile_definitions(thaw_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()

# thaw_room(NAME SOURCES a.cpp … ROOMS core … LIBRARIES thaw::fmt …)
# Declares the static library thaw_NAME (alias thaw::NAME). ROOMS are the arrows, checked by tools/check_layers.
function(thaw_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;ROOMS;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  add_library(thaw_${name} STATIC ${ROOM_SOURCES})
  add_library(thaw::${name} ALIAS thaw_${name})
  list(TRANSFORM ROOM_ROOMS PREPEND thaw::)
  target_link_libraries(thaw_${name} PUBLIC thaw_options ${ROOM_ROOMS} ${ROOM_LIBRARIES}
                                     PRIVATE ${ROOM_PRIVATE_LIBRARIES})
endfunction()

# The test programs of one label, for `cmake --build … --target tests-unit`.
foreach(label unit contract golden cli slow)
  add_custom_target(tests-${label})
endforeach()

# thaw_test(NAME LABEL unit SOURCES … ROOMS …)
# One GoogleTest program; every TEST becomes a CTest case with the label (unit, contract, golden, cli or slow).
function(thaw_test name)
  cmake_parse_arguments(TEST "" "LABEL" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  list(TRANSFORM TEST_ROOMS PREPEND thaw::)
  target_link_libraries(${name} PRIVATE thaw_options ${TEST_ROOMS} ${TEST_LIBRARIES} GTest::gtest GTest::gmock
                                        GTest::gtest_main)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  # The rooms are optimised, their tests are not: they are compiled more often than they are run.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O0>)
  target_compile_definitions(${name} PRIVATE THAW_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_dependencies(tests-${TEST_LABEL} ${name})
  gtest_discover_tests(${name} PROPERTIES LABELS "${TEST_LABEL}" DISCOVERY_TIMEOUT 60)
endfunction()
