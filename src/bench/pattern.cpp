#include "bench/pattern.h"

#define BOOST_REGEX_STANDALONE
#include <boost/regex.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace thaw {

struct Pattern::Compiled {
  std::string text;
  boost::regex regex;
};

Result<Pattern> Pattern::compile(std::string_view text) {
  try {
    auto compiled = std::make_shared<Compiled>();
    compiled->text = text;
    compiled->regex.assign(text.begin(), text.end(), boost::regex::perl | boost::regex::optimize);
    return Pattern(std::move(compiled));
  } catch (const boost::regex_error& wrong) {
    return fail(ErrorKind::bad_usage, "the pattern '{}' is wrong at character {}: {}", text,
                wrong.position() + 1, boost::regex_traits<char>().error_string(wrong.code()));
  } catch (const std::runtime_error& wrong) {
    return fail(ErrorKind::bad_usage, "the pattern '{}' is wrong: {}", text, wrong.what());
  }
}

Result<> Pattern::each_match(std::string_view text,
                             const std::function<void(std::string_view)>& found) const {
  const std::size_t group = compiled_->regex.mark_count() > 0 ? 1 : 0;
  try {
    boost::cregex_iterator match(text.data(), text.data() + text.size(), compiled_->regex,
                                 boost::match_not_dot_newline);
    for (; match != boost::cregex_iterator(); ++match) {
      const auto& part = (*match)[static_cast<int>(group)];
      if (part.matched) found({part.first, static_cast<std::size_t>(part.length())});
    }
  } catch (const std::runtime_error&) {
    return fail_at(ErrorKind::run_failed,
                   fmt::format("the pattern '{}' needs too many steps on this output", compiled_->text), {},
                   "avoid nested repeats such as (a+)+");
  }
  return {};
}

}  // namespace thaw
