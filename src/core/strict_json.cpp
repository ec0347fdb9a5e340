#include "core/strict_json.h"

#include <set>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"

namespace sure {

namespace {

constexpr int kMaxDepth = 32;
constexpr size_t kMaxQuoted = 200;

/// Keeps the keys of the objects that are open.
class DuplicateKeys {
 public:
  explicit DuplicateKeys(const std::string& origin) : origin_(origin) {}

  bool operator()(int depth, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > kMaxDepth) fail("{}: JSON is nested deeper than {} levels", origin_, kMaxDepth);
    if (event == Event::object_start) open_.emplace_back();
    if (event == Event::object_end) open_.pop_back();
    if (event == Event::key && !open_.back().insert(parsed.get<std::string>()).second) {
      fail("{}: key {} stands twice", origin_, quote(parsed.get<std::string>()));
    }
    return true;
  }

 private:
  const std::string& origin_;
  std::vector<std::set<std::string>> open_;
};

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& origin) {
  DuplicateKeys check(origin);
  try {
    return nlohmann::json::parse(text, std::ref(check));
  } catch (const nlohmann::json::parse_error& error) {
    fail("{}: not valid JSON (at byte {})", origin, error.byte);
  } catch (const nlohmann::json::exception&) {
    fail("{}: not valid JSON (a number is out of range)", origin);
  }
}

nlohmann::json read_json(const std::filesystem::path& path) { return parse_json(read_file(path), path.string()); }

std::string quote(std::string_view name) {
  const nlohmann::json text = std::string(name.substr(0, kMaxQuoted));
  return text.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace sure
