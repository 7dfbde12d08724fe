# What is installed beside program, library and forms, and the Debian package: sh cmake/package.sh
include(CMakePackageConfigHelpers)

# Folders that an installation makes are its owner's, whatever the umask is: what is loaded from them is refused where others can write.
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})

file(RELATIVE_PATH TO_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/taxcert.pc.in taxcert.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/taxcert.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
# find_package(taxcert) gives taxcert::taxcert
set(config ${CMAKE_INSTALL_LIBDIR}/cmake/taxcert)
install(EXPORT taxcert-targets FILE taxcertConfig.cmake NAMESPACE taxcert:: DESTINATION ${config})
write_basic_package_version_file(taxcertConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/taxcertConfigVersion.cmake DESTINATION ${config})

set(completions src/commands/completions)
install(FILES ${completions}/taxcert.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME taxcert)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr") # zsh looks below /usr/local in the one folder, of packages in the other
    install(FILES ${completions}/taxcert.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _taxcert)
else()
    install(FILES ${completions}/taxcert.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _taxcert)
endif()
install(FILES ${completions}/taxcert.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES templates/ANLEITUNG.de.md templates/GLOSSARY.md README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# A package has its manual and changes packed, without a date.
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    foreach(page src/commands/taxcert.1:${CMAKE_INSTALL_MANDIR}/man1/taxcert.1 templates/taxcert.de.1:${CMAKE_INSTALL_MANDIR}/de/man1/taxcert.1
            CHANGELOG.md:${CMAKE_INSTALL_DOCDIR}/changelog)
        string(REPLACE ":" ";" page ${page})
        list(GET page 0 from)
        list(GET page 1 to)
        get_filename_component(folder ${to} DIRECTORY)
        get_filename_component(name ${to} NAME)
        string(REPLACE "/" "-" packed ${from}.gz)
        add_custom_command(OUTPUT ${packed} DEPENDS ${PROJECT_SOURCE_DIR}/${from} COMMAND gzip -9nc ${PROJECT_SOURCE_DIR}/${from} > ${packed})
        list(APPEND pages ${packed})
        install(FILES ${PROJECT_BINARY_DIR}/${packed} DESTINATION ${folder} RENAME ${name}.gz)
    endforeach()
    add_custom_target(pages ALL DEPENDS ${pages})
else()
    install(FILES src/commands/taxcert.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    install(FILES templates/taxcert.de.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/de/man1 RENAME taxcert.1)
endif()

set(CPACK_PACKAGE_CONTACT "taxcert authors <taxcert@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "year-end wage-tax certificates, their workbook and ledger")
set(CPACK_PACKAGE_DESCRIPTION "Reads year-end payroll and employees as JSON or from lists; makes one certificate
a person (PDF/A-3a), the workbook for accounting and tax audits, and a ledger
that proves them.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION misc)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "poppler-utils")
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
file(WRITE ${PROJECT_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/triggers)
include(CPack)
