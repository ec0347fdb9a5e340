// An ostream's buffer over a file descriptor, which keeps the reason of the first write that failed.
#pragma once

#include <array>
#include <streambuf>

namespace sure {

class DescriptorBuffer : public std::streambuf {
 public:
  /// `descriptor` stays the caller's.
  explicit DescriptorBuffer(int descriptor);

  /// errno of the first failed write, or 0.
  int error() const { return error_; }

 protected:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* bytes, std::streamsize count) override;
  int sync() override;
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode which) override;
  pos_type seekpos(pos_type position, std::ios_base::openmode which) override;

 private:
  bool write_out(const char* bytes, std::streamsize count);

  int descriptor_;
  int error_ = 0;
  std::array<char, 1 << 16> room_;
};

}  // namespace sure
