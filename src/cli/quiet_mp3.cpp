// libmpg123, by which libsndfile decodes MP3, writes its complaints to standard error unless its user tells it not to,
// and libsndfile does not. The program's mpg123_new stands before the library's and tells it: of a bad file we say one
// line.
#include <dlfcn.h>

extern "C" {

// NOLINTBEGIN(readability-identifier-naming): the names of mpg123.h, which need not be installed
using mpg123_handle = void;
mpg123_handle* mpg123_new(const char* decoder, int* error);
// NOLINTEND(readability-identifier-naming)

mpg123_handle* mpg123_new(const char* decoder, int* error) {
  constexpr int kAddFlags = 2;
  constexpr long kQuiet = 0x20;
  const auto make = reinterpret_cast<mpg123_handle* (*)(const char*, int*)>(dlsym(RTLD_NEXT, "mpg123_new"));
  const auto set = reinterpret_cast<int (*)(mpg123_handle*, int, long, double)>(dlsym(RTLD_NEXT, "mpg123_param"));
  if (make == nullptr) return nullptr;
  mpg123_handle* handle = make(decoder, error);
  if (handle != nullptr && set != nullptr) set(handle, kAddFlags, kQuiet, 0);
  return handle;
}

}  // extern "C"
