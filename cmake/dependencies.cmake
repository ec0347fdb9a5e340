# Libraries: torch from Torch_DIR or the project's virtual environment, everything else from the system.

if(NOT Torch_DIR AND DEFINED ENV{Torch_DIR})
  set(Torch_DIR $ENV{Torch_DIR})
endif()
if(NOT Torch_DIR)
  file(GLOB venv_torch ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch/share/cmake/Torch)
  set(Torch_DIR ${venv_torch})
endif()

include(torch)

# CUDA graphs need CUDA's headers, all of them: those that come with a torch from PyPI lack the compiler's own.
if(EXISTS ${torch_root}/lib/libtorch_cuda.so)
  find_path(CUDA_HEADERS crt/host_config.h HINTS $ENV{CUDA_HOME}/include ${torch_root}/../nvidia/cu13/include
            PATHS /usr/local/cuda/include)
  if(CUDA_HEADERS)
    set_source_files_properties(${PROJECT_SOURCE_DIR}/src/core/gpu_graph.cpp PROPERTIES
                                COMPILE_DEFINITIONS SURE_CUDA_GRAPHS COMPILE_OPTIONS "-isystem;${CUDA_HEADERS}"
                                SKIP_PRECOMPILE_HEADERS ON)
  else()
    message(NOTICE "CUDA graphs: left out, CUDA's headers are not in CUDA_HOME, beside torch or in /usr/local/cuda")
  endif()
endif()

find_package(fmt REQUIRED)
# torch brings newer headers of it, found first, that do not fit the library: the library's own go before them.
get_target_property(fmt_headers fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
set(FMT_INCLUDE_DIR ${PROJECT_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${FMT_INCLUDE_DIR})
file(CREATE_LINK ${fmt_headers}/fmt ${FMT_INCLUDE_DIR}/fmt SYMBOLIC)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SNDFILE REQUIRED IMPORTED_TARGET sndfile)
pkg_check_modules(SOXR REQUIRED IMPORTED_TARGET soxr)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
find_package(Protobuf REQUIRED)
find_library(PROTOBUF_LITE_STATIC libprotobuf-lite.a REQUIRED)

# Several processes for one run, by the torch wheel's own Gloo, whose headers it lacks, and NCCL between their GPUs.
find_path(GLOO_HEADERS gloo/transport/device.h)
find_path(NCCL_HEADERS nccl.h HINTS ${torch_root}/../nvidia/nccl/include)
find_path(CUSPARSE_HEADERS cusparse.h HINTS ${torch_root}/../nvidia/cu13/include ${CUDA_HEADERS})
if(NOT GLOO_HEADERS)
  message(NOTICE "training by several processes: left out, gloo's headers (libgloo-dev) are not there")
elseif(EXISTS ${torch_root}/lib/libtorch_cuda.so AND CUDA_HEADERS AND CUSPARSE_HEADERS AND NCCL_HEADERS)
  set_source_files_properties(${PROJECT_SOURCE_DIR}/src/core/c10d_world.cpp PROPERTIES
                              COMPILE_DEFINITIONS "USE_C10D_GLOO;USE_C10D_NCCL" SKIP_PRECOMPILE_HEADERS ON
                              COMPILE_OPTIONS "-isystem;${CUDA_HEADERS};-isystem;${CUSPARSE_HEADERS};-isystem;${NCCL_HEADERS}")
else()
  set_source_files_properties(${PROJECT_SOURCE_DIR}/src/core/c10d_world.cpp PROPERTIES
                              COMPILE_DEFINITIONS USE_C10D_GLOO SKIP_PRECOMPILE_HEADERS ON)
  if(EXISTS ${torch_root}/lib/libtorch_cuda.so)
    message(NOTICE "NCCL between GPUs: left out, its headers or CUDA's are not there; Gloo serves through memory")
  endif()
endif()

# Characters and pieces of text by models of SentencePiece; its own .pc file also links what trains them.
find_path(SENTENCEPIECE_HEADERS sentencepiece_processor.h)
find_library(SENTENCEPIECE_LIBRARY sentencepiece)
if(SENTENCEPIECE_HEADERS AND SENTENCEPIECE_LIBRARY)
  set_source_files_properties(${PROJECT_SOURCE_DIR}/src/text/sentence_pieces.cpp PROPERTIES
                              COMPILE_DEFINITIONS SURE_SENTENCEPIECE)
else()
  message(NOTICE "SentencePiece: left out, libsentencepiece-dev is not there; SpeechT5 needs it to read text")
endif()
