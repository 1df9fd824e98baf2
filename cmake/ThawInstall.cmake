# What `cmake --install` copies, and the Debian package made of the same.
#
# The folder share/ of the source tree lies as it will lie below PREFIX/share: shipped backends, manual page and
# completions each have one place, and a new file there needs no line here.

# What `make` builds: the programs without their tests.
add_custom_target(programs)
foreach(program thaw thaw-spawn thaw-fn thaw-micro thaw-mpi-pingpong)
  if(TARGET ${program})
    add_dependencies(programs ${program})
  endif()
endforeach()

if(TARGET thaw)
  install(TARGETS thaw RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  install(TARGETS thaw-spawn RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/thaw")
endif()

if(EXISTS "${PROJECT_SOURCE_DIR}/share")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/share/" DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}" USE_SOURCE_PERMISSIONS)
endif()
install(FILES "${PROJECT_BINARY_DIR}/include/thaw/version.h" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/thaw")
install(FILES "${PROJECT_SOURCE_DIR}/include/thaw/policy/policy.h"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/thaw/policy")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(CPACK_PACKAGE_NAME thaw)
set(CPACK_PACKAGE_VENDOR "Thaw")
set(CPACK_PACKAGE_CONTACT "Thaw developers <thaw@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "Thaw measures a function on any backend, repeats it until the answer is known and compares the records.")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "docker.io, openssh-client, openmpi-bin, linux-perf, strace, time, lm-sensors, kubernetes-client")
include(CPack)
