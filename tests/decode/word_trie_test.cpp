#include "decode/word_trie.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure::test {

using ::testing::HasSubstr;

namespace {

const TokenTable kTokens({"_", "|", "a", "b", "é", "B-slot"}, 0, 1);

class WordTrieFile : public ::testing::Test {
 protected:
  WordTrie load(const std::string& text) {
    write_file(folder_ / "words.txt", text);
    return {folder_ / "words.txt", kTokens};
  }

  /// The word that these tokens spell, or what is wrong.
  static std::string word(const WordTrie& trie, const std::vector<int64_t>& tokens) {
    int32_t node = WordTrie::kRoot;
    for (const int64_t token : tokens) {
      node = trie.next(node, token);
      if (node < 0) return "no way on";
    }
    return trie.word(node) == nullptr ? "unfinished" : *trie.word(node);
  }

  TemporaryFolder folder_;
};

}  // namespace

TEST_F(WordTrieFile, SpellsWordsInCharacters) {
  const WordTrie trie = load("ab\n\nabé\r\nb");
  EXPECT_EQ(word(trie, {2}), "unfinished");
  EXPECT_EQ(word(trie, {2, 3}), "ab");
  EXPECT_EQ(word(trie, {2, 3, 4}), "abé");
  EXPECT_EQ(word(trie, {3}), "b");
  EXPECT_EQ(word(trie, {3, 3}), "no way on");
  EXPECT_EQ(word(trie, {}), "unfinished");
}

TEST_F(WordTrieFile, TakesPronunciations) {
  const WordTrie trie = load("one\ta b\ntwo b a |\nalso_two b a\n");
  EXPECT_EQ(word(trie, {2, 3}), "one");
  EXPECT_EQ(word(trie, {3, 2}), "two");  // the first of two words that sound the same
}

TEST_F(WordTrieFile, TakesTheOtherCase) {
  const WordTrie capitals = load("AB\nB B A É |\nab\n");
  EXPECT_EQ(word(capitals, {2, 3}), "ab");
  EXPECT_EQ(word(capitals, {3, 2, 4}), "b") << "spelled in letters of the other case";
  const TokenTable upper({"_", "|", "A", "B"}, 0, 1);
  write_file(folder_ / "words.txt", "aB\nAb x");
  EXPECT_THAT(message_of([&] { WordTrie(folder_ / "words.txt", upper); }), HasSubstr("'x' in 'Ab'"));
  write_file(folder_ / "words.txt", "aB\n");
  EXPECT_EQ(word(WordTrie(folder_ / "words.txt", upper), {2, 3}), "AB");
}

TEST_F(WordTrieFile, RefusesWhatTheVocabularyCannotSpell) {
  EXPECT_THAT(message_of([&] { load("ab\nabc\n"); }), HasSubstr("words.txt:2: expected words that letters"));
  EXPECT_THAT(message_of([&] { load("ab\nabc\n"); }), HasSubstr("found 'c' in 'abc'"));
  EXPECT_THAT(message_of([&] { load("word a _ b\n"); }), HasSubstr("found '_' in 'word'"));
  EXPECT_THAT(message_of([&] { load("word a B-slot\n"); }), HasSubstr("found 'B-slot' in 'word'"));
  EXPECT_THAT(message_of([&] { load("ab\na\xFF\n"); }), HasSubstr("words.txt:2: expected UTF-8 text"));
  EXPECT_THAT(message_of([&] { load("\n\n"); }), HasSubstr("expected a word on each line, found the end of the file"));
}

}  // namespace sure::test
