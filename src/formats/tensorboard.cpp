#include "formats/tensorboard.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <system_error>

#include "core/error.h"
#include "core/host_name.h"
#include "event.pb.h"
#include "formats/crc32c.h"

namespace sure {

namespace {

double seconds_since_epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

constexpr int32_t kStringTensor = 7;
constexpr int32_t kRgb = 3;
constexpr int32_t kSuccess = 1;

/// Of a HyperParameter, as HParams' DataType numbers them.
int32_t type_of(const HyperParameter& value) {
  constexpr std::array<int32_t, 3> types = {2, 3, 1};
  return types[value.index()];
}

void set_value(const HyperParameter& value, tensorboard::AnyValue& to) {
  if (const bool* flag = std::get_if<bool>(&value)) to.set_bool_value(*flag);
  if (const double* number = std::get_if<double>(&value)) to.set_number_value(*number);
  if (const std::string* text = std::get_if<std::string>(&value)) to.set_string_value(*text);
}

/// An event with one summary, whose value is `value`.
tensorboard::Event summary_event(const std::string& tag, int64_t step, tensorboard::Summary::Value*& value) {
  tensorboard::Event event;
  event.set_wall_time(seconds_since_epoch());
  event.set_step(step);
  value = event.mutable_summary()->add_value();
  value->set_tag(tag);
  return event;
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
  tensorboard::Summary::Value* summary = nullptr;
  const tensorboard::Event event = summary_event(tag, step, summary);
  summary->set_simple_value(static_cast<float>(value));
  write_record(event.SerializeAsString());
}

void EventWriter::image(const std::string& tag, const std::string& png, int64_t width, int64_t height, int64_t step) {
  tensorboard::Summary::Value* summary = nullptr;
  const tensorboard::Event event = summary_event(tag, step, summary);
  auto* image = summary->mutable_image();
  image->set_height(static_cast<int32_t>(height));
  image->set_width(static_cast<int32_t>(width));
  image->set_colorspace(kRgb);
  image->set_encoded_image_string(png);
  write_record(event.SerializeAsString());
}

void EventWriter::text(const std::string& tag, const std::string& markdown, int64_t step) {
  tensorboard::Summary::Value* summary = nullptr;
  const tensorboard::Event event = summary_event(tag, step, summary);
  summary->mutable_metadata()->mutable_plugin_data()->set_plugin_name("text");
  auto* tensor = summary->mutable_tensor();
  tensor->set_dtype(kStringTensor);
  tensor->mutable_tensor_shape()->add_dim()->set_size(1);
  tensor->add_string_val(markdown);
  write_record(event.SerializeAsString());
}

void EventWriter::hyper_parameters(const std::map<std::string, HyperParameter>& parameters,
                                   const std::vector<std::string>& metric_tags) {
  const double now = seconds_since_epoch();
  tensorboard::HParamsPluginData experiment, start, end;
  for (const auto& [name, value] : parameters) {
    auto* info = experiment.mutable_experiment()->add_hparam_infos();
    info->set_name(name);
    info->set_type(type_of(value));
    set_value(value, (*start.mutable_session_start_info()->mutable_hparams())[name]);
  }
  for (const std::string& tag : metric_tags) {
    experiment.mutable_experiment()->add_metric_infos()->mutable_name()->set_tag(tag);
  }
  start.mutable_session_start_info()->set_start_time_secs(now);
  end.mutable_session_end_info()->set_status(kSuccess);
  end.mutable_session_end_info()->set_end_time_secs(now);
  plugin_summary("_hparams_/experiment", "hparams", experiment.SerializeAsString());
  plugin_summary("_hparams_/session_start_info", "hparams", start.SerializeAsString());
  plugin_summary("_hparams_/session_end_info", "hparams", end.SerializeAsString());
}

void EventWriter::plugin_summary(const std::string& tag, const std::string& plugin, const std::string& content) {
  tensorboard::Summary::Value* summary = nullptr;
  const tensorboard::Event event = summary_event(tag, 0, summary);
  auto* data = summary->mutable_metadata()->mutable_plugin_data();
  data->set_plugin_name(plugin);
  data->set_content(content);
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
