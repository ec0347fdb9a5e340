# The target torch, from Torch_DIR.

# TorchConfig of a libtorch with CUDA insists on a CUDA toolkit of its version, which only CUDA code of one's own needs:
# there the libraries are linked as they are.
get_filename_component(torch_root "${Torch_DIR}/../../.." ABSOLUTE)
if(EXISTS ${torch_root}/lib/libtorch_cuda.so)
  set(TORCH_INCLUDE_DIRS ${torch_root}/include ${torch_root}/include/torch/csrc/api/include)
  add_library(torch INTERFACE IMPORTED)
  target_include_directories(torch INTERFACE ${TORCH_INCLUDE_DIRS})
  foreach(library torch torch_cuda torch_cpu c10_cuda c10)
    target_link_libraries(torch INTERFACE ${torch_root}/lib/lib${library}.so)
  endforeach()
  # Nothing names a symbol of libtorch_cuda: being loaded is what brings CUDA. Its own libraries are found by its rpath.
  target_link_options(torch INTERFACE -Wl,--no-as-needed -Wl,--allow-shlib-undefined)
else()
  find_package(Torch REQUIRED)
  if(TARGET caffe2::mkl)  # MKL lies inside libtorch; its folders of the wheel's own build would end in our RUNPATH
    set_property(TARGET caffe2::mkl PROPERTY INTERFACE_LINK_DIRECTORIES "")
  endif()
endif()
