# What others use: cmake --install build --component program (bin/sure and the model that ships), or --component library
# (find_package(sure), then link sure::sure). A project that has this one by add_subdirectory links sure::sure, too.
include(GNUInstallDirs)
add_library(sure::sure ALIAS sure_library)
target_compile_definitions(sure_library INTERFACE SURE_MODELS_FOLDER="${PROJECT_SOURCE_DIR}/models")

# One archive of all modules. Not part of a plain build: installing makes it.
get_property(modules GLOBAL PROPERTY SURE_MODULES)
list(TRANSFORM modules REPLACE "(.+)" "$<TARGET_OBJECTS:sure_\\1>" OUTPUT_VARIABLE objects)
add_library(sure_archive STATIC EXCLUDE_FROM_ALL ${objects} $<TARGET_OBJECTS:sure_tensorboard>)
set_target_properties(sure_archive PROPERTIES OUTPUT_NAME sure LINKER_LANGUAGE CXX)

configure_file(${PROJECT_SOURCE_DIR}/cmake/sureConfig.cmake.in ${PROJECT_BINARY_DIR}/sureConfig.cmake @ONLY)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/sure)
install(CODE "execute_process(COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target sure_archive
                              COMMAND_ERROR_IS_FATAL ANY)" COMPONENT library)
install(FILES $<TARGET_FILE:sure_archive> DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/sure DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
install(FILES ${PROJECT_BINARY_DIR}/sureConfig.cmake ${PROJECT_SOURCE_DIR}/cmake/torch.cmake DESTINATION ${package}
        COMPONENT library)

# libtorch stays where it is.
set_target_properties(sure PROPERTIES INSTALL_RPATH ${torch_root}/lib)
install(TARGETS sure DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
foreach(component program library)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/models DESTINATION ${CMAKE_INSTALL_DATADIR}/sure COMPONENT ${component})
endforeach()
