// RegexProgram: what a regular expression becomes, and the machine that runs it.
//
// The machine is in all states at once that the characters so far allow (Thompson's construction), so the
// time is at most the product of the text's and the program's sizes, whatever the expression. Those of
// regcomp(3) and std::regex take exponentially long for some: "a?{1,}{0,8}{0,8}" keeps glibc's busy for ever.
// Expressions come in tokens, so that counts.
//
// Targets are relative: a program can be put behind, into and in front of others as it is. Values; any
// thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace srs::access {

// Characters of a text in UTF-8; bytes that are none are characters beyond all others.
std::vector<char32_t> characters_of(std::string_view text);

struct CharacterClass {
  std::vector<std::pair<char32_t, char32_t>> ranges;  // first and last
  bool negated = false;

  bool has(char32_t character) const;
};

struct RegexInstruction {
  enum class Kind : std::uint8_t {
    take,   // a character of the class, then the next instruction
    begin,  // goes on only before the first character
    end,    // goes on only behind the last one
    jump,   // to first
    split,  // to first and to second
  };
  Kind kind = Kind::jump;
  int first = 1, second = 1;    // relative
  CharacterClass characters{};  // of take
};

// Its end is behind its last instruction.
using RegexProgram = std::vector<RegexInstruction>;

// Whether any part of the text is what the program describes.
bool is_found(const RegexProgram& program, std::string_view text);

}  // namespace srs::access
