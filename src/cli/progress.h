#pragma once
// One line on stderr that shows how far a long command is; silent when stderr is no terminal.

#include <string>

#include "core/clock.h"

namespace thaw::cli {

class ProgressLine {
 public:
  /// `is_wanted` is false under --quiet. NO_COLOR and dumb terminals get plain text either way.
  ProgressLine(Clock& clock, bool is_wanted);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Whether the next text will be shown; for callers that have one every millisecond.
  [[nodiscard]] bool is_due() const { return is_on_ && clock_.now() >= next_; }
  /// Replaces the line, at most ten times a second; the text is cut to the terminal's width.
  void show(const std::string& text);
  /// Removes the line, so that other output can follow.
  void clear();

 private:
  Clock& clock_;
  bool is_shown_ = false;
  bool is_on_;
  MonotonicTime next_;
};

}  // namespace thaw::cli
