#include "access/regex_program.h"

#include <algorithm>
#include <cstddef>

namespace srs::access {
namespace {

constexpr char32_t beyond_unicode = 0x110000;

// Of a lead byte; 0 if it is none.
std::size_t sequence_size(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

using Kind = RegexInstruction::Kind;

class RegexMachine {
 public:
  RegexMachine(const RegexProgram& program, std::size_t text_size)
      : program_(program), seen_at_(program.size() + 1, text_size + 1), text_size_(text_size) {}

  bool run(const std::vector<char32_t>& text) {
    for (std::size_t at = 0; at <= text.size(); ++at) {
      reach(0, at);  // it may begin anywhere
      for (const std::size_t state : arrived_) reach(state, at);
      if (found_) return true;
      arrived_.clear();
      if (at == text.size()) return false;
      for (const std::size_t state : taking_)
        if (program_[state].characters.has(text[at])) arrived_.push_back(state + 1);
      taking_.clear();
    }
    return false;
  }

 private:
  // Adds all that a state leads to without a character.
  void reach(std::size_t start, std::size_t at) {
    pending_.push_back(start);
    while (!pending_.empty()) {
      const std::size_t state = pending_.back();
      pending_.pop_back();
      if (seen_at_[state] == at) continue;
      seen_at_[state] = at;
      if (state == program_.size())
        found_ = true;
      else
        follow(state, at);
    }
  }

  void follow(std::size_t state, std::size_t at) {
    const RegexInstruction& instruction = program_[state];
    const auto go = [&](int step) {
      pending_.push_back(static_cast<std::size_t>(static_cast<int>(state) + step));
    };
    switch (instruction.kind) {
      case Kind::take:
        return taking_.push_back(state);
      case Kind::begin:
        return at == 0 ? go(1) : void();
      case Kind::end:
        return at == text_size_ ? go(1) : void();
      case Kind::split:
        go(instruction.second);
        break;
      case Kind::jump:
        break;
    }
    go(instruction.first);
  }

  const RegexProgram& program_;
  std::vector<std::size_t> seen_at_;  // where in the text each state was reached last
  const std::size_t text_size_;
  std::vector<std::size_t> pending_, taking_, arrived_;
  bool found_ = false;
};

}  // namespace

std::vector<char32_t> characters_of(std::string_view text) {
  std::vector<char32_t> characters;
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = sequence_size(lead);
    char32_t character = size == 1 ? lead : lead & (0x7fu >> size);
    bool whole = size > 0 && size <= text.size();
    for (std::size_t i = 1; whole && i < size; ++i) {
      whole = (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80;
      character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
    }
    characters.push_back(whole ? character : beyond_unicode + lead);
    text.remove_prefix(whole ? size : 1);
  }
  return characters;
}

bool CharacterClass::has(char32_t character) const {
  const bool listed = std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
    return character >= range.first && character <= range.second;
  });
  return listed != negated;
}

bool is_found(const RegexProgram& program, std::string_view text) {
  const auto characters = characters_of(text);
  return RegexMachine(program, characters.size()).run(characters);
}

}  // namespace srs::access
