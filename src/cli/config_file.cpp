#include "cli/config_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cli/flag_names.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/strict_json.h"

namespace sure {

namespace {

using nlohmann::json;

template <class Number>
bool read_whole(const std::string& text, Number& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

/// Plain words by YAML 1.2's core schema, with True and False as the command line has them; quoted ones are text.
json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;
  if (text == "true" || text == "True") return true;
  if (text == "false" || text == "False") return false;
  int64_t whole = 0;
  if (read_whole(text, whole)) return whole;
  double number = 0;
  if (read_whole(text, number) && std::isfinite(number)) return number;
  return text;
}

json to_json(const YAML::Node& node, const std::string& origin) {
  const auto line = [&] { return node.Mark().line + 1; };
  if (node.IsScalar()) return scalar(node);
  if (node.IsSequence()) {
    json list = json::array();
    for (const YAML::Node& item : node) list.push_back(to_json(item, origin));
    return list;
  }
  if (!node.IsMap()) fail("{}, line {}: expected a value", origin, line());
  json object = json::object();
  for (const auto& item : node) {
    if (!item.first.IsScalar()) fail("{}, line {}: expected the name of a flag", origin, line());
    const std::string& name = item.first.Scalar();
    if (item.second.IsNull()) fail("{}, line {}: '{}' has no value", origin, item.first.Mark().line + 1, name);
    if (object.contains(name)) fail("{}, line {}: '{}' stands twice", origin, item.first.Mark().line + 1, name);
    object[name] = to_json(item.second, origin);
  }
  return object;
}

json read_yaml(const std::filesystem::path& path) {
  try {
    return to_json(YAML::Load(read_file(path)), path.string());
  } catch (const YAML::Exception& error) {
    fail("{}, line {}: not YAML ({})", path.string(), error.mark.line + 1, error.msg);
  }
}

/// The flag that a name in the file leads to, by the spellings of the command line.
std::string find_flag(const std::string& name, const std::vector<std::string>& flags,
                      const std::filesystem::path& path) {
  std::string plain = name;
  std::replace(plain.begin(), plain.end(), '-', '_');
  for (const std::string& flag : flags) {
    const std::vector<std::string> spellings = spellings_of(flag, flags);
    if (std::find(spellings.begin(), spellings.end(), "--" + plain) != spellings.end()) return flag;
  }
  const std::string nearest = nearest_name(plain, flags);
  fail("--config {}: unknown option '{}'{}", path.string(), name,
       nearest.empty() ? "" : fmt::format(": did you mean '{}'?", nearest));
}

}  // namespace

json read_config_file(const std::filesystem::path& path, const std::vector<std::string>& flags) {
  const std::string extension = path.extension().string();
  const json file = extension == ".yaml" || extension == ".yml" ? read_yaml(path) : read_json(path);
  if (!file.is_object()) return file;
  json named = json::object();
  for (const auto& [name, value] : file.items()) {
    const std::string flag = find_flag(name, flags, path);
    if (named.contains(flag)) fail("{}: '{}' stands twice", path.string(), flag);
    named[flag] = value;
  }
  return named;
}

}  // namespace sure
