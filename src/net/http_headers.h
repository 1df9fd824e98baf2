#pragma once
// The header fields of a message. All text lies in one piece of memory that is used again for the next message, so a
// connection that reads one request after the other allocates nothing for them.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thaw {

/// Names and values in the order they came. Names that were read from a connection are in lower case.
class HttpHeaders {
 public:
  using value_type = std::pair<std::string_view, std::string_view>;

  /// Walks over (name, value) pairs, which are valid until the headers change.
  class const_iterator {
   public:
    using value_type = HttpHeaders::value_type;
    using difference_type = std::ptrdiff_t;
    using reference = value_type;
    using pointer = void;
    using iterator_category = std::input_iterator_tag;
    const_iterator() = default;
    value_type operator*() const { return (*of_)[at_]; }
    const_iterator& operator++() {
      ++at_;
      return *this;
    }
    const_iterator operator++(int) { return {of_, at_++}; }
    friend bool operator==(const const_iterator& a, const const_iterator& b) { return a.at_ == b.at_; }

   private:
    friend class HttpHeaders;
    const_iterator(const HttpHeaders* of, std::size_t at) : of_(of), at_(at) {}
    const HttpHeaders* of_ = nullptr;
    std::size_t at_ = 0;
  };
  using iterator = const_iterator;

  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<value_type> fields);

  void add(std::string_view name, std::string_view value);
  /// The same with the name in lower case.
  void add_lowered(std::string_view name, std::string_view value);
  /// The first value of that name, whatever its case; nullopt when absent. REQUIRES: `name` is in lower case.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// Forgets the fields and keeps the memory.
  void clear();

  [[nodiscard]] bool empty() const { return fields_.empty(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] value_type operator[](std::size_t at) const;
  [[nodiscard]] const_iterator begin() const { return {this, 0}; }
  [[nodiscard]] const_iterator end() const { return {this, fields_.size()}; }

 private:
  struct Field {
    std::uint32_t begin;
    std::uint32_t name_bytes;
    std::uint32_t value_bytes;
  };
  std::string text_;  ///< Name, value, name, value, …
  std::vector<Field> fields_;
};

/// Whether two words of a header are the same, whatever their case. REQUIRES: `lower` is in lower case.
bool is_same_word(std::string_view word, std::string_view lower);
/// Without blanks and tabs at both ends.
std::string_view without_blanks(std::string_view text);
/// Whether a header's list of words between commas has one, whatever its case. REQUIRES: `lower` is in lower case.
bool has_word(std::string_view list, std::string_view lower);

}  // namespace thaw
