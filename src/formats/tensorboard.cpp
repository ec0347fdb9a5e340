#include "formats/tensorboard.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <system_error>

#include "core/error.h"
#include "event.pb.h"
#include "formats/crc32c.h"

namespace sure {

namespace {

double seconds_since_epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

template <class T>
std::string little_endian(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

}  // namespace

EventWriter::EventWriter(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail("{}: cannot make this folder ({})", folder.string(), error.message());
  const double now = seconds_since_epoch();
  path_ = folder / fmt::format("events.out.tfevents.{:010d}.{}.{}", static_cast<int64_t>(now), host_name(), ::getpid());
  file_.open(path_, std::ios::binary | std::ios::app);
  tensorboard::Event event;
  event.set_wall_time(now);
  event.set_file_version("brain.Event:2");
  write_record(event.SerializeAsString());
  flush();
}

void EventWriter::scalar(const std::string& tag, double value, int64_t step) {
  tensorboard::Event event;
  event.set_wall_time(seconds_since_epoch());
  event.set_step(step);
  auto* summary = event.mutable_summary()->add_value();
  summary->set_tag(tag);
  summary->set_simple_value(static_cast<float>(value));
  write_record(event.SerializeAsString());
}

void EventWriter::flush() {
  errno = 0;
  if (!file_.flush())
    fail("{}: cannot write ({}); free space or choose another folder", path_.string(), std::strerror(errno));
}

void EventWriter::write_record(const std::string& payload) {
  const std::string length = little_endian<uint64_t>(payload.size());
  file_ << length << little_endian(masked_crc32c(length)) << payload << little_endian(masked_crc32c(payload));
}

}  // namespace sure
