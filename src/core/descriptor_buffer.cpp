#include "core/descriptor_buffer.h"

#include <unistd.h>

#include <cerrno>

namespace sure {

DescriptorBuffer::DescriptorBuffer(int descriptor) : descriptor_(descriptor) {
  setp(room_.data(), room_.data() + room_.size());
}

DescriptorBuffer::int_type DescriptorBuffer::overflow(int_type c) {
  if (sync() != 0) return traits_type::eof();
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  return sputc(traits_type::to_char_type(c));
}

std::streamsize DescriptorBuffer::xsputn(const char* bytes, std::streamsize count) {
  if (count < epptr() - pptr()) return std::streambuf::xsputn(bytes, count);
  return sync() == 0 && write_out(bytes, count) ? count : 0;
}

int DescriptorBuffer::sync() {
  const bool written = write_out(pbase(), pptr() - pbase());
  setp(room_.data(), room_.data() + room_.size());
  return written ? 0 : -1;
}

DescriptorBuffer::pos_type DescriptorBuffer::seekoff(off_type offset, std::ios_base::seekdir from,
                                                     std::ios_base::openmode /*which*/) {
  if (sync() != 0) return pos_type(off_type(-1));
  const int whence = from == std::ios_base::beg ? SEEK_SET : from == std::ios_base::cur ? SEEK_CUR : SEEK_END;
  return pos_type(::lseek(descriptor_, offset, whence));  // -1 in a pipe
}

DescriptorBuffer::pos_type DescriptorBuffer::seekpos(pos_type position, std::ios_base::openmode which) {
  return seekoff(off_type(position), std::ios_base::beg, which);
}

bool DescriptorBuffer::write_out(const char* bytes, std::streamsize count) {
  while (count > 0 && error_ == 0) {
    const ssize_t written = ::write(descriptor_, bytes, static_cast<size_t>(count));
    if (written < 0 && errno != EINTR) error_ = errno;
    if (written <= 0) continue;
    bytes += written;
    count -= written;
  }
  return error_ == 0;
}

}  // namespace sure
