// transformers' vocab.json: {"<pad>": 0, "e": 1, …}, for MMS one such object for each language.
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/strict_json.h"
#include "text/vocabulary.h"

namespace sure {

namespace {

using Json = nlohmann::json;

constexpr size_t kLanguagesShown = 20;

/// Fit for a one-line message: control characters escaped.
std::string in_quotes(const std::string& token) { return Json(token).dump(); }

std::string languages_of(const Json& json) {
  std::vector<std::string> names;
  for (const auto& [name, tokens] : json.items()) {
    if (names.size() < kLanguagesShown) names.push_back(name);
  }
  const size_t more = json.size() - names.size();
  return fmt::format("{}{}", fmt::join(names, ", "), more == 0 ? "" : fmt::format(" and {} more", more));
}

/// The object of tokens in a file that may hold many.
Json tokens_of(const Json& json, const std::string& language, const std::string& file) {
  if (!json.is_object() || json.empty()) fail("{}: expected a JSON object of token and number", file);
  const bool nested = json.front().is_object();
  if (!nested && !language.empty()) fail("{}: holds one vocabulary, not one for language '{}'", file, language);
  if (!nested) return json;
  if (language.empty()) fail("{}: holds a vocabulary for each language, name one of {}", file, languages_of(json));
  const auto found = json.find(language);
  if (found == json.end()) fail("{}: no language '{}', it has {}", file, language, languages_of(json));
  if (!found->is_object()) fail("{}: language '{}' is no object of token and number", file, language);
  return *found;
}

}  // namespace

Vocabulary read_vocab_json(const std::filesystem::path& path, const std::string& language) {
  const std::string file = path.string();
  const Json json = read_json(path);
  const Json& numbers = tokens_of(json, language, file);
  std::vector<std::string> tokens(numbers.size());
  for (const auto& [token, number] : numbers.items()) {
    if (token.empty()) fail("{}: a token is empty, expected text", file);
    const bool fits = number.is_number_unsigned() && number.get<uint64_t>() < tokens.size();
    if (!fits)
      fail("{}: token {} has number {}, expected 0 to {}", file, in_quotes(token), number.dump(), tokens.size() - 1);
    std::string& place = tokens[number.get<size_t>()];
    if (!place.empty()) {
      fail("{}: tokens {} and {} have the same number {}", file, in_quotes(place), in_quotes(token), number.dump());
    }
    place = token;
  }
  try {
    return Vocabulary(std::move(tokens));
  } catch (const Error& error) {
    fail("{}: {}", file, error.what());
  }
}

void write_vocab_json(const std::filesystem::path& path, const Vocabulary& vocabulary) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const std::string& token : vocabulary.tokens()) json[token] = json.size();
  write_file(path, json.dump(2) + "\n");
}

}  // namespace sure
