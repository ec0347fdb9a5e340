# sure_module(NAME DEPENDS…): a static library of src/NAME; sure_program: an executable.

# -Wrestrict, -Wstringop-…, -Warray-bounds: g++ 12 reports how std::string copies literals (GCC bugs 105651, 105329).
set(SURE_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror -Wno-restrict
                  -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)

# What nearly every file includes, parsed once. Narrow on purpose: g++ instantiates in each file anew what a header left
# pending, and for torch/types.h that takes longer than most files.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/pch.cpp CONTENT "")  # left alone when it is there: no rebuild
function(sure_precompiled name)
  add_library(${name} STATIC ${PROJECT_BINARY_DIR}/pch.cpp)
  target_link_libraries(${name} PUBLIC torch fmt::fmt nlohmann_json::nlohmann_json Threads::Threads)
  target_compile_options(${name} PRIVATE ${SURE_WARNINGS})
  target_include_directories(${name} SYSTEM PUBLIC ${FMT_INCLUDE_DIR} ${TORCH_INCLUDE_DIRS})
  target_precompile_headers(${name} PRIVATE <ATen/TensorOperators.h> <ATen/core/Generator.h> <ATen/core/Tensor.h>
                            <nlohmann/json.hpp> <fmt/format.h> <fmt/ranges.h> <filesystem> <map> <memory> <string> <vector>
                            ${ARGN})
endfunction()
sure_precompiled(sure_pch)

# TensorBoard's events, from the part of TensorFlow's event.proto that scalars need. Apart from the rest because torch's
# include folder and libtorch's exported symbols are of another protobuf: static, hidden, and compiled without torch.
protobuf_generate_cpp(EVENT_SOURCES EVENT_HEADERS ${PROJECT_SOURCE_DIR}/src/formats/event.proto)
add_library(sure_tensorboard STATIC ${EVENT_SOURCES} ${EVENT_HEADERS} ${PROJECT_SOURCE_DIR}/src/formats/tensorboard.cpp)
set_target_properties(sure_tensorboard PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/formats/tensorboard.cpp
                            PROPERTIES COMPILE_OPTIONS "${SURE_WARNINGS}" OBJECT_DEPENDS "${EVENT_HEADERS}")
target_include_directories(sure_tensorboard PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_include_directories(sure_tensorboard SYSTEM PRIVATE ${PROJECT_BINARY_DIR} ${Protobuf_INCLUDE_DIRS})
target_link_libraries(sure_tensorboard PUBLIC ${PROTOBUF_LITE_STATIC} Threads::Threads PRIVATE fmt::fmt)
target_link_options(sure_tensorboard INTERFACE -Wl,--exclude-libs,libprotobuf-lite.a)

# sure_compile(TARGET [PCH])
function(sure_compile target)
  set(pch sure_pch ${ARGN})
  list(GET pch -1 pch)
  target_compile_options(${target} PRIVATE ${SURE_WARNINGS})
  target_link_libraries(${target} PUBLIC ${pch})
  target_precompile_headers(${target} REUSE_FROM ${pch})
endfunction()

function(sure_module name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "tensorboard.cpp$")
  list(FILTER sources EXCLUDE REGEX "/simd/")
  add_library(sure_${name} STATIC ${sources})
  set_property(GLOBAL APPEND PROPERTY SURE_MODULES ${name})
  target_include_directories(sure_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  sure_compile(sure_${name})
  list(TRANSFORM ARGN PREPEND sure_ OUTPUT_VARIABLE depends)
  target_link_libraries(sure_${name} PUBLIC ${depends})
endfunction()

# Kernels for one kind of processor are compiled for it and chosen at run time. They include nothing of torch, so that no
# inline function compiled for that processor takes another file's place.
# -Wuninitialized, -Wmaybe-uninitialized: g++ 12 reports its own intrinsics (GCC bug 105593).
# -Wno-ignored-attributes: of the vector types, as template arguments.
function(sure_simd_kernels name)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/kernels/simd/*.cpp)
  add_library(sure_kernels_${name} OBJECT ${sources})
  set_property(GLOBAL APPEND PROPERTY SURE_MODULES kernels_${name})
  target_include_directories(sure_kernels_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(sure_kernels_${name} PRIVATE SURE_SIMD=${name})
  target_compile_options(sure_kernels_${name} PRIVATE ${SURE_WARNINGS} -Wno-uninitialized -Wno-maybe-uninitialized
                                                      -Wno-ignored-attributes ${ARGN})
  target_sources(sure_kernels PRIVATE $<TARGET_OBJECTS:sure_kernels_${name}>)
endfunction()

# at::parallel_for lies in a header, which is serial where its file is compiled without OpenMP.
find_package(OpenMP REQUIRED COMPONENTS CXX)
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/kernels/parallel.cpp ${PROJECT_SOURCE_DIR}/src/kernels/short_waits.cpp
                            PROPERTIES SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS "${OpenMP_CXX_FLAGS}")

function(sure_program name folder)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.cpp)
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  sure_compile(${name})
  list(TRANSFORM ARGN PREPEND sure_ OUTPUT_VARIABLE depends)
  target_link_libraries(${name} PRIVATE ${depends} CLI11::CLI11)
endfunction()
