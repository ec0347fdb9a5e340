// transformers' vocab.json: {"<pad>": 0, "e": 1, …}, for MMS one such object for each language.
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "core/strict_json.h"
#include "text/counted.h"
#include "text/vocabulary.h"

namespace sure {

namespace {

using Json = nlohmann::json;

constexpr size_t kLanguagesShown = 20;
constexpr uint64_t kMostTokens = 1 << 20;  // no head of speech models comes near

/// Fit for a one-line message: control characters escaped.
std::string in_quotes(const std::string& token) { return Json(token).dump(); }

std::string languages_of(const Json& json) {
  std::vector<std::string> names;
  for (const auto& item : json.items()) names.push_back(item.key());
  return name_some(names, kLanguagesShown);
}

bool is_nested(const Json& json, const std::string& file) {
  if (!json.is_object() || json.empty()) fail("{}: expected a JSON object of token and number", file);
  return json.front().is_object();
}

/// The object of tokens in a file of many.
const Json& tokens_of(const Json& json, const std::string& language, const std::string& file) {
  if (language.empty()) fail("{}: holds a vocabulary for each language, name one of {}", file, languages_of(json));
  const auto found = json.find(language);
  if (found == json.end()) fail("{}: no language '{}', it has {}", file, language, languages_of(json));
  if (!found->is_object()) fail("{}: language '{}' is no object of token and number", file, language);
  return *found;
}

}  // namespace

VocabJson read_vocab_json(const std::filesystem::path& path, const std::string& language,
                          const std::string& usual_language) {
  const std::string file = path.string();
  const Json json = read_json(path);
  VocabJson result;
  result.has_languages = is_nested(json, file);
  if (!result.has_languages && !language.empty()) {
    fail("{}: holds one vocabulary, not one for language '{}'", file, language);
  }
  const std::string& wanted = language.empty() ? usual_language : language;
  const Json& numbers = result.has_languages ? tokens_of(json, wanted, file) : json;
  for (const auto& [token, number] : numbers.items()) {
    if (token.empty()) fail("{}: a token is empty, expected text", file);
    const bool fits = number.is_number_unsigned() && number.get<uint64_t>() < kMostTokens;
    if (!fits) fail("{}: token {} has number {}, expected 0, 1, 2 …", file, in_quotes(token), number.dump());
    const auto [place, is_new] = result.tokens.emplace(number.get<int64_t>(), token);
    if (is_new) continue;
    fail("{}: tokens {} and {} have the same number {}", file, in_quotes(place->second), in_quotes(token),
         number.dump());
  }
  return result;
}

void write_vocab_json(const std::filesystem::path& path, const Vocabulary& vocabulary) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (int64_t number = 0; number < vocabulary.size(); ++number) {
    const std::string& token = vocabulary.tokens()[static_cast<size_t>(number)];
    if (token != unused_token(number)) json[token] = number;
  }
  write_file(path, json_text(json));
}

}  // namespace sure
