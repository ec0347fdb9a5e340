# The program reads files of strangers. Debian's g++ makes executables position-independent by itself.
add_link_options(-Wl,-z,relro,-z,now)
