// Text of foreign origin (file names, labels, transcripts) for a terminal: nothing in it moves the cursor, changes
// colours or begins a line, and its width in columns is known.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sure {

/// `text` on one line: control characters, line separators, marks that turn the direction of writing and bytes that are
/// no UTF-8 become what one would write for them in C: \n, \t, \x1b, \u202e. The rest stays.
std::string printable(std::string_view text);

/// The same for text of several lines, which stay.
std::string printable_lines(std::string_view text);

/// JSON with everything that `printable` would replace inside its strings as \uXXXX: the same value. `json` is valid.
std::string printable_json(std::string_view json);

/// Columns of a terminal that printable text takes: 2 for "語", 0 for an accent that joins the letter before it.
size_t columns_of(std::string_view text);

/// Printable text in at most `most` columns, with "…" for what is left out at its end.
std::string cut_to_columns(std::string_view text, size_t most);

/// Printable text followed, or preceded, by as many spaces as it lacks of `columns`.
std::string pad_right(std::string_view text, size_t columns);
std::string pad_left(std::string_view text, size_t columns);

/// Lines of at most `most` columns: broken at spaces, which go, and inside a word only where it is longer than a line.
std::vector<std::string> wrap(std::string_view text, size_t most);

}  // namespace sure
