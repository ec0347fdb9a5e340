# The program reads files of strangers: what turns a fault that the tests did not find into an end, not into a way in.
# Debian's g++ makes executables position-independent by itself.
add_compile_options(-fstack-protector-strong)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_link_options(-Wl,-z,relro,-z,now)
if(CMAKE_BUILD_TYPE STREQUAL "Release")  # needs an optimising compiler; the sanitizers have checks of their own
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
